#include "agent/agent_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "agent/agent_documents.h"
#include "agent/agent_routes.h"
#include "agent/goodput_probe.h"
#include "core/text.h"
#include "runtime/http_client.h"
#include "support/golden.h"
#include "support/run_task.h"
#include "support/sample_reading.h"
#include "telemetry/prometheus.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using test::golden;
using test::sample_reading;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The endpoints over a real loopback port.
struct AgentServerTest : ::testing::Test {
  AgentServerTest() {
    now = sample_reading().sampled_at;
    AgentServerConfig config;
    config.rtt.probes = 1;
    config.steady = [this] { return steady; };
    agent = std::make_shared<AgentServer>(context.get_executor(), config, [this] { return now; });
    server = HttpServer::start(context.get_executor(), {}, agent).value();
    agent->set_own_port(server->port());
  }

  HttpResponse ask(HttpRequest request) {
    HttpTarget target;
    target.host = "127.0.0.1";
    target.port = server->port();
    HttpClient client{context.get_executor(), target};
    auto response = run_task(context, client.send(std::move(request), Duration{10'000}));
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : HttpResponse{};
  }
  HttpResponse get(const std::string& path) {
    HttpRequest request;
    request.target = path;
    return ask(std::move(request));
  }
  HttpResponse post(const std::string& path, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = path;
    request.body = std::move(body);
    return ask(std::move(request));
  }
  [[nodiscard]] std::string probe_body(std::uint64_t bytes, int max_age_s = 0) const {
    return fmt::format(R"({{"host":"127.0.0.1","port":{},"bytes":{},"max_age_s":{}}})",
                       server->port(), bytes, max_age_s);
  }

  asio::io_context context;
  TimePoint now;
  std::chrono::steady_clock::time_point steady{std::chrono::hours{1}};
  std::shared_ptr<AgentServer> agent;
  std::unique_ptr<HttpServer> server;
};

TEST_F(AgentServerTest, ServesThePredecessorsDocuments) {
  agent->publish(sample_reading());
  EXPECT_EQ(get("/devicedetails").body + "\n", golden("telemetry/devicedetails.json"));
  EXPECT_EQ(get("/containers").body + "\n", golden("telemetry/containers.json"));
  const auto combined = get("/combined");
  EXPECT_EQ(combined.body + "\n", golden("telemetry/combined.json"));
  EXPECT_THAT(std::string{header(combined.headers, "Content-Type")},
              StartsWith("application/json"));
}

TEST_F(AgentServerTest, ServesOurTelemetryAndMetrics) {
  agent->publish(sample_reading());
  const auto reading = decode_v1(get("/v1/telemetry?size=1").body);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(*reading, sample_reading());
  const auto metrics = get("/metrics");
  EXPECT_EQ(metrics.body, golden("telemetry/metrics.prom"));
  EXPECT_EQ(header(metrics.headers, "Content-Type"), prometheus_content_type);
}

TEST_F(AgentServerTest, ANewSampleReplacesTheOld) {
  agent->publish(sample_reading());
  EXPECT_THAT(get("/devicedetails").body, HasSubstr(R"("cpu_percent":25)"));
  HostReading next = sample_reading();
  next.cpu.percent = 75;
  agent->publish(next);
  EXPECT_THAT(get("/devicedetails").body, HasSubstr(R"("cpu_percent":75)"));
}

TEST_F(AgentServerTest, BeforeTheFirstSampleItIsUnavailableNotZero) {
  for (const char* path : {"/combined", "/v1/telemetry", "/metrics", "/healthz"}) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 503U) << path;
    EXPECT_THAT(response.body, HasSubstr("\"error\""));
  }
}

TEST_F(AgentServerTest, HealthFollowsTheAgeOfTheSample) {
  agent->publish(sample_reading());
  EXPECT_EQ(get("/healthz").status, 200U);
  steady += std::chrono::seconds{60};
  EXPECT_EQ(get("/healthz").status, 503U);
}

/// A jump of the wall clock makes nothing older.
TEST_F(AgentServerTest, ASampleThatIsStaleIsNotShown) {
  agent->publish(sample_reading());
  now += Duration{3'600'000};
  steady += std::chrono::seconds{10};
  EXPECT_EQ(get("/v1/telemetry").status, 200U);
  EXPECT_EQ(get("/healthz").status, 200U);
  agent->miss("/proc/stat: cannot be read");
  steady += std::chrono::seconds{3};
  agent->amend([](HostReading& reading) { reading.cpu.percent = 1; });
  for (const char* path : {"/combined", "/v1/telemetry", "/metrics", "/healthz"}) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 503U) << path;
    EXPECT_THAT(response.body,
                HasSubstr("the last sample is 13 s old: /proc/stat: cannot be read"));
  }
  agent->publish(sample_reading());
  EXPECT_EQ(get("/v1/telemetry").status, 200U);
}

