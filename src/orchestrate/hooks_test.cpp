#include "orchestrate/hooks.h"

#include <gmock/gmock.h>

#include "runtime/hmac.h"
#include "runtime/http_server.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct HooksTest : testing::Test {
  TempDir dir;
  asio::io_context context;
  HookConfig config;
  MoveRecord record;

  Result<void> before(Act act) {
    Hooks hooks{config};
    return run_task(context, hooks.before(act, &record));
  }
};

/// Keeps what it is asked, and answers with a status.
class Listener : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    asked.push_back(std::move(request));
    co_return text_response("not today", status);
  }
  std::vector<HttpRequest> asked;
  unsigned status = 200;
};

TEST(HookPhases, AreNamedAsPeopleCallThem) {
  const auto names = hook_phases();
  for (const char* name : {"pre_stop", "post_start", "pre_commit", "post_rollback", "post_clean"}) {
    EXPECT_THAT(names, Contains(name));
  }
}

TEST_F(HooksTest, ACommandIsGivenTheMoveAndMaySayNo) {
  record.container = ContainerName{"web"};
  const auto seen = (dir.path() / "seen").string();
  config.at["pre_stop"] = {"/bin/sh", "-c", "cat > " + seen + "; echo 'backup runs' >&2; exit 3"};
  const auto refused = before(Act::stop_source);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message, HasSubstr("hook pre_stop"));
  EXPECT_THAT(refused.error().message, HasSubstr("backup runs"));
  EXPECT_THAT(read_file(seen).value(), HasSubstr(R"("phase":"pre_stop")"));
  EXPECT_THAT(read_file(seen).value(), HasSubstr(R"("container":"web")"));
  EXPECT_TRUE(before(Act::precopy)) << "no hook is set there";
}

TEST_F(HooksTest, ACommandThatHangsIsEnded) {
  config.timeout = Duration{50};
  config.at["pre_stop"] = {"/bin/cat", "/dev/zero"};
  EXPECT_FALSE(before(Act::stop_source));
  config.at["pre_stop"] = {"/bin/sleep", "600"};
  const auto late = before(Act::stop_source);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout);
}

TEST_F(HooksTest, AWebhookIsSignedAndItsAnswerCounts) {
  const auto listener = std::make_shared<Listener>();
  const auto server = HttpServer::start(context.get_executor(), {}, listener).value();
  config.secret = Secret{"key"};
  config.at["pre_stop"] = {"http://" + server->address() + "/told"};
  EXPECT_TRUE(before(Act::stop_source));
  ASSERT_EQ(listener->asked.size(), 1U);
  EXPECT_EQ(listener->asked[0].target, "/told");
  EXPECT_EQ(header(listener->asked[0].headers, "x-plimsoll-signature"),
            "sha256=" + hmac_sha256_hex("key", listener->asked[0].body));
  listener->status = 503;
  const auto refused = before(Act::stop_source);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("not today"));
}

}  // namespace
}  // namespace plimsoll
