// Drives the hand on a real host, for hand_test.sh:
//   hand_driver SSH_CONFIG HOST[=USER] FILE ensure
//   … act MOVE EPOCH ACT WORD…           its input on standard input
//   … ask MOVE EPOCH                     a gate; "METHOD PATH" a line on standard input
//   … look                               the same, a gate for looking
//   … latency MOVE EPOCH N               N pings past the gate and through it, in turns
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "core/text.h"
#include "remote/hand_client.h"
#include "runtime/http_client.h"

namespace plimsoll {
namespace {

using Words = std::vector<std::string>;
constexpr const char* owner = "0123456789abcdef";

int complain(const Error& error) {
  fmt::print(stderr, "{}: {}\n", to_string(error.code), error.message);
  return 1;
}

Task<Result<HttpResponse>> request(HttpClient* client, std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(path);
  auto answer = co_await client->send(std::move(request), Duration{20'000});
  co_return answer;
}

Task<int> ask_lines(HttpTarget target) {
  const auto executor = co_await asio::this_coro::executor;
  HttpClient client{executor, std::move(target)};
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto space = line.find(' ');
    auto answer = co_await request(&client, line.substr(0, space), line.substr(space + 1));
    if (!answer) co_return complain(answer.error());
    fmt::print("{} {}\n", answer->status, printable(trim(answer->body), 300));
    std::fflush(stdout);
  }
  co_return 0;
}

Task<std::int64_t> ping_us(HttpClient* client) {
  const auto before = std::chrono::steady_clock::now();
  const auto answer = co_await request(client, "GET", "/_ping");
  const auto took = std::chrono::steady_clock::now() - before;
  const bool fine = answer && answer->ok();
  co_return fine ? std::chrono::duration_cast<std::chrono::microseconds>(took).count() : -1;
}

Task<int> latency(HttpTarget direct, HttpTarget gated, int rounds) {
  const auto executor = co_await asio::this_coro::executor;
  HttpClient past{executor, std::move(direct)};
  HttpClient through{executor, std::move(gated)};
  std::vector<std::int64_t> a, b;
  for (int i = 0; i < rounds; ++i) {
    const auto straight = co_await ping_us(&past);
    const auto around = co_await ping_us(&through);
    a.push_back(straight);
    b.push_back(around);
  }
  for (auto* times : {&a, &b}) std::ranges::sort(*times);
  const auto half = static_cast<std::size_t>(rounds) / 2;
  fmt::print("median of {}: {} us past the gate, {} us through it\n", rounds, a[half], b[half]);
  co_return a.front() < 0 || b.front() < 0 ? 1 : 0;
}

Task<int> act(Hand hand, Words words) {
  HandCall call;
  call.act = words.front();
  call.words.assign(words.begin() + 1, words.end());
  call.input.assign(std::istreambuf_iterator<char>{std::cin}, {});
  const auto result = co_await hand.act(std::move(call));
  if (!result) co_return complain(result.error());
  fmt::print("{}\n", boost::json::serialize(*result));
  co_return 0;
}

Task<int> carry_out(SshSession* session, HandPlace place, Words words) {
  const auto what = words.front();
  if (what == "ensure") {
    fmt::print("{} {} {}\n", place.executable, place.sudo ? "sudo" : "root",
               place.uploaded ? "uploaded" : "there");
    co_return 0;
  }
  if (what == "look") {
    const auto gate = co_await Hand::open_look(session, std::move(place));
    if (!gate) co_return complain(gate.error());
    const auto code = co_await ask_lines(*gate);
    co_return code;
  }
  const HandOrder order{MoveId{words.at(1)}, parse_number<std::uint64_t>(words.at(2)).value_or(0),
                        owner, false};
  Hand hand{session, std::move(place), order};
  words.erase(words.begin(), words.begin() + 3);
  if (what == "act") {
    const auto code = co_await act(std::move(hand), std::move(words));
    co_return code;
  }
  const auto gate = co_await hand.open_gate();
  if (!gate) co_return complain(gate.error());
  auto task = what == "ask"
                  ? ask_lines(*gate)
                  : latency(session->docker(), *gate, parse_number<int>(words.at(0)).value_or(1));
  const auto code = co_await std::move(task);
  co_return code;
}

Task<int> drive(Words words) {
  const auto executor = co_await asio::this_coro::executor;
  Host host;
  const auto equals = words.at(1).find('=');
  host.name = HostId{words[1].substr(0, equals)};
  host.address = host.name.str();
  if (equals != std::string::npos) host.ssh_user = words[1].substr(equals + 1);
  SshConfig config;
  config.config = words.at(0);
  auto session = co_await SshSession::open(executor, host, config);
  if (!session) co_return complain(session.error());
  auto file = co_await own_executable();
  if (!file) co_return complain(file.error());
  file->path = words.at(2);
  ProcessOptions options;
  Words sum{"sha256sum", words.at(2)};
  const auto told = co_await run_process(std::move(sum), std::move(options));
  if (!told) co_return complain(told.error());
  file->sha256 = told->out.substr(0, 64);
  const auto place = co_await ensure_hand(session->get(), *file);
  if (!place) co_return complain(place.error());
  words.erase(words.begin(), words.begin() + 3);
  const auto code = co_await carry_out(session->get(), *place, std::move(words));
  co_return code;
}

}  // namespace
}  // namespace plimsoll

int main(int argc, char** argv) {
  std::vector<std::string> words{argv + 1, argv + argc};
  if (words.size() < 4) return 2;
  boost::asio::io_context io{1};
  int code = 1;
  boost::asio::co_spawn(io, plimsoll::drive(std::move(words)),
                        [&](const std::exception_ptr& thrown, int value) {
                          code = thrown ? 1 : value;
                          io.stop();
                        });
  io.run();
  return code;
}