TEST_F(AgentServerTest, ASamplerThatHangsIsSaid) {
  agent->publish(sample_reading());
  steady += std::chrono::seconds{11};
  EXPECT_THAT(get("/v1/telemetry").body, HasSubstr("takes for ever"));
}

TEST_F(AgentServerTest, UnknownPathsAndMethodsAreJsonErrors) {
  EXPECT_EQ(get("/nothing").status, 404U);
  EXPECT_THAT(get("/nothing").body, StartsWith("{\"error\""));
  const auto response = post("/combined", "");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(header(response.headers, "Allow"), "GET");
  EXPECT_EQ(get("/rttData").status, 405U);
}

TEST_F(AgentServerTest, EveryAnswerSaysVersionAndTime) {
  agent->publish(sample_reading());
  agent->set_tokens(SecretFile::fixed("s3cret"));
  for (const char* path : {"/healthz", "/combined", "/nothing"}) {
    const auto response = get(path);
    EXPECT_FALSE(header(response.headers, agent_version_header).empty()) << path;
    EXPECT_EQ(header(response.headers, agent_time_header),
              std::to_string(now.time_since_epoch().count()));
  }
}

TEST_F(AgentServerTest, ARefusalSaysWhatToDoAndNoToken) {
  agent->publish(sample_reading());
  agent->set_tokens(SecretFile::fixed("s3cret"));
  const auto without = get("/metrics");
  EXPECT_EQ(without.status, 401U);
  EXPECT_THAT(std::string{header(without.headers, "WWW-Authenticate")}, StartsWith("Bearer"));
  EXPECT_THAT(without.body, HasSubstr("agent.token_file"));
  HttpRequest request;
  request.target = "/metrics";
  request.headers.emplace_back("Authorization", "Bearer guessed");
  const auto wrong = ask(std::move(request));
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_NE(wrong.body, without.body);
  for (const auto& body : {without.body, wrong.body}) {
    EXPECT_EQ(body.find("s3cret"), std::string::npos);
    EXPECT_EQ(body.find("guessed"), std::string::npos);
  }
}

