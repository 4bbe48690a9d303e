#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

/// What a name stands for.
struct ResolvedName {
  std::vector<asio::ip::address> addresses;  ///< Never empty, in the order to try.
  Duration ttl{0};                           ///< How long it holds, as the name service says.
};

/// Asks a name service.
///
/// Errors: not_found - there is no such name; timeout, unreachable - the service does not answer.
class NameLookup {
 public:
  using Done = std::function<void(Result<ResolvedName>)>;

  virtual ~NameLookup() = default;
  /// Calls `done` once, on any thread, perhaps before it returns; not at all when the lookup is
  /// destroyed first. Never blocks.
  virtual void look_up(std::string name, Done done) = 0;
};

struct NameLookupConfig {
  /// "ADDRESS:PORT,…" to ask; empty: those of /etc/resolv.conf.
  std::string servers;
  Duration timeout{2'000};  ///< Of the first try with one server; the next gets twice that.
  int tries = 2;
  /// Names that DNS does not know, and those in .local, are asked of the system too, which may know
  /// them by mDNS, LDAP or its own modules.
  bool ask_system = true;
};

/// The files and DNS of this machine, by c-ares: any number of names at once from one thread of its
/// own, so that a name server that is slow for one name holds up no other.
[[nodiscard]] std::shared_ptr<NameLookup> make_name_lookup(const NameLookupConfig& config = {});

}  // namespace plimsoll
