#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/golden.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path{PLIMSOLL_TEST_DATA} / "config";

std::optional<std::string> no_environment(const std::string& /*name*/) { return std::nullopt; }

ConfigSource source_of(const fs::path& file) {
  ConfigSource source;
  source.file = file;
  source.environment = no_environment;
  return source;
}

ConfigSource overridden(std::vector<std::string> overrides) {
  ConfigSource source;
  source.overrides = std::move(overrides);
  source.environment = no_environment;
  return source;
}

std::string message_of(const ConfigSource& source) {
  const auto config = load_config(source);
  return config ? "fine" : config.error().message;
}

/// Without the folder of this checkout.
std::string shortened(std::string text) {
  const std::string prefix = folder.string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
    text.erase(at, prefix.size());
  }
  return text;
}

std::vector<std::string> files_ending(const std::string& suffix) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename();
    if (name.ends_with(suffix)) names.push_back(name.substr(0, name.size() - suffix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class GoodConfig : public testing::TestWithParam<std::string> {};
TEST_P(GoodConfig, IsTaken) {
  EXPECT_EQ(message_of(source_of(folder / (GetParam() + ".good.toml"))), "fine");
}
INSTANTIATE_TEST_SUITE_P(Config, GoodConfig, testing::ValuesIn(files_ending(".good.toml")),
                         [](const auto& chosen) { return chosen.param; });

class BadConfig : public testing::TestWithParam<std::string> {};
TEST_P(BadConfig, NamesEveryProblem) {
  const auto config = load_config(source_of(folder / (GetParam() + ".bad.toml")));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, Errc::invalid);
  const std::string message = shortened(config.error().message) + "\n";
  EXPECT_EQ(message, test::golden_for("config/" + GetParam() + ".bad.txt", message));
}
INSTANTIATE_TEST_SUITE_P(Config, BadConfig, testing::ValuesIn(files_ending(".bad.toml")),
                         [](const auto& chosen) { return chosen.param; });

TEST(Config, DefaultsAreThoseOfTheDesign) {
  const auto config = load_config(overridden({}));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->hosts, "host.csv");
  EXPECT_EQ(config->agent.listen, "0.0.0.0:5002");
  EXPECT_EQ(config->monitor.interval, Duration{5'000});
  EXPECT_EQ(config->monitor.timeout, Duration{3'000});
  EXPECT_EQ(config->store.kind, "sqlite");
  EXPECT_EQ(config->store.sqlite_file, "data/telemetry.db");
  EXPECT_EQ(config->monitor.spool.folder, "data/spool");
  EXPECT_EQ(config->orchestrator.mode, Mode::ask);
  EXPECT_EQ(config->orchestrator.strategy, Strategy::warm);
  EXPECT_EQ(config->orchestrator.journal_file, "data/journal.db");
  EXPECT_EQ(config->policy.scalar, Scalar::max);
  EXPECT_EQ(config->web.listen, "127.0.0.1:8480");
}

TEST(Config, TheShippedFileSaysTheDefaults) {
  const auto shipped = load_config(source_of(folder / "defaults.good.toml"));
  const auto defaults = load_config(overridden({}));
  ASSERT_TRUE(shipped && defaults);
  EXPECT_EQ(shipped->hosts, folder / "host.csv");
  EXPECT_EQ(shipped->agent.docker, defaults->agent.docker);
  EXPECT_EQ(shipped->monitor.timeout, defaults->monitor.timeout);
  EXPECT_EQ(shipped->monitor.polls_max, defaults->monitor.polls_max);
  EXPECT_EQ(shipped->orchestrator.retention, defaults->orchestrator.retention);
  EXPECT_EQ(shipped->policy.line.storage, defaults->policy.line.storage);
  EXPECT_EQ(shipped->policy.hold.n, defaults->policy.hold.n);
  EXPECT_EQ(shipped->web.listen, defaults->web.listen);
}

TEST(Config, ReadsWhenAndWhereNothingIsHurried) {
  const auto config = load_config(source_of(folder / "everything.good.toml"));
  ASSERT_TRUE(config);
  const auto weekdays = QuietHours::parse("Mon-Fri 08:00-18:00; daily 23:00-01:00");
  EXPECT_EQ(config->policy.quiet, *weekdays);
  EXPECT_EQ(config->policy.detector, Detector::local_regression);
  EXPECT_EQ(config->policy.aggressiveness, 2.5);
  EXPECT_TRUE(config->policy.forecast);
  EXPECT_EQ(config->policy.line.pressure, 40);
  EXPECT_TRUE(config->policy.rebalance);
  EXPECT_EQ(config->policy.rebalance_from, 0.6);
  EXPECT_EQ(config->policy.learn_half_life, Duration{24 * 3'600'000});
}

TEST(Config, ReadsLabelsForContainersWithoutTheirOwn) {
  const auto config = load_config(source_of(folder / "everything.good.toml"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->policy.labels,
            (std::map<std::string, std::string>{{"plimsoll.move", "ask"},
                                                {"plimsoll.max-downtime", "10s"},
                                                {"plimsoll.quiet", "daily 02:00-03:00"},
                                                {"plimsoll.priority", "-5"}}));
}

TEST(Config, ReadsEverySection) {
  const auto config = load_config(source_of(folder / "everything.good.toml"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->hosts, folder / "hosts/all.csv");
  EXPECT_EQ(config->data_dir, "/var/lib/plimsoll");
  EXPECT_EQ(config->agent.scope, "/lab/h1");
  EXPECT_EQ(config->monitor.timeout, Duration{1'500});
  EXPECT_EQ(config->monitor.polls_max, 100U);
  EXPECT_TRUE(config->monitor.agents.tls);
  EXPECT_FALSE(config->monitor.container_id_tag);
  EXPECT_EQ(config->store.database, "fleet");
  EXPECT_EQ(config->monitor.spool.folder, "/var/lib/plimsoll/spool");
  EXPECT_EQ(config->monitor.spool.limits.bytes_max, 256 * mib);
  EXPECT_EQ(config->monitor.spool.limits.age_max, std::chrono::hours{6});
  EXPECT_EQ(config->orchestrator.mode, Mode::automatic);
  EXPECT_EQ(config->policy.scalar, Scalar::sum);
  EXPECT_EQ(config->policy.line.cpu, 70.5);
  EXPECT_EQ(config->policy.line.memory, 85);
  EXPECT_EQ(config->policy.sample_every, Duration{2'000});
  EXPECT_EQ(config->policy.hold.k, 2);
  EXPECT_EQ(config->policy.allowed_bind_mounts, std::vector<std::string>{"/srv"});
  EXPECT_EQ(config->ssh.key, folder / "id_plimsoll");
}

TEST(Config, AStoreHasTheDefaultsOfItsKind) {
  const auto source = overridden(
      {"store.kind=victoriametrics", "store.read_url=http://vmselect:8481/select/0/prometheus",
       "store.keep_raw=2h", "store.keep_rollups=7d", "store.bytes_max=512MiB"});
  const auto config = load_config(source);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store.url, "http://127.0.0.1:8428");
  EXPECT_EQ(config->store.read_url, "http://vmselect:8481/select/0/prometheus");
  EXPECT_EQ(config->store.keep.raw, std::chrono::hours{2});
  EXPECT_EQ(config->store.keep.rollups, std::chrono::hours{7 * 24});
  EXPECT_EQ(config->store.keep.bytes_max, Bytes{512U << 20});
  EXPECT_EQ(load_config(overridden({}))->store.url, "http://127.0.0.1:8086");
}

TEST(Config, OverridesWin) {
  auto source = source_of(folder / "everything.good.toml");
  source.overrides = {"monitor.interval=10s", "orchestrator.line.cpu=60", "store.kind=\"sqlite\"",
                      "orchestrator.hold=[1, 1]"};
  const auto config = load_config(source);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->monitor.interval, Duration{10'000});
  EXPECT_EQ(config->policy.line.cpu, 60);
  EXPECT_EQ(config->store.kind, "sqlite");
  EXPECT_EQ(config->policy.hold.n, 1);
}

TEST(Config, AShortIntervalTakesTheTimeoutWithIt) {
  const auto config = load_config(overridden({"monitor.interval=1s"}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->monitor.timeout, Duration{1'000});
}

TEST(Config, OverridesAreCheckedToo) {
  EXPECT_EQ(message_of(overridden({"monitor.intervall=10s"})),
            "--set monitor.intervall: no such key; did you mean 'monitor.interval'?");
  EXPECT_EQ(message_of(overridden({"monitor"})),
            "--set monitor: write KEY=VALUE, such as monitor.interval=10s");
  EXPECT_EQ(message_of(overridden({"hosts.file=x"})), "--set hosts.file: must be a text in quotes");
  EXPECT_THAT(message_of(overridden({"monitor.interval=soon"})),
              testing::StartsWith("--set monitor.interval: "));
}

TEST(Config, AMissingFileIsNamed) {
  EXPECT_NE(message_of(source_of("/no/such/plimsoll.toml")).find("/no/such/plimsoll.toml"),
            std::string::npos);
}

TEST(Config, SecretsComeFromFilesAndTheEnvironment) {
  const TempDir temp;
  std::ofstream{temp.path() / "password"} << "hunter2\n";
  std::ofstream{temp.path() / "plimsoll.toml"} << "[store]\npassword_file = \"password\"\n"
                                               << "[agent]\ntoken_file = \"password\"\n";
  auto source = source_of(temp.path() / "plimsoll.toml");
  auto config = load_config(source);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store.password.current(), "hunter2");
  EXPECT_EQ(config->agent.token_file, temp.path() / "password");
  EXPECT_EQ(config->monitor.agents.token->current(), "hunter2");

  source.environment = [](const std::string& name) {
    return name == "PLIMSOLL_STORE_PASSWORD" ? std::optional<std::string>{"better"} : std::nullopt;
  };
  config = load_config(source);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->store.password.current(), "better");
}

TEST(Config, AnOpenWebAddressNeedsAToken) {
  const TempDir temp;
  std::ofstream{temp.path() / "token"} << "secret\n";
  const std::string token = "web.token_file=" + (temp.path() / "token").string();
  EXPECT_NE(message_of(overridden({"web.listen=0.0.0.0:80"})).find("needs web.token_file"),
            std::string::npos);
  EXPECT_EQ(message_of(overridden({"web.listen=0.0.0.0:80", token})), "fine");
}

TEST(ConfigChange, NamesTheKeysThatDiffer) {
  const auto before = load_config(overridden({"monitor.interval=5s", "ssh.user=x"}));
  const auto after =
      load_config(overridden({"monitor.interval=10s", "ssh.user=x", "orchestrator.line.cpu=70",
                              "orchestrator.hold=[1,2]"}));
  ASSERT_TRUE(before) << before.error().message;
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_THAT(
      changed_keys(*before, *after),
      testing::ElementsAre("monitor.interval", "orchestrator.hold", "orchestrator.line.cpu"));
  EXPECT_TRUE(changed_keys(*after, *after).empty());
}

TEST(ConfigMonitor, ItsPageForOthersNeedsAToken) {
  EXPECT_THAT(message_of(overridden({"monitor.listen=0.0.0.0:5003"})),
              testing::HasSubstr("needs monitor.listen_token_file"));
  EXPECT_THAT(message_of(overridden({"monitor.listen=localhost"})),
              testing::HasSubstr("must be ADDRESS:PORT"));
  EXPECT_EQ(message_of(overridden({"monitor.listen=127.0.0.1:5003"})), "fine");
}

TEST(ConfigMonitor, AnswersAreBounded) {
  EXPECT_THAT(message_of(overridden({"monitor.answer_bytes_max=1GiB"})),
              testing::HasSubstr("must be from 64KiB to 32MiB"));
  const auto config = load_config(overridden({"monitor.answer_bytes_max=4MiB"}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->monitor.body_bytes_max, 4U << 20);
}

}  // namespace
}  // namespace plimsoll
