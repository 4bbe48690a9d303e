#include "spool/point_packer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "spool/byte_codec.h"
#include "support/sample_reading.h"
#include "telemetry/points.h"

namespace plimsoll {
namespace {

std::vector<Point> there_and_back(const std::vector<Point>& points) {
  PointPacker packer;
  for (const auto& point : points) packer.add(point);
  const auto packed = packer.take();
  EXPECT_EQ(packed.points, points.size());
  return unpack_points(packed.bytes, packed.points).value();
}

std::vector<Point> real_points() {
  const TimePoint at{Duration{1'795'000'000'123}};
  auto points = points_of(HostId{"h1"}, test::sample_reading(), at, true);
  points.push_back(monitor_point(HostId{"h1"}, at, true, Duration{12}, 3'000, ""));
  points.push_back(
      monitor_point(HostId{"h2"}, at + Duration{7}, false, Duration{12}, 0, "timeout"));
  return points;
}

TEST(PointPacker, GivesTheSamePointsBack) {
  EXPECT_EQ(there_and_back(real_points()), real_points());
}

TEST(PointPacker, KeepsEveryNumberToTheBit) {
  using Limits = std::numeric_limits<double>;
  std::vector<double> numbers{0.0,
                              -0.0,
                              1,
                              -1,
                              0.1,
                              37.5,
                              -0.001,
                              1e15,
                              -1e15,
                              123456.789012,
                              Limits::max(),
                              Limits::min(),
                              Limits::denorm_min(),
                              Limits::infinity(),
                              1.0 / 3,
                              1e-300,
                              9007199254740993.0};
  std::mt19937_64 random{7};
  for (int i = 0; i < 2'000; ++i) {
    numbers.push_back(std::bit_cast<double>(random()));
    numbers.push_back(static_cast<double>(random() % 1'000'000'000) / 1e3);
    numbers.push_back(static_cast<double>(random() % 1'000'000'000) / -1e6);
  }
  Point point{"M", {}, {}, TimePoint{}};
  for (const double number : numbers) {
    if (!std::isnan(number)) point.fields.emplace_back("n", number);
  }
  // A shape has at most 4096 names.
  point.fields.resize(4'000);
  const auto back = there_and_back({point});
  for (std::size_t i = 0; i < point.fields.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(std::get<double>(back[0].fields[i].second)),
              std::bit_cast<std::uint64_t>(std::get<double>(point.fields[i].second)));
  }
}

TEST(PointPacker, KeepsExtremesOfTheOtherTypes) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::vector<Point> points{
      {"M", {{"host", ""}}, {{"a", Limits::min()}, {"b", Limits::max()}}, TimePoint::min()},
      {"M",
       {{"host", std::string(5'000, 'x')}},
       {{"a", std::string{"\0\n\xff", 3}}},
       TimePoint::max()},
      {"", {}, {{"", true}, {"t", false}, {"s", std::string{}}}, TimePoint{Duration{-1}}},
      {"M", {}, {}, TimePoint{}}};
  EXPECT_EQ(there_and_back(points), points);
}

TEST(PointPacker, BeginsEachRecordAnew) {
  PointPacker packer;
  for (const auto& point : real_points()) packer.add(point);
  const auto first = packer.take();
  for (const auto& point : real_points()) packer.add(point);
  const auto second = packer.take();
  EXPECT_EQ(first.bytes, second.bytes);
  EXPECT_EQ(unpack_points(second.bytes, second.points).value(), real_points());
}

TEST(PointPacker, TellsTheTimesOfItsPoints) {
  PointPacker packer;
  for (const int ms : {50, 20, 70}) {
    packer.add({"M", {}, {{"n", 1.0}}, TimePoint{Duration{ms}}});
  }
  const auto packed = packer.take();
  EXPECT_EQ(packed.oldest, TimePoint{Duration{20}});
  EXPECT_EQ(packed.newest, TimePoint{Duration{70}});
}

TEST(PointPacker, ManyShapesAndTexts) {
  std::vector<Point> points;
  for (int i = 0; i < 1'000; ++i) {
    Point point{
        "M" + std::to_string(i % 400), {{"host", "h" + std::to_string(i)}}, {}, TimePoint{}};
    for (int f = 0; f <= i % 5; ++f) point.fields.emplace_back("f" + std::to_string(f), 1.0 * f);
    points.push_back(std::move(point));
  }
  EXPECT_EQ(there_and_back(points), points);
}

TEST(PointPacker, IsMuchSmallerThanLines) {
  PointPacker packer;
  std::size_t values = 0;
  for (int i = 0; i < 50; ++i) {
    for (const auto& point : real_points()) {
      packer.add(point);
      values += point.fields.size();
    }
  }
  EXPECT_LT(packer.bytes(), values * 5);
}

TEST(PointUnpack, WhatIsCutOrChangedIsRefusedOrRead) {
  PointPacker packer;
  for (const auto& point : real_points()) packer.add(point);
  const auto packed = packer.take();
  for (std::size_t size = 0; size < packed.bytes.size(); ++size) {
    EXPECT_FALSE(unpack_points(packed.bytes.substr(0, size), packed.points)) << size;
  }
  EXPECT_FALSE(unpack_points(packed.bytes + "x", packed.points));
  EXPECT_FALSE(unpack_points(packed.bytes, packed.points + 1));
  EXPECT_FALSE(unpack_points(packed.bytes, std::numeric_limits<std::uint32_t>::max()));
  std::mt19937_64 random{3};
  for (int i = 0; i < 5'000; ++i) {
    auto bytes = packed.bytes;
    for (auto times = 1 + random() % 4; times > 0; --times) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto points = unpack_points(bytes, packed.points);
    EXPECT_TRUE(!points || points->size() == packed.points);
  }
}

TEST(ByteCodec, NumbersComeBack) {
  std::string bytes;
  const std::vector<std::uint64_t> numbers{
      0, 1, 127, 128, 300, 1U << 31U, std::numeric_limits<std::uint64_t>::max()};
  for (const auto number : numbers) append_varint(bytes, number);
  append_fixed(bytes, std::uint32_t{0x12345678});
  ByteReader reader{bytes};
  for (const auto number : numbers) EXPECT_EQ(reader.varint(), number);
  EXPECT_EQ(reader.fixed<std::uint32_t>(), 0x12345678U);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.varint(), 0U);
  EXPECT_FALSE(reader.ok());
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{5},
                                    std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(unzigzag(zigzag(number)), number);
  }
}

TEST(ByteCodec, ANumberThatNeverEndsIsRefused) {
  ByteReader reader{std::string_view{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12}};
  EXPECT_EQ(reader.varint(), 0U);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace plimsoll
