#include "runtime/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "core/text.h"
#include "runtime/host_names.h"
#include "runtime/net_stream.h"

namespace plimsoll {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::as_tuple;
using asio::use_awaitable;
using boost::system::error_code;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr std::size_t chunk_bytes = 64U << 10;
// Beast reads no more at once than the buffer has room for, and starts with 512 bytes.
constexpr std::size_t read_bytes = 16U << 10;
constexpr std::size_t unbudgeted_bytes = 64U << 10;

Errc errc_of(error_code error) {
  if (error == beast::error::timeout) return Errc::timeout;
  if (error == http::error::body_limit || error == http::error::header_limit) {
    return Errc::too_large;
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return Errc::io;
  if (error.category() == make_error_code(http::error::bad_version).category()) {
    return Errc::malformed;
  }
  if (error == asio::error::operation_aborted) return Errc::cancelled;
  return Errc::io;
}

const char* words_of(error_code error) {
  if (error == http::error::body_limit) return "the answer is longer than the limit";
  if (error == http::error::header_limit) return "the answer's header is longer than the limit";
  if (error == http::error::end_of_stream) return "the connection was closed without an answer";
  if (error == http::error::partial_message) return "the answer broke off in the middle";
  return nullptr;
}

/// How the deadlines of one exchange are counted.
struct Pace {
  Duration limit;
  bool whole;  ///< The limit holds for all of it, not for each step.
};

/// One answer's share of a budget, given back when the answer has been read.
class BudgetShare {
 public:
  explicit BudgetShare(ByteBudget* budget) : budget_(budget) {}
  ~BudgetShare() {
    if (budget_ != nullptr) budget_->bytes_left += taken_;
  }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  /// Whether there is room for an answer of so many bytes.
  [[nodiscard]] bool grow_to(std::size_t bytes) {
    if (budget_ == nullptr || bytes <= unbudgeted_bytes + taken_) return true;
    const std::size_t more = bytes - unbudgeted_bytes - taken_;
    if (more > budget_->bytes_left) return false;
    budget_->bytes_left -= more;
    taken_ += more;
    return true;
  }

 private:
  ByteBudget* budget_;
  std::size_t taken_ = 0;
};

HttpResponse to_response(const http::response_header<>& header, std::string body) {
  HttpResponse response;
  response.status = header.result_int();
  for (const auto& field : header) {
    response.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  }
  response.body = std::move(body);
  return response;
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(asio::any_io_executor executor, HttpTarget target, HttpLimits limits)
      : executor_(std::move(executor)), target_(std::move(target)), limits_(limits) {}

  Task<Result<HttpResponse>> exchange(HttpRequest request, ByteSource* source, ByteSink* sink,
                                      Pace pace);
  void close() {
    stream_.reset();
    buffer_.clear();
    buffer_.shrink_to_fit();
  }
  void use_addresses(HttpAddresses addresses);
  [[nodiscard]] bool is_connected() const { return stream_ != nullptr; }
  [[nodiscard]] const HttpTarget& target() const { return target_; }

 private:
  using Steady = std::chrono::steady_clock;
  using Stream = NetStream;

  Task<Result<std::vector<Endpoint>>> endpoints(Steady::time_point deadline);
  Task<Result<void>> connect(Pace pace, Steady::time_point deadline);
  Task<Result<void>> start_tls(Pace pace);
  Task<error_code> write(const HttpRequest* request, ByteSource* source, Pace pace,
                         Result<void>* source_failure);
  Task<error_code> write_chunks(ByteSource* source, Pace pace, Result<void>* source_failure);
  Task<Result<HttpResponse>> read(bool head, ByteSink* sink, Pace pace);
  [[nodiscard]] bool still_open();
  void arm(Pace pace) {
    if (!pace.whole) stream_->expires_after(pace.limit);
  }
  [[nodiscard]] Error failure(error_code error, Pace pace, const char* doing) const;
  template <class Body>
  http::request<Body> head_of(const HttpRequest& request) const;

  asio::any_io_executor executor_;
  HttpTarget target_;
  HttpLimits limits_;
  HttpAddresses addresses_;
  std::unique_ptr<Stream> stream_;
  beast::flat_buffer buffer_;
};

Error HttpClient::Impl::failure(error_code error, Pace pace, const char* doing) const {
  if (error == beast::error::timeout) {
    return {Errc::timeout, fmt::format("{}: {}: no answer within {}", target_.str(), doing,
                                       format_duration(pace.limit))};
  }
  const char* words = words_of(error);
  return {errc_of(error),
          fmt::format("{}: {}: {}", target_.str(), doing, words ? words : error.message())};
}

/// A server may have closed a kept connection while it lay idle; a request written to it would be
/// lost, and a POST must not be sent twice on suspicion.
bool HttpClient::Impl::still_open() { return stream_->is_quiet(); }

Task<Result<std::vector<Endpoint>>> HttpClient::Impl::endpoints(Steady::time_point deadline) {
  std::vector<Endpoint> found;
  if (!target_.unix_path.empty()) {
    found.emplace_back(asio::local::stream_protocol::endpoint{target_.unix_path});
  } else if (addresses_) {
    for (const auto& address : *addresses_) {
      found.emplace_back(asio::ip::tcp::endpoint{address, target_.port});
    }
  } else {
    const auto left = std::chrono::ceil<Duration>(deadline - Steady::now());
    const auto resolved = co_await resolve_host(target_.host, left);
    if (!resolved) co_return resolved.error().in(target_.str());
    for (const auto& address : *resolved) {
      found.emplace_back(asio::ip::tcp::endpoint{address, target_.port});
    }
  }
  co_return found;
}

Task<Result<void>> HttpClient::Impl::connect(Pace pace, Steady::time_point deadline) {
  const auto targets = co_await endpoints(deadline);
  if (!targets) co_return targets.error();
  buffer_.clear();
  error_code error;
  for (std::size_t i = 0; i < targets->size(); ++i) {
    stream_ = std::make_unique<Stream>(executor_);
    const auto share = (deadline - Steady::now()) / static_cast<int>(targets->size() - i);
    stream_->expires_after(share);
    const auto [failed] = co_await stream_->async_connect((*targets)[i], as_tuple(use_awaitable));
    error = failed;
    if (!error) break;
    stream_.reset();
  }
  if (error == beast::error::timeout) co_return failure(error, pace, "connecting");
  if (error) {
    co_return Error{Errc::unreachable,
                    fmt::format("{}: cannot connect: {}", target_.str(), error.message())};
  }
  stream_->expires_at(deadline);
  if (target_.unix_path.empty()) {
    error_code ignored;
    stream_->socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  }
  if (target_.tls) co_return co_await start_tls(pace);
  co_return Result<void>{};
}

Task<Result<void>> HttpClient::Impl::start_tls(Pace pace) {
  if (!target_.trust) {
    auto system = TlsTrust::system();
    if (!system) co_return system.error().in(target_.str());
    target_.trust = std::move(*system);
  }
  auto session = target_.trust->new_session(target_.host);
  if (!session) co_return session.error().in(target_.str());
  stream_->use_tls(std::move(*session));
  const auto [error] = co_await stream_->async_handshake(as_tuple(use_awaitable));
  if (!error) co_return Result<void>{};
  const std::string problem = stream_->tls_problem();
  close();
  if (problem.empty()) co_return failure(error, pace, "agreeing on TLS");
  co_return Error{Errc::unauthorized, fmt::format("{}: {}", target_.str(), problem)};
}

void HttpClient::Impl::use_addresses(HttpAddresses addresses) {
  if (addresses == addresses_) return;
  addresses_ = std::move(addresses);
  if (!stream_) return;
  error_code error;
  const Endpoint peer = stream_->socket().remote_endpoint(error);
  const bool known = std::ranges::any_of(*addresses_, [&](const auto& address) {
    return Endpoint{asio::ip::tcp::endpoint{address, target_.port}} == peer;
  });
  if (error || !known) close();
}

template <class Body>
http::request<Body> HttpClient::Impl::head_of(const HttpRequest& request) const {
  http::request<Body> head;
  head.version(11);
  head.method_string(request.method);
  head.target(target_.base_path + request.target);
  head.set(http::field::host, target_.unix_path.empty() ? target_.str() : "localhost");
  head.set(http::field::user_agent, "plimsoll");
  for (const auto& [name, value] : request.headers) head.set(name, value);
  return head;
}

Task<error_code> HttpClient::Impl::write_chunks(ByteSource* source, Pace pace,
                                                Result<void>* source_failure) {
  for (;;) {
    const auto chunk = co_await source->read();
    if (!chunk) {
      *source_failure = chunk.error();
      co_return asio::error::operation_aborted;
    }
    arm(pace);
    if (chunk->empty()) {
      const auto [error, n] =
          co_await asio::async_write(*stream_, http::make_chunk_last(), as_tuple(use_awaitable));
      co_return error;
    }
    const auto body = http::make_chunk(asio::buffer(*chunk));
    const auto [error, n] = co_await asio::async_write(*stream_, body, as_tuple(use_awaitable));
    if (error) co_return error;
  }
}

Task<error_code> HttpClient::Impl::write(const HttpRequest* request, ByteSource* source, Pace pace,
                                         Result<void>* source_failure) {
  arm(pace);
  if (source == nullptr) {
    auto message = head_of<http::string_body>(*request);
    message.body() = request->body;
    message.prepare_payload();
    const auto [error, n] = co_await http::async_write(*stream_, message, as_tuple(use_awaitable));
    co_return error;
  }
  auto message = head_of<http::empty_body>(*request);
  message.chunked(true);
  http::request_serializer<http::empty_body> serializer{message};
  const auto [error, n] =
      co_await http::async_write_header(*stream_, serializer, as_tuple(use_awaitable));
  if (error) co_return error;
  co_return co_await write_chunks(source, pace, source_failure);
}

Task<Result<HttpResponse>> HttpClient::Impl::read(bool head, ByteSink* sink, Pace pace) {
  http::response_parser<http::buffer_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser.body_limit(boost::none);
  parser.skip(head);
  buffer_.reserve(read_bytes);
  arm(pace);
  auto [header_error, header_bytes] =
      co_await http::async_read_header(*stream_, buffer_, parser, as_tuple(use_awaitable));
  if (header_error) co_return failure(header_error, pace, "reading the answer");
  const bool to_sink = sink != nullptr && parser.get().result_int() / 100 == 2;
  const auto length = parser.content_length();
  if (!head && !to_sink && length && *length > limits_.body_bytes_max) {
    co_return failure(http::error::body_limit, pace, "reading the answer");
  }
  std::string body;
  BudgetShare share{limits_.budget};
  const std::size_t chunk_size = sink != nullptr ? chunk_bytes : read_bytes;
  const auto chunk = std::make_unique_for_overwrite<char[]>(chunk_size);
  while (!parser.is_done()) {
    parser.get().body().data = chunk.get();
    parser.get().body().size = chunk_size;
    arm(pace);
    // Some, not all that fits: what streams slowly, such as Docker's events, must come through at
    // once.
    auto [error, n] =
        co_await http::async_read_some(*stream_, buffer_, parser, as_tuple(use_awaitable));
    if (error && error != http::error::need_buffer) {
      co_return failure(error, pace, "reading the answer");
    }
    const std::string_view got{chunk.get(), chunk_size - parser.get().body().size};
    if (got.empty()) continue;
    if (to_sink) {
      const auto taken = co_await sink->write(got);
      if (!taken) co_return taken.error();
    } else if (body.size() + got.size() > limits_.body_bytes_max ||
               !share.grow_to(body.size() + got.size())) {
      co_return failure(http::error::body_limit, pace, "reading the answer");
    } else {
      body += got;
    }
  }
  auto response = to_response(parser.get().base(), std::move(body));
  if (!parser.keep_alive()) close();
  co_return response;
}

Task<Result<HttpResponse>> HttpClient::Impl::exchange(HttpRequest request, ByteSource* source,
                                                      ByteSink* sink, Pace pace) {
  const auto deadline = Steady::now() + pace.limit;
  if (stream_ && !still_open()) close();
  if (!stream_) {
    const auto connected = co_await connect(pace, deadline);
    if (!connected) co_return connected.error();
  } else {
    stream_->expires_at(deadline);
  }
  Result<void> source_failure;
  const auto write_error = co_await write(&request, source, pace, &source_failure);
  if (!source_failure) {
    close();
    co_return source_failure.error();
  }
  // A server that refuses an upload answers before it has read it all, then closes: its words tell
  // more than "broken pipe", so they are read all the same.
  auto response = co_await read(request.method == "HEAD", sink, pace);
  if (!response || write_error) close();
  // A client that waits for its next request holds a socket and little else.
  if (buffer_.size() == 0) buffer_.shrink_to_fit();
  if (!response && write_error) co_return failure(write_error, pace, "sending the request");
  co_return response;
}

HttpClient::HttpClient(asio::any_io_executor executor, HttpTarget target, HttpLimits limits)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(target), limits)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request, Duration timeout) {
  const Pace pace{timeout, true};
  return impl_->exchange(std::move(request), nullptr, nullptr, pace);
}

Task<Result<HttpResponse>> HttpClient::download(HttpRequest request, ByteSink& sink,
                                                Duration idle_timeout) {
  const Pace pace{idle_timeout, false};
  return impl_->exchange(std::move(request), nullptr, &sink, pace);
}

Task<Result<HttpResponse>> HttpClient::upload(HttpRequest request, ByteSource& source,
                                              Duration idle_timeout) {
  const Pace pace{idle_timeout, false};
  return impl_->exchange(std::move(request), &source, nullptr, pace);
}

void HttpClient::use_addresses(HttpAddresses addresses) {
  impl_->use_addresses(std::move(addresses));
}

void HttpClient::close() { impl_->close(); }

bool HttpClient::is_connected() const { return impl_->is_connected(); }

const HttpTarget& HttpClient::target() const { return impl_->target(); }

}  // namespace plimsoll
