#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

struct ProcessResult {
  int exit_code = -1;  ///< 128 + n where signal n ended it.
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::string input;  ///< Given on standard input, then closed.
  std::size_t output_bytes_max = 8U << 20;
  Duration timeout{30'000};
};

/// A child of ours, its three streams piped to us. Destroying it kills and reaps the child.
class ChildProcess {
 public:
  /// argv[0] is looked up in PATH. Nothing is handed to a shell.
  /// Errors: not_found - no such program; io.
  [[nodiscard]] static Result<ChildProcess> spawn(const asio::any_io_executor& executor,
                                                  const std::vector<std::string>& argv);
  ~ChildProcess();
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;

  /// Some bytes of its standard output or error, "" at the end.
  [[nodiscard]] Task<Result<std::string>> read_out();
  [[nodiscard]] Task<Result<std::string>> read_err();
  /// Errors: io - it has closed its input, or has ended.
  [[nodiscard]] Task<Result<void>> write_in(std::string data);
  void close_in();
  /// Its exit code, as in ProcessResult.
  [[nodiscard]] Task<Result<int>> wait();
  void kill();
  /// Whether it has ended, without waiting.
  [[nodiscard]] bool ended();
  [[nodiscard]] int pid() const;

 private:
  struct Impl;
  explicit ChildProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs a program to its end and collects what it prints.
/// Errors: not_found, io, timeout and too_large - it was killed then.
[[nodiscard]] Task<Result<ProcessResult>> run_process(std::vector<std::string> argv,
                                                      ProcessOptions options);

}  // namespace plimsoll
