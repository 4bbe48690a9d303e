#include "orchestrate/eligibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Eligibility judged(const json::value& document, const std::vector<MountFacts>& facts = {},
                   const Policy& policy = {}, const std::optional<StorePlace>& store = {}) {
  return judge_eligibility(container_of(document), image_of(image_document()), facts, policy,
                           store);
}

std::vector<std::string> failed_rules(const Eligibility& eligibility) {
  std::vector<std::string> failed;
  for (const auto& rule : eligibility.rules) {
    if (!rule.passed) failed.push_back(rule.rule);
  }
  return failed;
}

json::value with_mount(const std::string& mount) {
  auto document = container_document();
  document.at("Mounts").as_array().emplace_back(json::parse(mount));
  return document;
}

MountFate last_fate(const json::value& document, const Policy& policy = {}) {
  return judged(document, {}, policy).mounts.back().fate;
}

TEST(Eligibility, AnOrdinaryContainerPassesEveryRule) {
  const auto eligibility = judged(container_document());
  EXPECT_TRUE(eligibility.movable()) << render_eligibility(eligibility);
  EXPECT_THAT(failed_rules(eligibility), IsEmpty());
  EXPECT_TRUE(eligibility.strategies.at(0).possible);
  EXPECT_FALSE(eligibility.strategies.at(2).possible);
  EXPECT_THAT(eligibility.mapped, testing::Contains("HostConfig.PortBindings"));
  for (const auto& rule : eligibility.rules) EXPECT_EQ(rule.action, "") << rule.rule;
}

struct ObstacleCase {
  const char* rule;
  void (*change)(json::object& host, json::object& document);
};

class EligibilityObstacle : public testing::TestWithParam<ObstacleCase> {};

TEST_P(EligibilityObstacle, IsRefusedWithAReasonAndARemedy) {
  auto document = container_document();
  auto& object = document.as_object();
  GetParam().change(object.at("HostConfig").as_object(), object);
  const auto eligibility = judged(document);
  EXPECT_THAT(failed_rules(eligibility), ElementsAre(GetParam().rule));
  for (const auto& rule : eligibility.rules) {
    EXPECT_FALSE(rule.detail.empty()) << rule.rule;
    EXPECT_EQ(rule.action.empty(), rule.passed) << rule.rule;
  }
  EXPECT_FALSE(eligibility.strategies.at(0).possible);
}

json::object& labels_in(json::object& document) {
  return document.at("Config").at("Labels").as_object();
}

void mount(json::object& document, const char* text) {
  document.at("Mounts").as_array().emplace_back(json::parse(text));
}

using Object = json::object;

INSTANTIATE_TEST_SUITE_P(
    Each, EligibilityObstacle,
    testing::Values(
        ObstacleCase{"not_running",
                     [](Object&, Object& d) { d.at("State").at("Status") = "exited"; }},
        ObstacleCase{"self", [](Object&, Object& d) { d["Path"] = "/usr/local/bin/plimsoll"; }},
        ObstacleCase{"label_never",
                     [](Object&, Object& d) { labels_in(d)["plimsoll.move"] = "never"; }},
        ObstacleCase{"quiet", [](Object&, Object& d) { labels_in(d)["plimsoll.quiet"] = "?"; }},
        ObstacleCase{"max_downtime",
                     [](Object&, Object& d) { labels_in(d)["plimsoll.max-downtime"] = "?"; }},
        ObstacleCase{"host_network", [](Object& h, Object&) { h["NetworkMode"] = "host"; }},
        ObstacleCase{"host_pid", [](Object& h, Object&) { h["PidMode"] = "host"; }},
        ObstacleCase{"host_namespace", [](Object& h, Object&) { h["UTSMode"] = "host"; }},
        ObstacleCase{"container_network",
                     [](Object& h, Object&) { h["NetworkMode"] = "container:abc"; }},
        ObstacleCase{"other_container", [](Object& h, Object&) { h["IpcMode"] = "container:abc"; }},
        ObstacleCase{"privileged", [](Object& h, Object&) { h["Privileged"] = true; }},
        ObstacleCase{"devices",
                     [](Object& h, Object&) {
                       h["DeviceRequests"] = json::parse(R"([{"Driver": "nvidia", "Count": -1}])");
                     }},
        ObstacleCase{"swarm",
                     [](Object&, Object& d) { labels_in(d)["com.docker.swarm.task.id"] = "t1"; }},
        ObstacleCase{"auto_remove", [](Object& h, Object&) { h["AutoRemove"] = true; }},
        ObstacleCase{"docker_socket",
                     [](Object&, Object& d) {
                       mount(d, R"({"Type": "bind", "Source": "/var/run/docker.sock",
                                    "Destination": "/s", "RW": true})");
                     }},
        ObstacleCase{"bind_mount",
                     [](Object&, Object& d) {
                       mount(d, R"({"Type": "bind", "Source": "/srv/x", "Destination": "/x"})");
                     }},
        ObstacleCase{"foreign_volume",
                     [](Object&, Object& d) {
                       mount(d, R"({"Type": "volume", "Name": "n", "Driver": "nfs",
                                    "Source": "/n", "Destination": "/n"})");
                     }},
        ObstacleCase{"unknown_field", [](Object& h, Object&) { h["Novelty"] = 1; }}),
    [](const auto& each) { return std::string{each.param.rule}; });

