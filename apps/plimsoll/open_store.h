#pragma once

#include <memory>

#include "config/config.h"
#include "monitor/store_writer.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// What a store that cannot be reached now means.
enum class Absence { fails, is_waited_out };

struct OpenedStore {
  std::unique_ptr<Store> store;
  StoreState state = StoreState::open;  ///< Closed: it is away, which was logged.
};

/// The store that the configuration names, opened.
/// Errors: as make_store and Store::open.
[[nodiscard]] Task<Result<OpenedStore>> open_store(Config config, Absence absence);

}  // namespace plimsoll
