#include "runtime/http.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

HttpResponse typed_response(const char* type, std::string body, unsigned status) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(body);
  return response;
}

Error bad_url(std::string_view url, const char* why) {
  return {Errc::invalid,
          fmt::format("'{}' {}; write http://HOST:PORT, https://HOST:PORT or unix:///PATH",
                      printable(url, 100), why)};
}

}  // namespace

std::string_view header(const std::vector<HttpHeader>& headers, std::string_view name) {
  const std::string wanted = to_lower(name);
  const auto found = std::ranges::find_if(
      headers, [&](const HttpHeader& field) { return to_lower(field.first) == wanted; });
  return found == headers.end() ? std::string_view{} : found->second;
}

std::string_view bearer_token(const HttpRequest& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = header(request.headers, "Authorization");
  if (to_lower(value.substr(0, scheme.size())) != scheme) return {};
  return trim(value.substr(scheme.size()));
}

HttpResponse json_response(std::string body, unsigned status) {
  return typed_response("application/json", std::move(body), status);
}

HttpResponse text_response(std::string body, unsigned status) {
  if (body.empty() || body.back() != '\n') body += '\n';
  return typed_response("text/plain; charset=utf-8", std::move(body), status);
}

std::string HttpTarget::str() const {
  if (!unix_path.empty()) return "unix://" + unix_path;
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

Result<HttpTarget> parse_http_target(std::string_view url) {
  HttpTarget target;
  if (url.starts_with("unix://")) {
    target.unix_path = url.substr(7);
    // The size of sockaddr_un's path, less its final zero.
    if (!target.unix_path.starts_with('/') || target.unix_path.size() > 107) {
      return bad_url(url, "has no absolute path of at most 107 bytes");
    }
    return target;
  }
  target.tls = url.starts_with("https://");
  if (target.tls) target.port = 443;
  const bool known = target.tls || url.starts_with("tcp://") || url.starts_with("http://");
  if (!known) return bad_url(url, "has no known scheme");
  std::string_view rest = url.substr(url.find("//") + 2);
  const auto slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) target.base_path = rest.substr(slash);
  while (target.base_path.ends_with('/')) target.base_path.pop_back();
  if (authority.find('@') != std::string_view::npos) {
    return Error{Errc::invalid, "a URL must not carry credentials; use username and password_file"};
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const auto port = parse_number<std::uint16_t>(authority.substr(colon + 1));
    if (!port || *port == 0) return bad_url(url, "has a bad port");
    target.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return bad_url(url, "has no host");
  target.host = authority;
  return target;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace plimsoll
