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
  move.data.sent = Bytes{100 * mib};
  move.data.seconds = as_double(move.data.sent) / bytes_per_s;
  move.held = Bytes{10 * mib};
  move.downtime_s = restart_s + as_double(move.held) / bytes_per_s;
  return move;
}

constexpr Way probe{100e6, 0.001, true};
constexpr Way assumed{50e6, 0.001, false};

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
  [[nodiscard]] Experience experience(const std::string& image) const {
    return learned().experience(0, 1, probe, image);
  }
};

TEST(Learned, WithoutMovesEverythingIsAsItWas) {
  const Learned none = Past{}.learned();
  EXPECT_EQ(none.way(0, 1, probe).bytes_per_s, 100e6);
  EXPECT_EQ(none.way(0, 1, assumed).bytes_per_s, 50e6);
  EXPECT_FALSE(none.way(0, 1, assumed).measured);
  const Experience experience = none.experience(0, 1, probe, "i");
  EXPECT_FALSE(experience.restart_s || experience.image_bytes_per_s || experience.data_extra_s);
  EXPECT_EQ(experience.sent.data, 1);
}

TEST(Learned, AMoveCountsLikeAProbe) {
  const double rate = Past{}.took(measured("h1", "h2", minutes{0}, 25e6)).rate(probe);
  EXPECT_NEAR(rate, 50e6, 0.3e6) << "the geometric mean of 25 and 100";
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
  tiny.data.sent = Bytes{kib};
  PastMove endless = measured("h1", "h2", minutes{1}, 1e6);
  endless.data.seconds = std::nan("");
  EXPECT_EQ(Past{}.took(failed).took(tiny).took(endless).rate(probe), 100e6);
}

TEST(Learned, NoWayStaysNone) {
  EXPECT_EQ(Past{}.took(measured("h1", "h2", minutes{1}, 1e6)).rate({0, 0, true}), 0);
}

TEST(Learned, ARestartIsTheStopWithoutTheData) {
  Past past;
  for (int i = 0; i < 20; ++i) past.took(measured("h1", "h2", hours{i % 5}, 10e6, 12));
  EXPECT_NEAR(*past.experience("i").restart_s, 12, 0.6);
  EXPECT_FALSE(past.experience("j").restart_s);
}

TEST(Learned, WhatIsCopiedAheadIsNotPartOfTheStop) {
  Past past;
  for (int i = 0; i < 20; ++i) {
    PastMove warm = measured("h1", "h2", hours{i % 5}, 10e6, 2);
    warm.held = Bytes{mib};
    warm.downtime_s = 2 + as_double(warm.held) / 10e6;
    past.took(warm);
  }
  EXPECT_NEAR(past.experience("i").sent.held, 0.01, 0.005);
  EXPECT_NEAR(*past.experience("i").restart_s, 2, 0.1);
  EXPECT_EQ(Past{}.experience("i").sent.held, 1);
}

TEST(Learned, TheImageIsThatOfTheContainerWhereItWent) {
  Past past;
  past.fleet.hosts[1].containers.push_back(ContainerBuilder("web").image("sha256:w", mib));
  PastMove move = measured("h1", "h2", minutes{1}, 10e6, 12);
  move.image_id.clear();
  EXPECT_GT(*past.took(move).experience("sha256:w").restart_s, 5);
}

TEST(Learned, AnImageAndDataGoAtRatesOfTheirOwn) {
  Past past;
  for (int i = 0; i < 20; ++i) {
    PastMove both = measured("h1", "h2", hours{i % 5}, 80e6);
    both.image = {Bytes{300 * mib}, Bytes{100 * mib}, 300 * mib / 20e6};
    past.took(both);
  }
  EXPECT_NEAR(past.rate(assumed), 80e6, 4e6);
  EXPECT_NEAR(*past.experience("i").image_bytes_per_s, 20e6, 1e6) << "of bytes that are written";
  EXPECT_NEAR(past.experience("i").sent.image, 1.0 / 3, 0.02);
}

TEST(Learned, ALittleDataTakesTheTimeOfItsConnections) {
  Past past;
  for (int i = 0; i < 20; ++i) {
    PastMove little = measured("h1", "h2", hours{i % 5}, 100e6);
    little.data = {Bytes{20 * kib}, Bytes{5 * kib}, 0.4};
    past.took(little);
    PastMove much = measured("h1", "h2", hours{i % 5}, 100e6);
    much.data.seconds += 0.4;
    past.took(much);
  }
  EXPECT_NEAR(*past.experience("i").data_extra_s, 0.4, 0.04);
  EXPECT_NEAR(*past.experience("never seen").data_extra_s, 0.4, 0.08) << "as those of the others";
  EXPECT_NEAR(past.rate(assumed), 100e6, 4e6) << "what comes on top is no part of the rate";
}