TEST(Eligibility, EveryObstacleIsNamed) {
  auto document = container_document();
  auto& host = document.at("HostConfig").as_object();
  host["Privileged"] = true;
  host["Devices"] = json::parse(R"([{"PathOnHost": "/dev/kvm"}])");
  host["DeviceRequests"] = json::parse(R"([{"Driver": "nvidia"}])");
  document.at("Mounts").at(0).at("Driver") = "rexray";
  const auto text = render_eligibility(judged(document));
  EXPECT_THAT(text, HasSubstr("web: may not be moved"));
  EXPECT_THAT(text, HasSubstr("/dev/kvm, device request nvidia"));
  EXPECT_THAT(text, HasSubstr("data (driver rexray)"));
  EXPECT_THAT(text, HasSubstr("privileged"));
}

TEST(Eligibility, UnknownFieldsAreNamed) {
  auto document = container_document();
  document.at("HostConfig").as_object()["Novelty"] = 1;
  EXPECT_THAT(render_eligibility(judged(document)), HasSubstr("HostConfig.Novelty"));
}

TEST(Eligibility, OtherStorageDriversStay) {
  auto document = container_document();
  document.at("GraphDriver").at("Name") = "btrfs";
  EXPECT_THAT(failed_rules(judged(document)), testing::Contains("storage_driver"));
}

TEST(Eligibility, TheOwnersWordAttachesWhatIsNotCopied) {
  auto document =
      with_mount(R"({"Type": "bind", "Source": "/etc/localtime", "Destination": "/l"})");
  EXPECT_EQ(last_fate(document), MountFate::refused);
  labels_in(document.as_object())["plimsoll.allow"] = "bind_mount,docker_socket,foreign_volume";
  EXPECT_EQ(last_fate(document), MountFate::attached);
  EXPECT_TRUE(judged(document).movable());
  mount(document.as_object(), R"({"Type": "bind", "Source": "/run/docker.sock",
                                  "Destination": "/s"})");
  EXPECT_EQ(last_fate(document), MountFate::attached);
  mount(document.as_object(), R"({"Type": "volume", "Name": "n", "Driver": "nfs",
                                  "Destination": "/n"})");
  EXPECT_EQ(last_fate(document), MountFate::attached);
  mount(document.as_object(), R"({"Type": "tmpfs", "Destination": "/t"})");
  EXPECT_EQ(last_fate(document), MountFate::empty);
}

TEST(Eligibility, AllowedFoldersAreCopied) {
  const auto document =
      with_mount(R"({"Type": "bind", "Source": "/srv/app/data", "Destination": "/d"})");
  Policy policy;
  policy.allowed_bind_mounts = {"/srv/app"};
  EXPECT_EQ(last_fate(document, policy), MountFate::copied);
  EXPECT_TRUE(judged(document, {}, policy).movable());
  policy.allowed_bind_mounts = {"/srv/ap"};
  EXPECT_EQ(last_fate(document, policy), MountFate::refused);
}

TEST(Eligibility, AVolumeWithOptionsOrOtherUsersIsNotItsAlone) {
  std::vector<MountFacts> facts(1);
  facts[0].destination = "/data";
  facts[0].has_options = true;
  EXPECT_THAT(failed_rules(judged(container_document(), facts)), ElementsAre("foreign_volume"));
  facts[0].has_options = false;
  facts[0].users = {"other"};
  EXPECT_THAT(failed_rules(judged(container_document(), facts)), ElementsAre("shared_data"));
}

TEST(Eligibility, TheDatabaseOfTheStoreStays) {
  auto document = container_document();
  const StorePlace there{"10.0.0.5", 49153, "10.0.0.5"};
  EXPECT_THAT(failed_rules(judged(document, {}, {}, there)), ElementsAre("self"));
  EXPECT_TRUE(judged(document, {}, {}, StorePlace{"10.0.0.5", 49153, "10.0.0.6"}).movable());
  EXPECT_TRUE(judged(document, {}, {}, StorePlace{"10.0.0.5", 80, "10.0.0.5"}).movable());
  const StorePlace local{"127.0.0.1", 49153, "10.0.0.6"};
  EXPECT_TRUE(judged(document, {}, {}, local).movable());
  document.at("Config").at("Image") = "influxdb:1.8";
  EXPECT_FALSE(judged(document, {}, {}, local).movable());
}

TEST(Eligibility, ItsJsonHasEachPart) {
  const auto parsed = parse_json(render_eligibility_json(judged(container_document())), "report");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->at("container"), "web");
  EXPECT_EQ(parsed->at("movable"), true);
  EXPECT_EQ(parsed->at("rules").at(0).at("passed"), true);
  EXPECT_EQ(parsed->at("mounts").at(0).at("fate"), "copied");
  EXPECT_EQ(parsed->at("strategies").as_array().size(), 3U);
  EXPECT_GT(parsed->at("fields").at("carried").as_array().size(), 3U);
}

}  // namespace
}  // namespace plimsoll
