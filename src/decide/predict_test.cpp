#include "decide/predict.h"

#include <gtest/gtest.h>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
constexpr Way gigabit{112e6, 0.001, true};

HostState with_chains(std::vector<std::uint64_t> chains) {
  return HostBuilder("h2").set(&HostState::layer_chains, std::move(chains));
}

/// 700 bytes in three layers; the top one's size may be unknown.
ContainerState layered(std::optional<Bytes> top = Bytes{400}) {
  return ContainerBuilder("web")
      .image("sha256:i", 700)
      .layer(1, Bytes{100})
      .layer(2, Bytes{200})
      .layer(3, top);
}

struct Row {
  const char* name;
  ContainerState container;
  HostState to;
  std::uint64_t bytes;
};

class MissingTable : public testing::TestWithParam<Row> {};

TEST_P(MissingTable, Bytes) {
  EXPECT_EQ(count(missing_image(GetParam().container, GetParam().to, {})), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Images, MissingTable,
    testing::Values(Row{"nothing_there", layered(), with_chains({}), 700},
                    Row{"image_there", layered(), HostBuilder("h2").has_image("sha256:i"), 0},
                    Row{"base_there", layered(), with_chains({9, 1}), 600},
                    Row{"all_but_the_top_there", layered(), with_chains({2, 1}), 400},
                    Row{"all_layers_under_another_image", layered(), with_chains({1, 2, 3}), 0},
                    Row{"top_of_unknown_size", layered(std::nullopt), with_chains({1}), 600},
                    Row{"nothing_there_top_unknown", layered(std::nullopt), with_chains({}), 700},
                    Row{"layers_unknown", ContainerBuilder("web").image("sha256:i", 700),
                        with_chains({1}), 700},
                    Row{"nothing_known",
                        ContainerBuilder("web").set(&ContainerState::image_bytes, std::nullopt),
                        with_chains({}), 512 * mib}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Predict, AddsWhatTheContainerWrote) {
  const ContainerState container =
      ContainerBuilder("web").image("i", 112'000'000).data(56'000'000, 56'000'000);
  const Policy policy;
  const Prediction predicted = predict(container, with_chains({}), gigabit, policy);
  EXPECT_EQ(count(predicted.bytes), 224'000'000U);
  EXPECT_EQ(count(predicted.image_bytes), 112'000'000U);
  EXPECT_NEAR(predicted.transfer_s, 2 + 0.03, 1e-9);
  EXPECT_NEAR(predicted.downtime_s, 1 + 1 + 0.03 + 1.5, 1e-9);
  EXPECT_TRUE(predicted.measured);
}

TEST(Predict, TheStopDoesNotDependOnTheImage) {
  const Policy policy;
  const auto stop = [&](std::uint64_t image_bytes) {
    const ContainerState container = ContainerBuilder("web").image("i", image_bytes).data(1000);
    return predict(container, with_chains({}), gigabit, policy).downtime_s;
  };
  EXPECT_EQ(stop(1), stop(50 * gib));
}

TEST(Predict, RoundTripsCount) {
  const ContainerState container = ContainerBuilder("web").image("i", 0);
  const Way far{112e6, 0.2, true};
  EXPECT_NEAR(predict(container, with_chains({}), far, {}).transfer_s, 30 * 0.2, 1e-9);
}

TEST(Predict, AnImageTakesTheLinkOrItsLoadingWhicheverIsSlower) {
  const ContainerState container = ContainerBuilder("web").image("i", 100'000'000);
  const auto takes = [&](double loaded_per_s, double sent) {
    Experience experience;
    experience.sent.image = sent;
    experience.image_bytes_per_s = loaded_per_s;
    experience.data_extra_s = 0.5;
    return predict(container, with_chains({}), {50e6, 0.001, true}, {}, experience).transfer_s;
  };
  EXPECT_NEAR(takes(20e6, 1), 5 + 0.5, 1e-9);
  EXPECT_NEAR(takes(20e6, 0.3), 5 + 0.5, 1e-9);
  EXPECT_NEAR(takes(200e6, 1), 2 + 0.5, 1e-9);
}

TEST(Predict, LeastSecondsLeavesOutAnImageThatIsElsewhere) {
  const ContainerState container = ContainerBuilder("web").image("i", 100'000'000).data(50'000'000);
  EXPECT_NEAR(least_seconds(container, true, {}), 2.5 + 1, 1e-9);
  EXPECT_NEAR(least_seconds(container, false, {}), 2.5 + 3, 1e-9);
}

}  // namespace
}  // namespace plimsoll
