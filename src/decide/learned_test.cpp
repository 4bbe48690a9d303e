#include "decide/learned.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "decide/decide.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::minutes;

PastMove measured(const std::string& from, const std::string& to, Duration ago, double bytes_per_s,
                  double restart_s = 2) {
  PastMove move;
  move.container = ContainerName{"web"};
  move.from = HostId{from};
  move.to = HostId{to};
  move.finished = builder_now - ago;
  move.started = move.finished - minutes{1};
  move.image_id = "i";
  move.bytes = Bytes{100 * mib};
  move.transfer_s = as_double(move.bytes) / bytes_per_s;
  move.data = Bytes{10 * mib};
  move.downtime_s = restart_s + as_double(move.data) / bytes_per_s;
  return move;
}

/// Two hosts and what moves between them took.
struct Past {
  FleetSnapshot fleet =
      FleetBuilder().host(HostBuilder("h1")).host(HostBuilder("h2")).host(HostBuilder("h3"));
  Policy policy;

  Past& took(const PastMove& move) {
    fleet.past.push_back(move);
    return *this;
  }
  [[nodiscard]] Learned learned() const {
    return Learned{fleet, HostIndex{fleet}, policy, builder_now};
  }
  [[nodiscard]] double rate(const Way& known, std::size_t to = 1) const {
    return learned().way(0, to, known).bytes_per_s;
  }
};

constexpr Way probe{100e6, 0.001, true};
constexpr Way assumed{50e6, 0.001, false};

TEST(Learned, WithoutMovesEverythingIsAsItWas) {
  const Learned none = Past{}.learned();
  EXPECT_EQ(none.way(0, 1, probe).bytes_per_s, 100e6);
  EXPECT_EQ(none.way(0, 1, assumed).bytes_per_s, 50e6);
  EXPECT_FALSE(none.way(0, 1, assumed).measured);
  EXPECT_FALSE(none.restart_seconds("i"));
}

TEST(Learned, AMoveCountsLikeAProbe) {
  const double rate = Past{}.took(measured("h1", "h2", minutes{0}, 25e6)).rate(probe);
  EXPECT_NEAR(rate, 50e6, 1e3) << "the geometric mean of 25 and 100";
}

TEST(Learned, WhatMovesGotWinsOverAnAssumption) {
  Past past;
  for (int i = 0; i < 8; ++i) past.took(measured("h1", "h2", hours{i}, 10e6));
  EXPECT_NEAR(past.rate(assumed), 10e6, 1.5e6);
  EXPECT_TRUE(past.learned().way(0, 1, assumed).measured);
}

TEST(Learned, AnUnknownPairIsLikeTheOthers) {
  Past past;
  for (int i = 0; i < 8; ++i) past.took(measured("h1", "h2", hours{i}, 10e6));
  EXPECT_LT(past.rate(assumed, 2), 15e6);
  EXPECT_EQ(past.rate(probe, 2), 100e6) << "its own probe knows better";
  EXPECT_FALSE(past.learned().way(0, 2, assumed).measured);
}

TEST(Learned, ItForgetsSlowly) {
  Past past;
  past.took(measured("h1", "h2", minutes{1}, 10e6));
  const double fresh = past.rate(probe);
  past.fleet.past[0].finished -= hours{72};
  const double older = past.rate(probe);
  past.fleet.past[0].finished -= hours{30 * 24};
  EXPECT_LT(fresh, older);
  EXPECT_LT(older, 100e6);
  EXPECT_EQ(past.rate(probe), 100e6);
}

TEST(Learned, WhatTellsNothingIsLeftOut) {
  PastMove failed = measured("h1", "h2", minutes{1}, 1e6);
  failed.succeeded = false;
  PastMove tiny = measured("h1", "h2", minutes{1}, 1e6);
  tiny.bytes = Bytes{kib};
  PastMove endless = measured("h1", "h2", minutes{1}, 1e6);
  endless.transfer_s = std::nan("");
  EXPECT_EQ(Past{}.took(failed).took(tiny).took(endless).rate(probe), 100e6);
}

TEST(Learned, NoWayStaysNone) {
  EXPECT_EQ(Past{}.took(measured("h1", "h2", minutes{1}, 1e6)).rate({0, 0, true}), 0);
}

