#pragma once

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/asio.h"

namespace plimsoll::test {

/// A name server on a port of its own and a thread of its own: it knows the IPv4 addresses it was
/// told, says that other names do not exist, and keeps silent where it was told to.
class DnsServer {
 public:
  struct Record {
    std::string address;
    std::uint32_t ttl_s = 60;
  };

  DnsServer() : thread_([this] { serve(); }) {}
  ~DnsServer() {
    // An empty datagram ends the thread: closing a socket wakes nobody who waits on it.
    stopped_ = true;
    boost::system::error_code ignored;
    asio::ip::udp::socket waker{context_, asio::ip::udp::v4()};
    waker.send_to(asio::buffer("", 0), socket_.local_endpoint(), 0, ignored);
    thread_.join();
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }
  void set(const std::string& name, Record record) {
    const std::scoped_lock lock{mutex_};
    records_[name] = std::move(record);
  }
  /// Names that start with `prefix` get no answer.
  void be_silent_for(std::string prefix) {
    const std::scoped_lock lock{mutex_};
    silent_ = std::move(prefix);
  }
  [[nodiscard]] int questions() const { return questions_; }

 private:
  static constexpr std::size_t header_bytes = 12;

  void serve() {
    std::array<char, 1500> buffer{};
    while (!stopped_) {
      asio::ip::udp::endpoint client;
      boost::system::error_code error;
      const auto size = socket_.receive_from(asio::buffer(buffer), client, 0, error);
      if (error || size <= header_bytes) continue;
      ++questions_;
      const std::string answer = answer_to({buffer.data(), size});
      if (!answer.empty()) socket_.send_to(asio::buffer(answer), client, 0, error);
    }
  }

  static std::string name_of(std::string_view question) {
    std::string name;
    std::size_t at = header_bytes;
    while (at < question.size() && question[at] != 0) {
      const auto length = static_cast<std::size_t>(static_cast<unsigned char>(question[at]));
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, length);
      at += length + 1;
    }
    return name;
  }

  std::string answer_to(std::string_view question) {
    const std::string name = name_of(question);
    const std::size_t question_bytes = name.size() + 2 + 4;
    const bool ipv4 = question.at(header_bytes + name.size() + 3) == 1;  // QTYPE A
    const std::scoped_lock lock{mutex_};
    if (!silent_.empty() && name.starts_with(silent_)) return {};
    const auto found = records_.find(name);
    const bool answers = found != records_.end() && ipv4;
    std::string out{question.substr(0, 2)};
    out += '\x84';  // an answer, with authority
    out += found == records_.end() ? '\x03' : '\0';
    out += std::string_view{"\0\1\0", 3};
    out += answers ? '\1' : '\0';
    out += std::string_view{"\0\0\0\0", 4};
    out += question.substr(header_bytes, question_bytes);
    if (answers) append_record(out, found->second);
    return out;
  }

  static void append_record(std::string& out, const Record& record) {
    out += std::string_view{"\xc0\x0c\0\1\0\1", 6};  // the question's name, A, IN
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(record.ttl_s >> shift & 0xff);
    out += std::string_view{"\0\4", 2};
    for (const auto byte : asio::ip::make_address_v4(record.address).to_bytes()) {
      out += static_cast<char>(byte);
    }
  }

  asio::io_context context_;
  asio::ip::udp::socket socket_{context_, {asio::ip::address_v4::loopback(), 0}};
  std::mutex mutex_;
  std::map<std::string, Record> records_;
  std::string silent_;
  std::atomic<int> questions_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace plimsoll::test
