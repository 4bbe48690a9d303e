#include <fmt/format.h>

#include <algorithm>

#include "check_parts.h"
#include "command.h"
#include "core/text.h"
#include "orchestrate/eligibility.h"
#include "orchestrate/remote_host.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

constexpr std::size_t asked_at_once = 32;

/// What one host says of a container of that name.
struct Answer {
  Host host;
  std::optional<Eligibility> eligibility;
  std::optional<Error> error;  ///< not_found where it has none.
};

std::optional<StorePlace> store_place(const Config& config, const Host& host) {
  if (config.orchestrator.store_host.empty()) return std::nullopt;
  return StorePlace{config.orchestrator.store_host, config.orchestrator.store_port, host.address};
}

Task<Result<Eligibility>> judge_on(RemoteHost* remote, const Config* config, std::string name) {
  const auto connected = co_await remote->connect();
  if (!connected) co_return connected.error();
  const auto container = co_await remote->engine().inspect(name);
  if (!container) co_return container.error();
  const auto image = co_await remote->engine().inspect_image(container->image_id);
  if (!image) co_return image.error();
  auto reading = read_mount_facts(&remote->engine(), &*container);
  const auto facts = co_await std::move(reading);
  if (!facts) co_return facts.error();
  co_return judge_eligibility(*container, *image, *facts, config->policy,
                              store_place(*config, remote->host()));
}

Task<> ask_host(const Config* config, std::string name, Answer* answer) {
  const auto executor = co_await asio::this_coro::executor;
  RemoteHost remote{executor, answer->host, config->ssh};
  auto judged = co_await judge_on(&remote, config, std::move(name));
  if (judged) {
    answer->eligibility = std::move(*judged);
  } else {
    answer->error = judged.error();
  }
}

int tell(const std::vector<Answer>& answers, const std::string& container, bool json) {
  struct Found {
    const Host* host;
    const Eligibility* eligibility;
  };
  std::vector<Found> found;
  for (const Answer& answer : answers) {
    if (answer.eligibility) found.push_back({&answer.host, &*answer.eligibility});
    if (answer.error && answer.error->code != Errc::not_found) {
      fmt::print(stderr, "plimsoll: {}: {}\n", answer.host.name.str(),
                 printable(answer.error->message, 400));
    }
  }
  if (found.empty()) {
    fmt::print(stderr, "plimsoll: no container '{}' on the hosts that answered\n",
               printable(container));
    return exit_failed;
  }
  if (found.size() > 1) {
    fmt::print(stderr, "plimsoll: several hosts have a '{}': say --from {} or --from {}\n",
               printable(container), found[0].host->name.str(), found[1].host->name.str());
    return exit_failed;
  }
  const Eligibility& eligibility = *found.front().eligibility;
  fmt::print("{}", json ? render_eligibility_json(eligibility) : render_eligibility(eligibility));
  return eligibility.movable() ? exit_ok : exit_failed;
}

}  // namespace

Task<int> check_container(Config config, HostList hosts, std::string container, std::string from,
                          bool json) {
  std::vector<Answer> answers;
  for (const Host& host : hosts) {
    if (from.empty() || host.name.str() == from) answers.push_back({host, {}, {}});
  }
  if (answers.empty()) {
    co_return fail_usage(
        fmt::format("no host '{}': {} does not name it", printable(from), config.hosts.string()));
  }
  for (std::size_t first = 0; first < answers.size(); first += asked_at_once) {
    std::vector<Task<>> asking;
    for (std::size_t i = first; i < std::min(first + asked_at_once, answers.size()); ++i) {
      asking.push_back(ask_host(&config, container, &answers[i]));
    }
    co_await run_all(std::move(asking));
  }
  co_return tell(answers, container, json);
}

}  // namespace plimsoll
