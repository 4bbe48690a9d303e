#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/text.h"
#include "decide/feasible.h"
#include "decide/labels.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

/// What a refusal's words are made of.
struct Case {
  const Refusal& refusal;
  const ContainerState& container;
  const HostBook& book;
  const HostState& host;
  const Policy& policy;
};

std::string bytes_text(double bytes) {
  return format_bytes(static_cast<std::uint64_t>(std::llround(bytes)));
}

std::string use_text(const char* what, const Case& the) {
  return fmt::format("{} would be at {:.1f} %, target {:.4g}", what, the.refusal.would,
                     the.refusal.may);
}

std::string label_text(const Case& the, const std::string& key) {
  const std::string* value = label(the.container, key);
  return value ? printable(*value) : "";
}

std::string silent(const Case& the) {
  if (!the.host.up) return "it does not answer";
  if (!the.book.seen.age) return "it was never heard of";
  return fmt::format("its telemetry is {} old", format_duration(*the.book.seen.age));
}

std::string unmeasured(const Case& the) {
  const bool sized = the.host.capacity.cpu_cores && the.host.capacity.memory;
  return sized ? "its use of CPU or memory is not known for long enough"
               : "its cores or memory are not known";
}

std::string limit(const Case& the) {
  const auto& cores = the.container.cpu_limit_cores;
  if (cores && *cores == the.refusal.would) {
    return fmt::format("its limit is {:.4g} cores, the host has {:.4g}", the.refusal.would,
                       the.refusal.may);
  }
  return fmt::format("its limit or all reservations need {} of memory, the host has {}",
                     bytes_text(the.refusal.would), bytes_text(the.refusal.may));
}

std::string disk(const Case& the) {
  if (!the.host.capacity.storage_free) return "the free space at Docker's root is not known";
  return fmt::format("needs {} free at Docker's root, has {}", bytes_text(the.refusal.would),
                     bytes_text(the.refusal.may));
}

std::string host_limit(const Case& the) {
  return fmt::format("it takes part in {:.0f} moves, {:.0f} may be at once", the.refusal.would,
                     the.refusal.may);
}

std::string goes_back(const Case& the) {
  return fmt::format("the container left it less than {} ago",
                     format_duration(the.policy.return_after));
}

std::string architecture(const Case& the) {
  return fmt::format("the image is for {}, the host is {}", printable(the.container.architecture),
                     printable(the.host.architecture));
}

std::string load(const Case& the) {
  return fmt::format("its load would be {:.2f} of its line, target {:.4g}", the.refusal.would,
                     the.refusal.may);
}

std::string max_downtime_text(const Case& the) {
  return fmt::format("the stop would take {}, plimsoll.max-downtime is {}",
                     format_seconds(the.refusal.would), format_seconds(the.refusal.may));
}

const std::pair<Rule, std::string (*)(const Case&)> texts[] = {
    {Rule::same_host, [](const Case&) -> std::string { return "it is there already"; }},
    {Rule::silent, silent},
    {Rule::drained, [](const Case&) -> std::string { return "it is drained"; }},
    {Rule::not_read, [](const Case&) -> std::string { return "its Docker data was not read"; }},
    {Rule::host_cooldown,
     [](const Case&) -> std::string {
       return "it has just given or received; its load since is not known";
     }},
    {Rule::unmeasured, unmeasured},
    {Rule::host_limit, host_limit},
    {Rule::goes_back, goes_back},
    {Rule::architecture, architecture},
    {Rule::name_taken,
     [](const Case&) -> std::string { return "it has a container of that name"; }},
    {Rule::pinned,
     [](const Case& the) { return "its owner pins it to " + label_text(the, "plimsoll.pin"); }},
    {Rule::apart,
     [](const Case& the) {
       return fmt::format("it is kept apart from others of '{}' there",
                          label_text(the, "plimsoll.apart"));
     }},
    {Rule::port_taken,
     [](const Case& the) { return fmt::format("its port {:.0f} is in use", the.refusal.would); }},
    {Rule::limit, limit},
    {Rule::cpu, [](const Case& the) { return use_text("CPU", the); }},
    {Rule::memory, [](const Case& the) { return use_text("memory", the); }},
    {Rule::storage, [](const Case& the) { return use_text("storage", the); }},
    {Rule::rising,
     [](const Case& the) {
       return fmt::format("its CPU is expected at {:.1f} % or more in {}, line {:.4g}",
                          the.refusal.would, format_duration(the.policy.window), the.refusal.may);
     }},
    {Rule::risk,
     [](const Case& the) {
       return fmt::format(
           "its risk of wanting more CPU than it has would be {:.3f}, and it would be "
           "relieved from {:.3f} on",
           the.refusal.would, the.refusal.may);
     }},
    {Rule::load, load},
    {Rule::disk, disk},
    {Rule::link, [](const Case&) -> std::string { return "no way leads there"; }},
    {Rule::max_downtime, max_downtime_text},
};

}  // namespace

std::string describe(const Refusal& refusal, const Ledger& ledger, const Traveller& traveller,
                     std::size_t to) {
  const HostBook& book = ledger.book(to);
  const Case the{refusal, *traveller.container, book, *book.state, ledger.policy()};
  const auto* found = std::find_if(std::begin(texts), std::end(texts),
                                   [&](const auto& text) { return text.first == refusal.rule; });
  return found == std::end(texts) ? std::string{rule_name(refusal.rule)} : found->second(the);
}

}  // namespace plimsoll
