#include "monitor/poll_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace plimsoll {
namespace {

using Clock = PollQueue::Clock;
using namespace std::chrono_literals;

const Clock::time_point start{100h};

/// Lets the time run from one wake-up to the next and notes each poll.
struct Clockwork {
  explicit Clockwork(Duration interval) : queue(interval) {}

  void until(Clock::time_point end) {
    while (queue.next(now) <= end) {
      now = std::max(now, queue.next(now));
      for (const auto& due : queue.take(now)) {
        polls[due.host].push_back(now);
        missed += due.missed;
        latest = std::max(latest, due.late);
      }
    }
    now = end;
  }
  [[nodiscard]] Clock::duration longest_gap(const HostId& host) const {
    const auto& times = polls.at(host);
    Clock::duration longest{0};
    for (std::size_t i = 1; i < times.size(); ++i) {
      longest = std::max(longest, times[i] - times[i - 1]);
    }
    return longest;
  }

  PollQueue queue;
  Clock::time_point now = start;
  std::map<HostId, std::vector<Clock::time_point>> polls;
  std::uint64_t missed = 0;
  Clock::duration latest{0};
};

std::vector<HostId> fleet(int count, const std::string& prefix = "host") {
  std::vector<HostId> hosts;
  for (int i = 0; i < count; ++i) hosts.emplace_back(prefix + std::to_string(i));
  return hosts;
}

void add_all(Clockwork& run, const std::vector<HostId>& hosts) {
  for (const auto& host : hosts) run.queue.add(host, run.now);
}

TEST(PollQueue, EveryHostOnceAnInterval) {
  Clockwork run{5s};
  const auto hosts = fleet(500);
  add_all(run, hosts);
  run.until(start + 60s);
  for (const auto& host : hosts) {
    EXPECT_EQ(run.polls[host].size(), 12U);
    EXPECT_EQ(run.longest_gap(host), 5s);
  }
}

/// What there is no room for waits, and comes first when there is.
TEST(PollQueue, TakesNoMoreThanThereIsRoomFor) {
  PollQueue queue{5s};
  for (const auto& host : fleet(10)) queue.add(host, start);
  const auto later = start + 5s;
  EXPECT_TRUE(queue.take(later, 0).empty());
  EXPECT_EQ(queue.next(later), later + PollQueue::pace);
  const auto some = queue.take(later, 3);
  const auto more = queue.take(later, 3);
  ASSERT_EQ(some.size(), 3U);
  ASSERT_EQ(more.size(), 3U);
  EXPECT_GE(some.back().late, more.front().late);
  EXPECT_NE(some.front().host, more.front().host);
}

struct Spread {
  int hosts;
  Duration interval;
  const char* prefix;
};
void PrintTo(const Spread& spread, std::ostream* out) { *out << spread.hosts << " hosts"; }

class PollQueueSpread : public testing::TestWithParam<Spread> {};

/// DESIGN 10: the busiest 100 ms have at most 1.5 times the mean.
TEST_P(PollQueueSpread, IsEven) {
  const auto& [count, interval, prefix] = GetParam();
  Clockwork run{interval};
  add_all(run, fleet(count, prefix));
  run.until(start + interval);
  std::map<std::int64_t, int> buckets;
  for (const auto& [host, times] : run.polls) {
    for (const auto time : times) ++buckets[(time - start) / 100ms];
  }
  const auto busiest = std::ranges::max_element(
      buckets, [](const auto& a, const auto& b) { return a.second < b.second; });
  const double mean = count / static_cast<double>(interval / 100ms);
  EXPECT_LE(busiest->second, 1.5 * mean);
}

INSTANTIATE_TEST_SUITE_P(Fleets, PollQueueSpread,
                         testing::Values(Spread{1'000, 1s, "host"}, Spread{5'000, 5s, "host"},
                                         Spread{5'000, 5s, "10.0.1."}, Spread{10'000, 10s, "h"},
                                         Spread{10'000, 10s, "node-0000"}),
                         [](const auto& row) { return std::to_string(row.index); });

/// The bound on what a start asks for at once: no more than an interval always has.
TEST(PollQueue, AStartIsNoBurst) {
  Clockwork run{10s};
  add_all(run, fleet(10'000));
  run.until(start + 100ms);
  EXPECT_LE(run.polls.size(), 150U);
}

TEST(PollQueue, AHostThatIsAddedByAnEditIsDueAtOnceAndThenHasItsPlace) {
  Clockwork run{10s};
  add_all(run, fleet(10'000));
  run.until(start + 25s);
  const auto edited = run.now;
  for (const auto& host : fleet(100, "new")) run.queue.add_due(host, edited);
  run.until(edited + 30s);
  for (const auto& host : fleet(100, "new")) {
    EXPECT_LE(run.polls[host].front(), edited + 100ms);
    EXPECT_LE(run.longest_gap(host), 10s);
    EXPECT_EQ(run.polls[host].size(), 4U);
  }
}

TEST(PollQueue, AStallEndsInNoBurst) {
  Clockwork run{10s};
  add_all(run, fleet(10'000));
  run.until(start + 10s);
  run.now += 5s;
  run.latest = {};
  const auto first = run.queue.take(run.now);
  EXPECT_LE(first.size(), run.queue.burst());
  EXPECT_EQ(run.queue.next(run.now), run.now + PollQueue::pace);
  run.until(run.now + 10s);
  EXPECT_EQ(run.missed, 0U);
  EXPECT_LE(run.latest, 6s);
}

TEST(PollQueue, WholeIntervalsThatPassedAreCountedNotMadeUpFor) {
  Clockwork run{1s};
  run.queue.add(HostId{"h1"}, run.now);
  run.until(start + 1s);
  run.now += 4500ms;
  run.until(run.now + 2s);
  EXPECT_GE(run.missed, 3U);
  EXPECT_LE(run.polls[HostId{"h1"}].size(), 5U);
}

TEST(PollQueue, WhatIsRemovedIsNotGivenOut) {
  Clockwork run{1s};
  add_all(run, fleet(2));
  run.queue.remove(HostId{"host0"});
  run.queue.remove(HostId{"never there"});
  run.until(start + 3s);
  EXPECT_EQ(run.polls.count(HostId{"host0"}), 0U);
  EXPECT_EQ(run.polls[HostId{"host1"}].size(), 3U);
  EXPECT_EQ(run.queue.size(), 1U);
}

class PollQueueInterval : public testing::TestWithParam<std::pair<Duration, Duration>> {};

/// "Applied without losing a poll."
TEST_P(PollQueueInterval, AChangeMakesNoGap) {
  const auto [before, after] = GetParam();
  const auto hosts = fleet(200);
  Clockwork run{before};
  add_all(run, hosts);
  run.until(start + 60s);
  run.queue.set_interval(after, run.now);
  run.until(start + 180s);
  for (const auto& host : hosts) EXPECT_LE(run.longest_gap(host), std::max(before, after));
  EXPECT_EQ(run.missed, 0U);
}

INSTANTIATE_TEST_SUITE_P(Changes, PollQueueInterval,
                         testing::Values(std::pair<Duration, Duration>{1s, 10s},
                                         std::pair<Duration, Duration>{10s, 1s},
                                         std::pair<Duration, Duration>{5s, 7s},
                                         std::pair<Duration, Duration>{60s, 1s}),
                         [](const auto& row) { return std::to_string(row.index); });

/// 100 edits a second apart: hosts that stay keep their places.
TEST(PollQueue, EditsTouchNobodyElse) {
  Clockwork run{2s};
  const auto hosts = fleet(100);
  add_all(run, hosts);
  for (int edit = 0; edit < 100; ++edit) {
    run.until(run.now + 1s);
    const HostId guest{"guest" + std::to_string(edit)};
    run.queue.add(guest, run.now);
    if (edit > 0) run.queue.remove(HostId{"guest" + std::to_string(edit - 1)});
  }
  for (const auto& host : hosts) {
    EXPECT_EQ(run.polls[host].size(), 50U);
    EXPECT_EQ(run.longest_gap(host), 2s);
  }
}

}  // namespace
}  // namespace plimsoll
