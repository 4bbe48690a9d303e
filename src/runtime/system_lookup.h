#pragma once

#include <memory>
#include <string>

#include "runtime/name_lookup.h"

namespace plimsoll {

/// The C library's getaddrinfo, a few names at once: it cannot be hurried or cancelled.
class SystemLookup final : public NameLookup {
 public:
  SystemLookup();
  /// Lookups under way are left behind; their `done` is not called.
  ~SystemLookup() override;
  SystemLookup(const SystemLookup&) = delete;
  SystemLookup& operator=(const SystemLookup&) = delete;

  /// Calls `done` on a thread of its own. Errors: as NameLookup; refused - too many names wait.
  void look_up(std::string name, Done done) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace plimsoll
