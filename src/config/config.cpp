#include "config/config.h"

#include <algorithm>
#include <cstdlib>

#include "config/config_check.h"
#include "config/policy_settings.h"
#include "config/settings.h"
#include "runtime/files.h"
#include "store/victoria_store.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

/// Reads the sections one by one; what is wrong gathers in the settings.
class Reader {
 public:
  Reader(Settings& settings, const ConfigSource& source)
      : settings_(settings), source_(source), base_(base_of(source)) {}

  Config read();

 private:
  static fs::path base_of(const ConfigSource& source) {
    return source.file ? source.file->parent_path() : fs::path{};
  }
  [[nodiscard]] fs::path whole(const std::string& text) const;
  void path(std::string_view key, fs::path& out);
  void path(std::string_view key, std::string& out);
  void secret(const std::string& key, Secret& out);
  void environment(const std::string& name, Secret& out);

  void agent(AgentConfig& agent);
  void credentials(const AgentConfig& agent, AgentCredentials& agents);
  void monitor(Config& config);
  void store(Config& config);
  void orchestrator(Config& config);
  void hooks(HookConfig& hooks);
  void ssh(Config& config);
  void web(WebConfig& web);

  Settings& settings_;
  const ConfigSource& source_;
  fs::path base_;
};

/// "~/" is the user's home; what is relative is relative to the file that says it.
fs::path Reader::whole(const std::string& text) const {
  const auto home = source_.environment("HOME");
  if (text.starts_with("~/") && home) return fs::path{*home} / text.substr(2);
  return base_ / text;
}

void Reader::path(std::string_view key, fs::path& out) {
  std::string text = out.string();
  settings_.read(key, text);
  if (text.empty()) {
    settings_.problem(key, "must not be empty");
  } else {
    out = whole(text);
  }
}

void Reader::path(std::string_view key, std::string& out) {
  settings_.read(key, out);
  if (!out.empty()) out = whole(out).string();
}

/// What the file says that the key names, now and later.
void Reader::secret(const std::string& key, Secret& out) {
  std::string file;
  path(key, file);
  if (file.empty()) return;
  auto content = SecretFile::open(file);
  if (content) {
    out = Secret{std::move(*content)};
  } else {
    settings_.problem(key, content.error().message);
  }
}

void Reader::environment(const std::string& name, Secret& out) {
  if (auto value = source_.environment(name); value && !value->empty()) out = std::move(*value);
}

void Reader::agent(AgentConfig& agent) {
  settings_.read("agent.listen", agent.listen);
  settings_.read("agent.docker", agent.docker);
  settings_.read("agent.sample_every", agent.sample_every);
  settings_.read("agent.scope", agent.scope);
  std::string root = agent.root;
  settings_.read("agent.root", root);
  agent.root = root;
  path("agent.token_file", agent.token_file);
  path("agent.tls_cert", agent.tls_cert);
  path("agent.tls_key", agent.tls_key);
  path("monitor.tls_ca", agent.tls_ca);
}

/// The fleet has one token and one authority: agents ask for the token, the monitor presents it;
/// the monitor checks an agent's certificate as an agent does that measures the way to another.
void Reader::credentials(const AgentConfig& agent, AgentCredentials& agents) {
  settings_.read("monitor.tls", agents.tls);
  if (auto token = SecretFile::open(agent.token_file)) {
    agents.token = std::make_shared<SecretFile>(std::move(*token));
  } else {
    settings_.problem("agent.token_file", token.error().message);
  }
  if (agent.tls_ca.empty()) return;
  if (auto trust = TlsTrust::load(agent.tls_ca)) {
    agents.trust = std::move(*trust);
  } else {
    settings_.problem("monitor.tls_ca", trust.error().message);
  }
}

void Reader::monitor(Config& config) {
  settings_.read("monitor.interval", config.monitor.interval);
  // An interval made short takes the default time-out with it.
  config.monitor.timeout = std::min(config.monitor.timeout, config.monitor.interval);
  settings_.read("monitor.timeout", config.monitor.timeout);
  settings_.read("monitor.backoff_max", config.monitor.backoff_max);
  int polls_max = static_cast<int>(config.monitor.polls_max);
  settings_.read("monitor.polls_max", polls_max);
  config.monitor.polls_max = static_cast<std::size_t>(std::max(polls_max, 0));
  Bytes answer{config.monitor.body_bytes_max};
  settings_.read("monitor.answer_bytes_max", answer);
  config.monitor.body_bytes_max = count(answer);
  settings_.read("monitor.listen", config.monitor.listen);
  secret("monitor.listen_token_file", config.monitor.listen_token);
  credentials(config.agent, config.monitor.agents);
  config.policy.sample_every = config.monitor.interval;
}