TEST(Learned, ARestartIsTheStopWithoutTheData) {
  Past past;
  for (int i = 0; i < 20; ++i) past.took(measured("h1", "h2", hours{i % 5}, 10e6, 12));
  EXPECT_NEAR(*past.learned().restart_seconds("i"), 12, 0.6);
  EXPECT_FALSE(past.learned().restart_seconds("j"));
}

TEST(Learned, TheImageIsThatOfTheContainerWhereItWent) {
  Past past;
  past.fleet.hosts[1].containers.push_back(ContainerBuilder("web").image("sha256:w", mib));
  PastMove move = measured("h1", "h2", minutes{1}, 10e6, 12);
  move.image_id.clear();
  EXPECT_GT(*past.took(move).learned().restart_seconds("sha256:w"), 5);
}

TEST(Learned, TheOrderOfThePastChangesNothing) {
  Past past;
  for (int i = 1; i < 9; ++i) past.took(measured("h1", "h2", hours{i}, i * 7e6, 0.3 * i));
  const double rate = past.rate(probe);
  const double restart = *past.learned().restart_seconds("i");
  std::reverse(past.fleet.past.begin(), past.fleet.past.end());
  EXPECT_EQ(past.rate(probe), rate);
  EXPECT_EQ(*past.learned().restart_seconds("i"), restart);
}

TEST(Learned, DecisionsUseIt) {
  const auto web = ContainerBuilder("web").cpu(2.4).image("i", 100 * mib);
  FleetSnapshot fleet = FleetBuilder()
                            .host(HostBuilder("h1").load(96).runs(web))
                            .host(HostBuilder("h2").load(10))
                            .host(HostBuilder("h3").load(11));
  EXPECT_EQ(decide(fleet, {}, builder_now).moves.at(0).to, HostId{"h2"});
  for (int i = 2; i < 8; ++i) {
    PastMove slow = measured("h1", "h2", hours{i}, 2e6, 9);
    slow.container = ContainerName{"other"};
    PastMove quick = measured("h1", "h3", hours{i}, 90e6, 9);
    quick.container = ContainerName{"other"};
    fleet.past.push_back(slow);
    fleet.past.push_back(quick);
  }
  const Plan plan = decide(fleet, {}, builder_now);
  ASSERT_EQ(plan.moves.size(), 1U);
  EXPECT_EQ(plan.moves[0].to, HostId{"h3"});
  EXPECT_GT(plan.moves[0].predicted.downtime_s, 7);
}

/// How far predictions are off, move after move, on a link whose probe says twice of what moves
/// get, for an image that takes three times as long to start as assumed. What each move gets is
/// scattered by up to a third.
class Scattered {
 public:
  explicit Scattered(std::uint64_t seed) : random_(seed) {}
  std::vector<double> errors(int moves) {
    std::vector<double> errors;
    Past past;
    const ContainerState web = ContainerBuilder("web").image("i", 90 * mib).data(10 * mib);
    for (int i = 0; i < moves; ++i) {
      const TimePoint now = builder_now + hours{i};
      const Learned learned{past.fleet, HostIndex{past.fleet}, past.policy, now};
      const Prediction predicted = predict(web, past.fleet.hosts[1], learned.way(0, 1, probe),
                                           past.policy, learned.restart_seconds("i"));
      PastMove real = measured("h1", "h2", {}, 50e6 * scatter(), 7.5 * scatter());
      real.finished = now;
      errors.push_back(std::abs(std::log(predicted.downtime_s / real.downtime_s)) +
                       std::abs(std::log(predicted.transfer_s / real.transfer_s)));
      past.took(real);
    }
    return errors;
  }

 private:
  double scatter() { return 0.75 + static_cast<double>(random_() % 1000) / 2000; }
  std::mt19937_64 random_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

TEST(Learned, PredictionsGetBetterWithTheMoves) {
  std::vector<double> first;
  std::vector<double> last;
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    const std::vector<double> errors = Scattered{seed}.errors(60);
    first.push_back(errors.front());
    last.insert(last.end(), errors.begin() + 40, errors.end());
  }
  EXPECT_LT(median(last), median(first) / 4);
  EXPECT_LT(median(last), 0.35) << "what is left is the scatter";
}

}  // namespace
}  // namespace plimsoll
