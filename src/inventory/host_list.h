#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/result.h"

namespace plimsoll {

/// A line of host.csv (DESIGN 3).
struct Host {
  HostId name;
  std::string address;  ///< IP address or DNS name.
  std::uint16_t port = 5002;
  /// Path polled, without a leading '/'. Empty: v1/telemetry, and combined where that is unknown.
  std::string api;
  std::optional<std::string> ssh_user;
  std::optional<std::uint16_t> ssh_port;
  std::optional<std::string> ssh_key;
  std::map<std::string, std::string> labels;  ///< `zone` and every other column.
  std::optional<bool> tls;                    ///< `scheme`: https, http. Empty: monitor.tls.
  friend bool operator==(const Host&, const Host&) = default;
};

using HostList = std::vector<Host>;

/// Reads host.csv: RFC 4180 quoting, BOM, CRLF, '#' comments, the aliases and the predecessor's
/// two forms.
/// Errors: malformed - every problem found, a line each: "host.csv:3: duplicate name 'h1' (first on
/// line 2)"; nothing is returned in part. `file` stands in front of the line number.
[[nodiscard]] Result<HostList> parse_host_list(std::string_view text, std::string_view file);

}  // namespace plimsoll
