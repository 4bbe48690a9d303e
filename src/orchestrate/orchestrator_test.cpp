#include "orchestrate/orchestrator.h"

#include <gtest/gtest.h>

#include "store/memory_store.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

struct OrchestratorTest : testing::Test {
  TempDir dir;
  asio::io_context context;
  MemoryStore store;
  Journal journal = Journal::open(dir.path() / "journal.db").value();
  TimePoint now{std::chrono::hours{24 * 365}};
  HostList hosts;
  OrchestratorConfig config;

  Orchestrator orchestrator() {
    Policy policy;
    policy.evaluate_every = Duration{1};
    return Orchestrator{OrchestratorParts{context.get_executor(),
                                          store,
                                          journal,
                                          [this] { return hosts; },
                                          policy,
                                          config,
                                          SshConfig{},
                                          {},
                                          [this] { return now; },
                                          nullptr}};
  }
  static Move move() {
    Move wanted;
    wanted.container = ContainerName{"web"};
    wanted.from = HostId{"h1"};
    wanted.to = HostId{"h2"};
    wanted.reason = "because";
    return wanted;
  }
  void run_until_no_move_is_open(Orchestrator& running) {
    asio::co_spawn(context, running.run(), asio::detached);
    run_task(context, wait_and_stop(&running, &journal, context.get_executor()));
  }
  static Task<int> wait_and_stop(Orchestrator* running, Journal* journal,
                                 asio::any_io_executor executor) {
    asio::steady_timer timer{executor};
    for (int i = 0; i < 2000 && !journal->open_moves()->empty(); ++i) {
      timer.expires_after(Duration{5});
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_await running->stop();
    co_return 0;
  }
};

TEST_F(OrchestratorTest, AnEmptyFleetHasAnEmptyPlan) {
  auto idle = orchestrator();
  const auto report = run_task(context, idle.plan());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->plan.moves.empty());
}

TEST_F(OrchestratorTest, AStoreThatIsAwayIsAnErrorOfThePlan) {
  store.fail_with(Error{Errc::unreachable, "the store is away"});
  auto idle = orchestrator();
  EXPECT_EQ(run_task(context, idle.plan()).error().message, "the store is away");
}

TEST_F(OrchestratorTest, AProposalWaitsInTheJournal) {
  auto idle = orchestrator();
  const auto records = idle.propose({move()});
  ASSERT_TRUE(records);
  const MoveRecord* record = &records->front();
  EXPECT_EQ(journal.find(record->id)->progress.state, MoveState::planned);
  EXPECT_EQ(journal.find(record->id)->reason, "because");
}

TEST_F(OrchestratorTest, ADrainOfNobodyIsSaidSo) {
  auto idle = orchestrator();
  const auto report = run_task(context, idle.plan_drain(HostId{"h9"}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->plan.moves.empty());
  ASSERT_FALSE(report->plan.rejected.empty());
  EXPECT_EQ(report->plan.rejected.back().rule, Rule::unknown);
}

TEST_F(OrchestratorTest, WhatNobodyIsCalledCannotBeExplained) {
  auto idle = orchestrator();
  const auto text = run_task(context, idle.explain("web"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::not_found);
}

TEST_F(OrchestratorTest, AMoveOfAHostThatLeftTheListIsRefused) {
  auto idle = orchestrator();
  const auto record = idle.propose({move()}).value().front();
  const auto ended = run_task(context, idle.run_move(record.id));
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message.find("host 'h1' is not in host.csv any more"), std::string::npos);
}

TEST_F(OrchestratorTest, APlanNobodyApprovedGoesOutOfDate) {
  auto running = orchestrator();
  const auto record = running.propose({move()}).value().front();
  now += std::chrono::minutes{11};
  run_until_no_move_is_open(running);
  const auto kept = journal.find(record.id).value();
  EXPECT_EQ(kept.progress.state, MoveState::superseded);
  EXPECT_NE(kept.error.find("nobody approved it"), std::string::npos);
}

TEST_F(OrchestratorTest, AnApprovedPlanOfHostsThatFellSilentIsSuperseded) {
  hosts.resize(2);
  hosts[0].name = HostId{"h1"};
  hosts[1].name = HostId{"h2"};
  auto running = orchestrator();
  const auto record = running.propose({move()}).value().front();
  ASSERT_TRUE(journal.approve(record.id));
  now += std::chrono::minutes{1};
  run_until_no_move_is_open(running);
  const auto kept = journal.find(record.id).value();
  EXPECT_EQ(kept.progress.state, MoveState::superseded);
  EXPECT_NE(kept.error.find("2 of 2 hosts are silent"), std::string::npos) << kept.error;
}

TEST_F(OrchestratorTest, AProposalKeepsPortsAndImage) {
  auto idle = orchestrator();
  Move wanted = move();
  wanted.ports = {{8080, Protocol::tcp, ""}};
  wanted.image_id = "sha256:web";
  const auto record = idle.propose({wanted}).value().front();
  const auto kept = journal.find(record.id).value().members.at(0);
  EXPECT_EQ(kept.ports, wanted.ports);
  EXPECT_EQ(kept.image, "sha256:web");
}

TEST_F(OrchestratorTest, AnApprovedMoveIsTakenUp) {
  // SSH leads nowhere here: what shows is that the move is begun, and ends rolled back.
  Host h1;
  h1.name = HostId{"h1"};
  h1.address = "127.0.0.1";
  h1.ssh_port = 1;
  Host h2 = h1;
  h2.name = HostId{"h2"};
  hosts = {h1, h2};
  auto running = orchestrator();
  const auto record = running.propose({move()}).value().front();
  ASSERT_TRUE(journal.approve(record.id));
  run_until_no_move_is_open(running);
  const auto kept = journal.find(record.id).value();
  EXPECT_EQ(kept.progress.state, MoveState::rolled_back);
  EXPECT_NE(kept.error.find("h1: nothing listens on its SSH port"), std::string::npos)
      << kept.error;
}

}  // namespace
}  // namespace plimsoll
