#include <fmt/format.h>

#include "commands.h"
#include "core/suggest.h"
#include "fleet/fleet_json.h"
#include "run.h"
#include "top/plain_rows.h"
#include "top_session.h"
#include "top_source.h"

namespace plimsoll {
namespace {

struct Options {
  bool once = false;
  bool json = false;
  bool stored = false;
  std::string at;
  std::string sort = "level";
  bool reverse = false;
  std::string filter;
  std::string host;
};

class Top {
 public:
  Top(const Config& config, HostList hosts, TopMoment moment, TopState state, Options options)
      : source_(config, std::move(hosts), moment),
        state_(std::move(state)),
        options_(std::move(options)),
        hosts_(config.hosts),
        pause_(std::min(config.monitor.interval, Duration{2'000})) {}

  Task<int> run();

 private:
  Task<int> once();
  [[nodiscard]] Result<std::vector<std::size_t>> hosts_of(const FleetView& view) const;
  void print(const TopData& data, const std::vector<std::size_t>& hosts) const;

  TopSource source_;
  TopState state_;
  Options options_;
  std::filesystem::path hosts_;
  Duration pause_;
  std::unique_ptr<TopSession> session_;  ///< Outlives what it leaves on the context.
};

Result<std::vector<std::size_t>> Top::hosts_of(const FleetView& view) const {
  const TextFilter filter{options_.host.empty() ? options_.filter : std::string{}};
  auto hosts = ordered_hosts(view, state_.host_sorting, filter);
  if (options_.host.empty()) return hosts;
  std::erase_if(hosts, [&](std::size_t i) { return view.rows[i].name.str() != options_.host; });
  if (!hosts.empty()) return hosts;
  std::vector<std::string> names;
  names.reserve(view.rows.size());
  for (const auto& row : view.rows) names.push_back(row.name.str());
  return Error{Errc::not_found, fmt::format("no host '{}'{}; plimsoll top --once lists them",
                                            options_.host, did_you_mean(options_.host, names))};
}

void Top::print(const TopData& data, const std::vector<std::size_t>& hosts) const {
  if (options_.json) {
    FleetView view = data.view;
    view.rows.clear();
    for (const std::size_t host : hosts) view.rows.push_back(data.view.rows[host]);
    fmt::print("{}\n", render_fleet_json(view));
    return;
  }
  const TextFilter filter{options_.host.empty() ? std::string{} : options_.filter};
  const auto containers = ordered_containers(data.view, hosts, state_.container_sorting, filter);
  fmt::print("{}", render_plain(data, hosts, containers));
  if (!data.trouble.empty()) fmt::print(stderr, "plimsoll: {}\n", data.trouble);
}

Task<int> Top::once() {
  const auto data = co_await source_.read();
  if (!data) co_return fail(data.error());
  const auto hosts = hosts_of(data->view);
  if (!hosts) co_return fail(hosts.error());
  print(*data, *hosts);
  co_return exit_ok;
}

Task<int> Top::run() {
  const auto opened = co_await source_.open();
  if (!opened) co_return fail(opened.error());
  if (options_.once || options_.json || !is_interactive()) co_return co_await once();
  session_ = std::make_unique<TopSession>(source_, state_, hosts_, pause_);
  co_await session_->run();
  co_return exit_ok;
}

Result<TopState> state_of(const Options& options) {
  const auto key = parse_sort(options.sort);
  if (!key) {
    return Error{Errc::invalid,
                 fmt::format("--sort: '{}' is none of {}", options.sort, sort_names())};
  }
  TopState state;
  state.host_sorting = {*key, options.reverse};
  const bool of_hosts_only = *key == SortKey::level || *key == SortKey::storage;
  state.container_sorting = {of_hosts_only ? SortKey::cpu : *key, options.reverse};
  state.host = options.host;
  if (!options.host.empty()) state.screen = TopScreen::host;
  state.filter() = options.filter;
  return state;
}

int run(const Options& options, const CommandContext& context) {
  auto state = state_of(options);
  if (!state) return fail(state.error());
  TopMoment moment{options.stored, std::nullopt};
  if (!options.at.empty()) {
    const auto time = parse_rfc3339(options.at);
    if (!time) return fail_usage("--at: " + time.error().message);
    moment.at = *time;
  }
  const auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  CommandIo io;
  Top top{*config, std::move(*hosts), moment, std::move(*state), options};
  return run_to_end(io, top.run());
}

}  // namespace

void add_top(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"top", "The fleet in this terminal: every host against its line, and what loads it",
       "  plimsoll top                            # live; ? shows the keys, q quits\n"
       "  plimsoll top --host h1                  # its containers\n"
       "  plimsoll top --once | grep over         # plain rows, as into any pipe or file\n"
       "  plimsoll top --once --sort memory --filter '!^edge-'\n"
       "  plimsoll top --once --json | jq '.hosts[] | select(.over_line)'\n"
       "  plimsoll top --stored                   # what was replayed, as it was last\n"
       "  plimsoll top --stored --at 2023-07-28T19:17:04Z\n"},
      run);
  auto& options = *command.options;
  const auto& flags = command.line;
  flags.add_flag("--once", options.once, "Print plain rows once and end");
  flags.add_flag("--json", options.json, "Print JSON once and end");
  flags.add_option("--sort", options.sort, "By " + sort_names() + " (default level, worst first)")
      .type_name("KEY");
  flags.add_flag("--reverse", options.reverse, "The other way round");
  flags
      .add_option("--filter", options.filter,
                  "Only what matches this part of a name or regex; ! in front: what does not")
      .type_name("TEXT");
  flags.add_option("--host", options.host, "Only this host, with its containers").type_name("NAME");
  flags.add_flag("--stored", options.stored,
                 "The hosts that the store knows, also without host.csv's line, as they were last");
  flags.add_option("--at", options.at, "As it was then").type_name("TIME");
}

}  // namespace plimsoll
