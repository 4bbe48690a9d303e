#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace plimsoll {

using HttpHeader = std::pair<std::string, std::string>;

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  ///< Path and query, as on the request line.
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer;            ///< On a server: the client's address. Ignored by clients.
  std::size_t body_bytes = 0;  ///< On a server: how long the body was, kept or not.
};

struct HttpResponse {
  unsigned status = 200;
  std::vector<HttpHeader> headers;
  std::string body;

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// The first header of that name, any case, or "".
[[nodiscard]] std::string_view header(const std::vector<HttpHeader>& headers,
                                      std::string_view name);

/// What "Authorization: Bearer TOKEN" presents, or "".
[[nodiscard]] std::string_view bearer_token(const HttpRequest& request);

/// A response with a JSON body, and with a plain-text one that ends in a newline.
[[nodiscard]] HttpResponse json_response(std::string body, unsigned status = 200);
[[nodiscard]] HttpResponse text_response(std::string body, unsigned status = 200);

class TlsTrust;

/// Where an HTTP server listens: TCP (host, port) or a Unix socket (unix_path not empty).
struct HttpTarget {
  std::string host;
  std::uint16_t port = 80;
  std::string unix_path;
  std::string base_path;            ///< What a URL has after the authority, without a trailing '/'.
  bool tls = false;                 ///< https. Its certificate must be for `host`.
  std::shared_ptr<TlsTrust> trust;  ///< What it is checked against. Null: the system's authorities.

  [[nodiscard]] std::string str() const;
};

/// Reads "http://HOST[:PORT][/PATH]", the same with https, "tcp://HOST:PORT" and "unix:///PATH".
/// Errors: invalid - any other form, with what to write instead.
[[nodiscard]] Result<HttpTarget> parse_http_target(std::string_view url);

/// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace plimsoll
