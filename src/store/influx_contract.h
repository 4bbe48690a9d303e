#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/http_server.h"

namespace plimsoll {

/// A stand-in for InfluxDB 2.x or 3.x, for which Debian has no package: it holds each request to
/// the published contract of /api/v2/write or /api/v3/write_lp and of /query, and answers as that
/// says; points are kept by a real 1.x server behind it.
///
/// Source: docs.influxdata.com, InfluxDB OSS 2.7 API (WriteData, LineProtocolError) and 1.x
/// compatibility; InfluxDB 3 Core, /api/v3/write_lp. A real 2.x or 3.x has not been tried.
class InfluxContract : public HttpHandler {
 public:
  enum class Version { two, three };
  struct Rules {
    Version version = Version::two;
    std::string token = "t0ken==";
    std::string org = "o r g";  ///< Of 2.x.
    std::string bucket;         ///< Must exist at the server behind.
    std::uint16_t behind = 0;   ///< Its port.
  };
  explicit InfluxContract(Rules rules) : rules_(std::move(rules)) {}

  [[nodiscard]] Task<HttpResponse> handle(HttpRequest request) override;

  /// What requests had that the contract does not allow; wrong credentials and names are none.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  [[nodiscard]] Task<HttpResponse> write(HttpRequest request, std::string query);
  [[nodiscard]] Task<HttpResponse> query(HttpRequest request);
  [[nodiscard]] Task<HttpResponse> behind(HttpRequest request);
  [[nodiscard]] Task<HttpResponse> behind_write(std::string lines, bool packed);
  [[nodiscard]] Task<HttpResponse> name_bad_lines(std::string packed);
  [[nodiscard]] HttpResponse partial(std::string_view body) const;
  [[nodiscard]] HttpResponse error(unsigned status, const std::string& code,
                                   const std::string& message) const;
  [[nodiscard]] bool may_come_in(const HttpRequest& request) const;
  void want(bool kept, const std::string& rule);

  Rules rules_;
  std::vector<std::string> violations_;
};

}  // namespace plimsoll
