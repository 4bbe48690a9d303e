#include "orchestrate/move_record.h"

#include <gtest/gtest.h>

#include <set>

#include "docker/json_access.h"

namespace plimsoll {
namespace {

MoveRecord record() {
  MoveRecord move;
  move.id = MoveId{"abcdef012345"};
  move.container = ContainerName{"web"};
  move.from = HostId{"h1"};
  move.to = HostId{"h2"};
  move.reason = "h1 is over its line";
  move.created = parse_rfc3339("2026-11-22T12:00:00Z").value();
  move.progress.state = MoveState::source_retired;
  move.actual = {Bytes{2048}, 1.5, 0.25};
  StepRecord step;
  step.name = "stop source";
  step.started = move.created;
  step.finished = move.created + Duration{250};
  step.detail = "exit code 0";
  move.steps.push_back(step);
  return move;
}

TEST(MoveRecord, JsonHasTheFieldsOthersRelyOn) {
  const auto document = parse_json(render_json(record()), "record").value();
  for (const char* field : {"id", "container", "from", "to", "strategy", "state", "started",
                            "finished", "predicted", "actual", "steps", "error"}) {
    EXPECT_TRUE(document.as_object().contains(field)) << field;
  }
  EXPECT_EQ(document.at("state"), "SourceRetired");
  EXPECT_TRUE(document.at("finished").is_null());
  EXPECT_EQ(document.at("actual").at("bytes"), 2048);
  EXPECT_EQ(document.at("steps").at(0).at("started"), "2026-11-22T12:00:00.000Z");
  const auto history = parse_json(render_json(std::vector{record()}), "history").value();
  EXPECT_EQ(history.at("moves").as_array().size(), 1U);
}

TEST(MoveRecord, TextNamesStepsAndFigures) {
  const auto text = render_text(record());
  EXPECT_NE(text.find("web from h1 to h2, SourceRetired"), std::string::npos) << text;
  EXPECT_NE(text.find("ok   stop source"), std::string::npos) << text;
  EXPECT_NE(text.find("2.0 KiB"), std::string::npos) << text;
  EXPECT_EQ(render_text(std::vector<MoveRecord>{}), "No moves yet.\n");
  auto open = record();
  open.steps.resize(2);
  open.steps[0] = {"precopy", open.created, std::nullopt, false, ""};
  open.steps[1] = {"stop source", open.created, std::nullopt, false, ""};
  open.progress.state = MoveState::source_stopped;
  EXPECT_NE(render_text(open).find("cut  precopy"), std::string::npos) << render_text(open);
  EXPECT_NE(render_text(open).find("now  stop source"), std::string::npos) << render_text(open);
}

TEST(MoveRecord, IdsAreSafeWords) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto id = make_move_id();
    EXPECT_TRUE(is_move_id(id.str()));
    EXPECT_TRUE(seen.insert(id.str()).second);
  }
  EXPECT_FALSE(is_move_id("ABC"));
  EXPECT_FALSE(is_move_id("abcdef01234;"));
}

}  // namespace
}  // namespace plimsoll
