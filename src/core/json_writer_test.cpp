#include "core/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace plimsoll {
namespace {

TEST(JsonWriter, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object().field("a", 1).key("b").begin_array().value(true).value("x").end_array();
  json.key("c").begin_object().end_object().optional_field("d", std::optional<int>{}).end_object();
  EXPECT_EQ(json.str(), R"({"a":1,"b":[true,"x"],"c":{},"d":null})");
}

TEST(JsonWriter, NumbersReadWell) {
  JsonWriter json;
  json.begin_array().value(12.5).value(0.1).value(1e300).value(std::int64_t{-5});
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(std::numeric_limits<double>::quiet_NaN()).end_array();
  EXPECT_EQ(json.str(), "[12.5,0.1,1e+300,-5,18446744073709551615,null]");
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
  JsonWriter json;
  json.value("a\"b\\c\n\x01");
  EXPECT_EQ(json.str(), R"("a\"b\\c\n\u0001")");
}

}  // namespace
}  // namespace plimsoll
