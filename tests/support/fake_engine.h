#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/asio.h"

namespace plimsoll::test {

/// A Docker engine as far as an agent looks at it, on a loopback port or a Unix socket: answers
/// from a table and streams events. Counts what it was asked.
template <class Protocol>
class FakeEngine {
 public:
  FakeEngine(asio::io_context& context, const typename Protocol::endpoint& endpoint)
      : context_(context), acceptor_(context, endpoint) {
    asio::co_spawn(context, accept(), asio::detached);
  }
  ~FakeEngine() { close(); }
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  /// Paths without their query.
  std::map<std::string, std::string> answers{
      {"/info", R"({"ServerVersion":"20.10.24","Driver":"overlay2","DockerRootDir":"/"})"},
      {"/images/json", R"([{"Id":"sha256:f","Size":1000}])"},
      {"/containers/json", "[]"}};
  std::set<std::string> broken;  ///< Paths answered with status 500.
  std::map<std::string, int> asked;
  int asked_sizes = 0;     ///< Lists with the sizes of writable layers.
  bool hangs = false;      ///< Takes requests and never answers.
  bool no_events = false;  ///< Refuses the stream of events.

  void add_container(const std::string& id, const std::string& name, const std::string& state) {
    containers_[id] = fmt::format(
        R"({{"Id":"{}","Name":"/{}","Image":"sha256:f","RestartCount":0,"Config":{{"Image":"app:1"}},)"
        R"("State":{{"Status":"{}","Pid":0}},"HostConfig":{{"NetworkMode":"default"}}}})",
        id, name, state);
    listed_states_[id] = state;
    names_[id] = name;
    relist();
  }
  void remove_container(const std::string& id) {
    containers_.erase(id);
    relist();
  }
  void send_event(const std::string& type, const std::string& action, const std::string& id) {
    const auto line = fmt::format(
        "{{\"Type\":\"{}\",\"Action\":\"{}\",\"Actor\":{{\"ID\":\"{}\"}}}}\n", type, action, id);
    const auto chunk = fmt::format("{:x}\r\n{}\r\n", line.size(), line);
    for (const auto& socket : streams_) {
      boost::system::error_code ignored;
      asio::write(*socket, asio::buffer(chunk), ignored);
    }
  }
  void break_streams() {
    for (const auto& socket : streams_) socket->close();
    streams_.clear();
  }
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }
  [[nodiscard]] typename Protocol::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    break_streams();
    for (const auto& weak : sockets_) {
      if (const auto socket = weak.lock()) socket->close(ignored);
    }
  }

 private:
  using Socket = std::shared_ptr<typename Protocol::socket>;

  void relist() {
    std::string list;
    for (const auto& [id, json] : containers_) {
      list += fmt::format(R"({}{{"Id":"{}","Names":["/{}"],"State":"{}","SizeRw":4096}})",
                          list.empty() ? "" : ",", id, names_[id], listed_states_[id]);
      answers["/containers/" + id + "/json"] = json;
    }
    answers["/containers/json"] = "[" + list + "]";
  }

  Task<> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      auto shared = std::make_shared<typename Protocol::socket>(std::move(socket));
      sockets_.push_back(shared);
      asio::co_spawn(context_, talk(std::move(shared)), asio::detached);
    }
  }

  Task<> talk(Socket socket) {
    std::string buffer;
    for (;;) {
      const auto [error, n] =
          co_await asio::async_read_until(*socket, asio::dynamic_buffer(buffer, 64U << 10),
                                          "\r\n\r\n", asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      const auto start = buffer.find(' ') + 1;
      const auto path = buffer.substr(start, buffer.find_first_of(" ?", start) - start);
      const auto query = buffer.substr(start + path.size(), n - start - path.size());
      buffer.erase(0, n);
      ++asked[path];
      if (query.find("size=1") != std::string::npos) ++asked_sizes;
      if (hangs) continue;
      const bool events = path == "/events" && !no_events;
      const std::string answer = events ? stream_head : answer_to(path);
      if (events) streams_.push_back(socket);
      const auto [write_error, sent] = co_await asio::async_write(
          *socket, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
      if (write_error) co_return;
    }
  }

  [[nodiscard]] std::string answer_to(const std::string& path) const {
    if (broken.contains(path)) {
      return "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nbroken";
    }
    const auto found = answers.find(path);
    const std::string body = found == answers.end() ? R"({"message":"no such"})" : found->second;
    return fmt::format(
        "HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        found == answers.end() ? "404 Not Found" : "200 OK", body.size(), body);
  }

  static inline const std::string stream_head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

  asio::io_context& context_;
  typename Protocol::acceptor acceptor_;
  std::map<std::string, std::string> containers_, listed_states_, names_;
  std::vector<Socket> streams_;
  std::vector<std::weak_ptr<typename Protocol::socket>> sockets_;
};

using FakeEngineTcp = FakeEngine<asio::ip::tcp>;
using FakeEngineUnix = FakeEngine<asio::local::stream_protocol>;

inline asio::ip::tcp::endpoint any_loopback_port() { return {asio::ip::address_v4::loopback(), 0}; }

/// Turns the loop until `done` says so; false after ten seconds.
template <class Done>
bool run_until(asio::io_context& context, const Done& done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    context.restart();
    context.run_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace plimsoll::test