TEST(Learned, TheOrderOfThePastChangesNothing) {
  Past past;
  for (int i = 1; i < 9; ++i) past.took(measured("h1", "h2", hours{i}, i * 7e6, 0.3 * i));
  const double rate = past.rate(probe);
  const double restart = *past.experience("i").restart_s;
  std::reverse(past.fleet.past.begin(), past.fleet.past.end());
  EXPECT_EQ(past.rate(probe), rate);
  EXPECT_EQ(*past.experience("i").restart_s, restart);
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
    const ContainerState web = ContainerBuilder("web").image("i", 0).data(100 * mib);
    for (int i = 0; i < moves; ++i) {
      const TimePoint now = builder_now + hours{i};
      const Learned learned{past.fleet, HostIndex{past.fleet}, past.policy, now};
      const Way way = learned.way(0, 1, probe);
      const Prediction predicted =
          predict(web, past.fleet.hosts[1], way, past.policy, learned.experience(0, 1, way, "i"));
      PastMove real = measured("h1", "h2", {}, 50e6 * scatter(), 7.5 * scatter());
      real.finished = now;
      errors.push_back(std::abs(std::log(predicted.downtime_s / real.downtime_s)) +
                       std::abs(std::log(predicted.transfer_s / real.data.seconds)));
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

/// A fleet whose images are sent compressed, each as it can be, and loaded slower than that, over
/// links that give half of what probes say, in which what starts takes its own time. A third of the
/// moves find the image there.
class Compressing {
 public:
  explicit Compressing(std::uint64_t seed) : random_(seed) {}

  struct Errors {
    double bytes;
    double transfer;
    double downtime;
  };
  Errors move(int number) {
    const TimePoint now = builder_now + hours{number};
    const std::size_t which = random_() % 4;
    const std::string image = "i" + std::to_string(which);
    const ContainerState web = ContainerBuilder("web").image(image, 300 * mib).data(20 * mib);
    HostState to = HostBuilder("h2");
    if (random_() % 3 == 0) to.image_ids.push_back(image);
    const Learned learned{past_.fleet, HostIndex{past_.fleet}, past_.policy, now};
    const Way way = learned.way(0, 1, probe);
    const Prediction predicted =
        predict(web, to, way, past_.policy, learned.experience(0, 1, way, image));
    PastMove real;
    real.container = web.name;
    real.from = HostId{"h1"};
    real.to = HostId{"h2"};
    real.started = real.finished = now;
    real.image_id = image;
    const double data = 20.0 * mib * 0.9 * about(0.02);
    const double layers = to.image_ids.empty() ? 300.0 * mib * shares[which] * about(0.02) : 0;
    real.data = {Bytes{20 * mib}, Bytes{static_cast<std::uint64_t>(data)},
                 0.3 * about(0.2) + data / (50e6 * about(0.2))};
    real.image = {predicted.image_written, Bytes{static_cast<std::uint64_t>(layers)},
                  as_double(predicted.image_written) / (30e6 * about(0.2))};
    real.held = real.data.sent;
    const double transfer_s = real.image.seconds + real.data.seconds;
    real.downtime_s = data / 50e6 + 1.0 * static_cast<double>(1 + which) * about(0.2);
    past_.took(real);
    return {off(as_double(predicted.bytes), data + layers), off(predicted.transfer_s, transfer_s),
            off(predicted.downtime_s, real.downtime_s)};
  }

 private:
  static constexpr double shares[] = {0.3, 0.4, 0.45, 0.6};
  static double off(double predicted, double real) { return std::abs(predicted - real) / real; }
  double about(double spread) {
    return 1 - spread + 2 * spread * static_cast<double>(random_() % 1000) / 1000;
  }
  std::mt19937_64 random_;
  Past past_;
};

TEST(Learned, AfterTwentyMovesBytesAndTimesAreForetold) {
  std::vector<double> bytes;
  std::vector<double> transfer;
  std::vector<double> downtime;
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    Compressing fleet{seed};
    for (int i = 0; i < 60; ++i) {
      const auto errors = fleet.move(i);
      if (i < 20) continue;
      bytes.push_back(errors.bytes);
      transfer.push_back(errors.transfer);
      downtime.push_back(errors.downtime);
    }
  }
  EXPECT_LE(median(bytes), 0.05);
  EXPECT_LE(median(transfer), 0.25);
  EXPECT_LE(median(downtime), 0.25);
}

}  // namespace
}  // namespace plimsoll