TEST_F(AgentServerTest, BodiesAreBoundedByTheirPath) {
  agent->publish(sample_reading());
  EXPECT_EQ(post("/rttData", std::string(66'000, ' ')).status, 413U);
  EXPECT_EQ(post("/v1/probe", std::string(5'000, ' ')).status, 413U);
  EXPECT_EQ(post("/v1/sink", std::string(1U << 20, 'x')).body, R"({"bytes":1048576})");
  EXPECT_EQ(post("/v1/sink", std::string((1U << 20) + 1, 'x')).status, 413U);
  HttpRequest request;
  request.target = "/metrics";
  request.body = "where none belongs";
  EXPECT_EQ(ask(std::move(request)).status, 413U);
}

TEST_F(AgentServerTest, ATokenIsNeededOnceThereIsOne) {
  agent->publish(sample_reading());
  agent->set_tokens(SecretFile::fixed("s3cret"));
  EXPECT_EQ(get("/combined").status, 401U);
  EXPECT_EQ(get("/healthz").status, 200U);
  for (const auto& [text, status] : std::map<std::string, unsigned>{
           {"Bearer s3cret", 200}, {"Bearer s3creT", 401}, {"s3cret", 401}, {"Bearer ", 401}}) {
    HttpRequest request;
    request.target = "/combined";
    request.headers.emplace_back("Authorization", text);
    EXPECT_EQ(ask(std::move(request)).status, status) << text;
  }
}

TEST_F(AgentServerTest, MeasuresRoundTrips) {
  const auto response = post("/rttData", R"({"hosts":["127.0.0.1"]})");
  EXPECT_EQ(response.status, 200U);
  EXPECT_THAT(response.body, StartsWith(R"([{"host":"127.0.0.1","avg_latency":)"));
  EXPECT_THAT(response.body, HasSubstr(R"("packet_loss":0})"));
  EXPECT_EQ(post("/rttData", "<html>").status, 400U);
}

TEST_F(AgentServerTest, ProbesGoodput) {
  const auto response = post("/v1/probe", probe_body(1'000'000));
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_THAT(response.body, HasSubstr(R"("bytes":1000000,"age_s":0})"));
  EXPECT_THAT(response.body, HasSubstr("goodput_bytes_per_s"));
  // The next one comes too soon.
  const auto early = post("/v1/probe", probe_body(1));
  EXPECT_EQ(early.status, 429U);
  EXPECT_EQ(header(early.headers, "Retry-After"), "5");
  const auto known = post("/v1/probe", probe_body(1, 60));
  EXPECT_EQ(known.status, 200U) << "an earlier one will do";
  EXPECT_THAT(known.body, HasSubstr(R"("bytes":1000000,)"));
}

TEST_F(AgentServerTest, ProbesWithTheTokenToo) {
  agent->set_tokens(SecretFile::fixed("s3cret"));
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/probe";
  request.body = probe_body(100'000);
  request.headers.emplace_back("Authorization", "Bearer s3cret");
  EXPECT_EQ(ask(std::move(request)).status, 200U);
}

TEST_F(AgentServerTest, AProbeOfNobodySaysWhom) {
  asio::ip::tcp::acceptor closed{context, {asio::ip::address_v4::loopback(), 0}};
  const auto port = closed.local_endpoint().port();
  closed.close();
  agent->set_own_port(port);
  const auto response = post("/v1/probe", fmt::format(R"({{"host":"127.0.0.1","port":{}}})", port));
  EXPECT_EQ(response.status, 502U);
  EXPECT_THAT(response.body, HasSubstr(std::to_string(port)));
}

/// Answers whatever is asked, but is no agent.
class Stranger : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    requests.push_back(std::move(request));
    co_return json_response(R"({"status":"ok"})");
  }
  std::vector<HttpRequest> requests;
};

TEST_F(AgentServerTest, AStrangerIsAskedForItsHealthAndGetsNothingElse) {
  const auto stranger = std::make_shared<Stranger>();
  const auto other = HttpServer::start(context.get_executor(), {}, stranger).value();
  agent->set_tokens(SecretFile::fixed("s3cret"));
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/probe";
  request.body = fmt::format(R"({{"host":"127.0.0.1","port":{}}})", other->port());
  request.headers.emplace_back("Authorization", "Bearer s3cret");
  const auto response = ask(std::move(request));
  EXPECT_EQ(response.status, 502U);
  EXPECT_THAT(response.body, HasSubstr("no plimsoll agent answers there"));
  ASSERT_EQ(stranger->requests.size(), 1U);
  EXPECT_EQ(stranger->requests[0].target, "/healthz");
  EXPECT_EQ(header(stranger->requests[0].headers, "Authorization"), "");
}

TEST_F(AgentServerTest, WithoutATokenOnlyAgentsPortsAreTried) {
  const auto stranger = std::make_shared<Stranger>();
  const auto other = HttpServer::start(context.get_executor(), {}, stranger).value();
  const auto response =
      post("/v1/probe", fmt::format(R"({{"host":"127.0.0.1","port":{}}})", other->port()));
  EXPECT_EQ(response.status, 403U);
  EXPECT_THAT(response.body, HasSubstr("5002"));
  EXPECT_TRUE(stranger->requests.empty());
}

TEST_F(AgentServerTest, PrivilegedPortsAreNeverTried) {
  agent->set_tokens(SecretFile::fixed("s3cret"));
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/probe";
  request.body = R"({"host":"127.0.0.1","port":22})";
  request.headers.emplace_back("Authorization", "Bearer s3cret");
  EXPECT_EQ(ask(std::move(request)).status, 403U);
}

/// "GET /metrics" of each operation in the document; the file is written in one way throughout.
std::set<std::string> documented_operations() {
  std::set<std::string> operations;
  std::string path;
  for (const auto line : split(agent_document("agent.yaml").value_or(""), '\n')) {
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    if (line == "    get:") operations.insert("GET " + path);
    if (line == "    post:") operations.insert("POST " + path);
  }
  return operations;
}

TEST(AgentRoutes, AreThoseOfTheDocument) {
  std::set<std::string> served;
  for (const auto& row : agent_routes) {
    served.insert(std::string{row.method} + " " + std::string{row.path});
  }
  EXPECT_EQ(served, documented_operations());
}

TEST_F(AgentServerTest, ServesItsDocument) {
  const auto response = get("/openapi.yaml");
  EXPECT_EQ(header(response.headers, "Content-Type"), "application/yaml");
  EXPECT_THAT(response.body, StartsWith("openapi: 3.1.0"));
}

TEST(ProbeRequest, IsChecked) {
  EXPECT_EQ(decode_probe_request(R"({"host":"a","scheme":"https"})")->tls, true);
  EXPECT_EQ(decode_probe_request(R"({"host":"a"})")->tls, std::nullopt);
  EXPECT_FALSE(decode_probe_request(R"({"host":"a","scheme":"ftp"})"));
  EXPECT_EQ(decode_probe_request(R"({"host":"10.0.0.2"})")->port, 5002);
  for (const char* json : {"", "[]", "{}", R"({"host":""})", R"({"host":"a","port":0})",
                           R"({"host":"a","port":70000})", R"({"host":"a","bytes":16777217})",
                           R"({"host":"a","bytes":0})", R"({"host":"a","bytes":-1})",
                           R"({"host":"a","max_age_s":3601})", R"({"host":"a","max_age_s":-1})"}) {
    EXPECT_FALSE(decode_probe_request(json)) << json;
  }
}

}  // namespace
}  // namespace plimsoll
