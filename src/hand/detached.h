#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace plimsoll {

/// A process of ours that outlives the SSH session that started it: a lease's keeper, a stub. It
/// holds a lock on a file for as long as it lives and writes its process id into that file, so
/// whether it lives can be asked of the kernel, and a process id that was given to somebody else
/// is never taken for it.
struct DetachedJob {
  std::filesystem::path lock;  ///< Made by the job; its folder must be there.
  std::filesystem::path log;   ///< What it prints. Appended to.
};

/// Starts this very executable with these words, in a session of its own, without standard input,
/// and waits until it holds its lock.
///
/// Errors: io - it cannot be started, or ended at once; its last words are in the message.
/// Blocks: until it holds the lock, 5 s at most.
[[nodiscard]] Result<void> start_detached(const DetachedJob& job,
                                          const std::vector<std::string>& words);

/// How a job is started: start_detached, or what a test puts in its place.
using JobStarter = std::function<Result<void>(const DetachedJob&, const std::vector<std::string>&)>;

/// Whether the job lives.
[[nodiscard]] bool is_alive(const DetachedJob& job);

/// Ends the job, if it lives: SIGTERM, after `patience` SIGKILL. Whatever it held is free then.
/// Errors: io - it does not end. Blocks: until it has ended.
[[nodiscard]] Result<void> end_detached(const DetachedJob& job, Duration patience);

/// Called by the job itself, first thing: takes the lock for the rest of its life.
/// Errors: conflict - another one lives; io.
[[nodiscard]] Result<void> become_job(const DetachedJob& job);

}  // namespace plimsoll
