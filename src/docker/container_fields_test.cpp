#include "docker/container_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "docker/inspect.h"
#include "support/golden.h"
#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* page = "../../docs/formats/container-fields.md";

TEST(ContainerFields, ThePageIsTrue) {
  const auto rendered = render_container_fields();
  EXPECT_EQ(rendered, test::golden_for(page, rendered));
}

TEST(ContainerFields, EachStandsOnceAndSaysWhatShowsIt) {
  std::set<std::string_view> places;
  for (const ContainerField& field : container_fields()) {
    EXPECT_TRUE(places.insert(field.place).second) << field.place;
    EXPECT_FALSE(field.shown_by.empty()) << field.place;
    const bool needs_a_rule = field.fate == FieldFate::mapped || field.fate == FieldFate::refused;
    EXPECT_TRUE(!needs_a_rule || !field.how.empty()) << field.place;
  }
}

/// Tests that the page names and that are not there would show nothing.
TEST(ContainerFields, TheTestsThatItNamesExist) {
  const std::string live = test::golden("../live/fidelity_test.sh");
  const std::string others = test::golden("../../src/orchestrate/eligibility_test.cpp");
  for (const ContainerField& field : container_fields()) {
    const std::string name{field.shown_by};
    const auto dot = name.find('.');
    if (dot == std::string::npos) {
      EXPECT_NE(live.find("\n" + name + "() {"), std::string::npos) << name;
      continue;
    }
    const auto suite = name.substr(0, dot);
    const auto test = name.substr(dot + 1);
    bool found = others.find("TEST(" + suite + ", " + test + ")") != std::string::npos;
    const auto& units = *testing::UnitTest::GetInstance();
    for (int i = 0; i < units.total_test_suite_count(); ++i) {
      const auto& of_suite = *units.GetTestSuite(i);
      if (suite != of_suite.name()) continue;
      for (int k = 0; k < of_suite.total_test_count(); ++k) {
        found = found || test == of_suite.GetTestInfo(k)->name();
      }
    }
    EXPECT_TRUE(found) << name;
  }
}

/// All that inspect of a real 20.10.24 shows, as it was captured in the lab.
TEST(ContainerFields, EveryFieldOfARealEngineIsKnown) {
  const auto document = parse_json(test::golden("docker/inspect_20.10.json"), "inspect");
  ASSERT_TRUE(document);
  const auto& container = document->as_array().at(0);
  const auto expect_known = [](const std::string& section, const json::value& value) {
    for (const auto& entry : value.as_object()) {
      const std::string place = section + std::string{entry.key()};
      EXPECT_NE(find_container_field(place), nullptr) << place;
    }
  };
  expect_known("Config.", container.at("Config"));
  expect_known("HostConfig.", container.at("HostConfig"));
  for (const auto& mount : container.at("Mounts").as_array()) expect_known("Mounts.", mount);
  const auto& networks = container.at("NetworkSettings").at("Networks").as_object();
  for (const auto& entry : networks) expect_known("Networks.", entry.value());
  for (const auto& entry : container.as_object()) {
    const std::string place{entry.key()};
    const bool is_section =
        place.ends_with("Config") || place == "Mounts" || place == "NetworkSettings";
    EXPECT_TRUE(is_section || find_container_field(place) != nullptr) << place;
  }
}

TEST(ContainerFields, UnknownOnesAreNamedWhereTheyAreSet) {
  auto document = container_document();
  EXPECT_THAT(unknown_container_fields(document), IsEmpty());
  document.at("HostConfig").as_object()["Novelty"] = "";
  EXPECT_THAT(unknown_container_fields(document), IsEmpty());
  document.at("HostConfig").at("Novelty") = 3;
  document.at("NetworkSettings").at("Networks").at("back").as_object()["Quality"] = "gold";
  document.at("Mounts").at(0).as_object()["Snapshot"] = true;
  document.as_object()["Weather"] = "fine";
  EXPECT_THAT(unknown_container_fields(document),
              ElementsAre("HostConfig.Novelty", "Mounts.Snapshot", "Networks.Quality"));
}

TEST(ContainerFields, SetOnesAreListedByFate) {
  const auto document = container_document();
  EXPECT_THAT(set_container_fields(document, FieldFate::refused), ElementsAre("Mounts.Driver"));
  const auto mapped = set_container_fields(document, FieldFate::mapped);
  EXPECT_THAT(mapped, testing::Contains("HostConfig.PortBindings"));
  EXPECT_THAT(mapped, testing::Not(testing::Contains("HostConfig.Links")));
}

TEST(ContainerFields, FatesHaveNames) {
  EXPECT_EQ(fate_name(FieldFate::carried), "carried");
  EXPECT_EQ(fate_name(FieldFate::ignored), "ignored");
}

}  // namespace
}  // namespace plimsoll