void Reader::store(Config& config) {
  auto& store = config.store;
  settings_.read("store.kind", store.kind);
  if (store.kind == "victoriametrics") store.url = VictoriaConfig{}.url;
  settings_.read("store.url", store.url);
  settings_.read("store.read_url", store.read_url);
  settings_.read("store.database", store.database);
  settings_.read("store.org", store.org);
  settings_.read("store.username", store.username);
  settings_.read("store.container_id_tag", store.container_id_tag);
  settings_.read("store.keep_raw", store.keep.raw);
  settings_.read("store.keep_rollups", store.keep.rollups);
  settings_.read("store.bytes_max", store.keep.bytes_max);
  secret("store.password_file", store.password);
  secret("store.token_file", store.token);
  environment("PLIMSOLL_STORE_PASSWORD", store.password);
  environment("PLIMSOLL_STORE_TOKEN", store.token);
  store.sqlite_file = config.data_dir / "telemetry.db";
  auto& spool = config.monitor.spool;
  spool.folder = config.data_dir / "spool";
  Bytes bytes{spool.limits.bytes_max};
  settings_.read("store.spool_bytes", bytes);
  spool.limits.bytes_max = count(bytes);
  settings_.read("store.spool_age", spool.limits.age_max);
  config.monitor.container_id_tag = store.container_id_tag;
}

void Reader::orchestrator(Config& config) {
  auto& orchestrator = config.orchestrator;
  settings_.read_word<Mode>(
      "orchestrator.mode", orchestrator.mode,
      {{"observe", Mode::observe}, {"ask", Mode::ask}, {"auto", Mode::automatic}});
  settings_.read_word<Strategy>("orchestrator.strategy", orchestrator.strategy,
                                {{"warm", Strategy::warm}, {"cold", Strategy::cold}});
  settings_.read("orchestrator.retention", orchestrator.retention);
  settings_.read("orchestrator.retention_bytes", orchestrator.retention_bytes);
  settings_.read("orchestrator.forward", orchestrator.forward);
  settings_.read("orchestrator.lease", orchestrator.lease);
  settings_.read("orchestrator.rate_limit", orchestrator.rate_limit);
  settings_.read("orchestrator.take_over", orchestrator.take_over);
  hooks(orchestrator.hooks);
  settings_.read("orchestrator.step_timeout", orchestrator.step_timeout);
  settings_.read("orchestrator.stall_timeout", orchestrator.stall_timeout);
  settings_.read("orchestrator.health_timeout", orchestrator.health_timeout);
  settings_.read("orchestrator.stable_for", orchestrator.stable_for);
  orchestrator.journal_file = config.data_dir / "journal.db";
  const auto store = parse_http_target(config.store.url);
  if (config.store.kind != "sqlite" && store) {
    orchestrator.store_host = store->host;
    orchestrator.store_port = store->port;
  }
  read_policy(settings_, config.policy);
}

void Reader::hooks(HookConfig& hooks) {
  for (const auto& phase : hook_phases()) {
    std::vector<std::string> words;
    settings_.read("hooks." + phase, words);
    if (!words.empty()) hooks.at.emplace(phase, std::move(words));
  }
  settings_.read("hooks.timeout", hooks.timeout);
  secret("hooks.secret_file", hooks.secret);
}

void Reader::ssh(Config& config) {
  settings_.read("ssh.user", config.ssh.user);
  path("ssh.key", config.ssh.key);
  path("ssh.config", config.ssh.config);
  path("ssh.known_hosts", config.ssh.known_hosts);
  settings_.read("ssh.connect_timeout", config.ssh.connect_timeout);
  config.ssh.socket_dir = config.data_dir / "ssh";
}

void Reader::web(WebConfig& web) {
  settings_.read("web.listen", web.listen);
  secret("web.token_file", web.token);
}

Config Reader::read() {
  Config config;
  if (source_.file) config.file = *source_.file;
  path("hosts", config.hosts);
  path("data_dir", config.data_dir);
  agent(config.agent);
  monitor(config);
  store(config);
  orchestrator(config);
  ssh(config);
  web(config.web);
  return config;
}

}  // namespace

std::optional<std::string> ConfigSource::process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

Result<Config> load_config(const ConfigSource& source) {
  std::string text;
  if (source.file) {
    auto content = read_file(*source.file);
    if (!content) return Error{Errc::invalid, content.error().message};
    text = std::move(*content);
  }
  Settings settings{text, source.file ? source.file->string() : "configuration"};
  for (const auto& assignment : source.overrides) settings.override_with(assignment);
  auto config = Reader{settings, source}.read();
  check_config(config, settings);
  settings.refuse_unknown();
  config.given = settings.given_values();
  if (auto problems = settings.problems(); !problems.empty()) {
    return Error{Errc::invalid, std::move(problems)};
  }
  return config;
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : before.given) {
    const auto now = after.given.find(key);
    if (now == after.given.end() || now->second != value) keys.push_back(key);
  }
  for (const auto& [key, value] : after.given) {
    if (!before.given.contains(key)) keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace plimsoll
