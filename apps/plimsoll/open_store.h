#pragma once

#include <memory>

#include "config/config.h"
#include "monitor/store_writer.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// What a store that cannot be reached now means.
/// with_disk: a disk that is full or fails (of the embedded store) is waited out too.
enum class Absence { fails, is_waited_out, is_waited_out_with_disk };

/// Whether what opening a store gave can be waited out.
[[nodiscard]] bool is_waited_out(const Error& error, Absence absence);

struct OpenedStore {
  std::unique_ptr<Store> store;
  StoreState state = StoreState::open;  ///< Closed: it is away, which was logged.
};

/// The store that the configuration names, opened.
/// Errors: as make_store and Store::open.
[[nodiscard]] Task<Result<OpenedStore>> open_store(Config config, Absence absence);

/// Whether points can wait on disk: the monitor's own folder, data_dir/spool, is made and tried.
/// Errors: conflict - another process has it, which the message names; io, not_found - the folder
///         cannot be made or written to.
[[nodiscard]] Result<void> try_spool(const Config& config);

}  // namespace plimsoll
