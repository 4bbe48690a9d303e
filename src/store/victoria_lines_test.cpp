#include "store/victoria_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct VictoriaLines : testing::Test {
  std::string lines(std::vector<Point> points) {
    report = {};
    const auto batch = keep_storable(std::move(points), report);
    return victoria_lines(batch, catalogue, report);
  }
  std::string why_not(const Point& point) {
    EXPECT_EQ(lines({point}), "");
    return report.problems.empty() ? "it was taken" : report.problems.front();
  }
  VictoriaCatalogue catalogue;
  WriteReport report;
};

TEST_F(VictoriaLines, NumbersAreFieldsAndTextsAreLabelsOfInfo) {
  EXPECT_EQ(lines({device("h 1", 0,
                          {{"a", 1.5},
                           {"n", std::int64_t{7}},
                           {"os", std::string{"x, \"y\"=\\"}},
                           {"state", std::string{}},
                           {"up", true}})}),
            "Device,host=h\\ 1,os=x\\,\\ \"y\"\\=\\\\,texts=os\\,state info=1 1750000020000\n"
            "Device,host=h\\ 1 a=1.5,n=7i,up=true 1750000020000\n"
            "plimsoll,measurement=Device,field=a,type=number field=1 1750000020000\n"
            "plimsoll,measurement=Device,field=n,type=integer field=1 1750000020000\n"
            "plimsoll,measurement=Device,field=os,type=text field=1 1750000020000\n"
            "plimsoll,measurement=Device,field=state,type=text field=1 1750000020000\n"
            "plimsoll,measurement=Device,field=up,type=truth field=1 1750000020000\n");
}

TEST_F(VictoriaLines, WithoutTextsOneLineIsEnoughAndFieldsAreToldNowAndThen) {
  ASSERT_NE(lines({device("h1", 0, {{"a", 1.0}})}), "");
  constexpr std::int64_t hour = 3'600'000;
  EXPECT_EQ(lines({device("h1", hour, {{"a", 2.0}})}), "Device,host=h1 info=1,a=2 1750003620000\n");
  EXPECT_THAT(lines({device("h1", 6 * hour, {{"a", 2.0}})}), HasSubstr("\nplimsoll,"));
  EXPECT_EQ(lines({device("h2", 6 * hour, {{"a", 2.0}})}),
            "Device,host=h2 info=1,a=2 1750021620000\n");
  catalogue.write_all_again();
  EXPECT_THAT(lines({device("h1", 6 * hour, {{"a", 2.0}})}), HasSubstr("\nplimsoll,"));
}

TEST_F(VictoriaLines, WhatWouldBeMistakenForSomethingElseIsRefused) {
  catalogue.learn("Device", "x_y", FieldType::number);
  EXPECT_THAT(why_not({"Device_x", {}, {{"y", 1.0}}, at(0)}),
              HasSubstr("same series as one of 'Device'"));
  EXPECT_THAT(why_not({"plimsoll", {}, {{"y", 1.0}}, at(0)}), HasSubstr("reserved"));
  EXPECT_THAT(why_not({"D", {}, {{"info", 1.0}}, at(0)}), HasSubstr("'info' is reserved"));
  EXPECT_THAT(why_not({"D", {{"db", "x"}}, {{"a", 1.0}}, at(0)}), HasSubstr("'db' is reserved"));
  EXPECT_THAT(why_not({"D", {{"id", "x"}}, {{"id", std::string{"y"}}}, at(0)}),
              HasSubstr("has the name of a tag"));
  EXPECT_THAT(why_not({"D", {}, {{"texts", std::string{"y"}}}, at(0)}),
              HasSubstr("name of a tag or label"));
  std::vector<Field> many;
  for (int i = 0; i < 28; ++i) many.emplace_back("t" + std::to_string(i), std::string{"x"});
  EXPECT_THAT(why_not({"D", {}, many, at(0)}), HasSubstr("more than 27 tags and texts"));
  std::vector<Field> large;
  for (int i = 0; i < 20; ++i)
    large.emplace_back("t" + std::to_string(i), std::string(16'000, 'x'));
  EXPECT_THAT(why_not({"D", {}, large, at(0)}), HasSubstr("too long together"));
  EXPECT_THAT(catalogue.measurements(), testing::Not(testing::Contains("plimsoll")));
}

TEST_F(VictoriaLines, ARefusedPointLeavesNothingInTheCatalogue) {
  ASSERT_NE(lines({device("h1", 0, {{"a", 1.0}})}), "");
  EXPECT_THAT(why_not(device("h1", 1, {{"a", true}, {"new", 1.0}})),
              HasSubstr("field type conflict"));
  EXPECT_EQ(catalogue.types("Device"),
            (std::map<std::string, FieldType>{{"a", FieldType::number}}));
}

}  // namespace
}  // namespace plimsoll
