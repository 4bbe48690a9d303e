#include "hand/clean.h"

#include <optional>

#include "hand/grant.h"
#include "hand/lease.h"
#include "hand/stub.h"

namespace plimsoll {
namespace {

bool is_of_stub(const std::filesystem::path& path) {
  return path.filename().string().starts_with("stub");
}

std::error_code remove_files(const std::filesystem::path& folder, bool keep_stub) {
  std::error_code error;
  if (!keep_stub) {
    std::filesystem::remove_all(folder, error);
    return error;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (is_of_stub(entry.path())) continue;
    std::error_code failed;
    std::filesystem::remove_all(entry.path(), failed);
    if (failed) return failed;
  }
  return error == std::errc::no_such_file_or_directory ? std::error_code{} : error;
}

}  // namespace

Task<Result<void>> clean_move(const HandContext* context, bool keep_stub) {
  std::optional<Error> first;
  const auto note = [&first](const auto& result) {
    if (!result && !first) first = result.error();
  };
  note(remove_lease(*context));
  const auto revoked = co_await revoke_access(context);
  note(revoked);
  if (!keep_stub) {
    const auto stopped = co_await stop_stub(context);
    note(stopped);
  }
  const auto folder = context->move_folder();
  if (const auto error = remove_files(folder, keep_stub)) {
    note(Result<void>{Error{Errc::io, folder.string() + ": " + error.message()}});
  }
  if (first) co_return *first;
  co_return Result<void>{};
}

}  // namespace plimsoll
