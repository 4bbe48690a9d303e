#include "hand/confine.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

bool can_write(const std::filesystem::path& path) {
  return static_cast<bool>(std::ofstream{path} << "x" << std::flush);
}

/// What a child that is confined to `inside` could do, as an exit code: 0 all that it should and no
/// more, 77 this kernel cannot confine.
int confined(const std::filesystem::path& inside, const std::filesystem::path& outside) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!confine_writes_to(inside)) ::_exit(77);
    std::error_code error;
    if (!can_write(inside / "file")) ::_exit(1);
    std::filesystem::create_directory(inside / "sub", error);
    std::filesystem::rename(inside / "file", inside / "sub" / "file", error);
    if (error) ::_exit(2);
    if (can_write(outside / "other") || can_write(outside / "file")) ::_exit(3);
    std::filesystem::create_symlink(outside / "file", inside / "link", error);
    if (can_write(inside / "link")) ::_exit(4);
    std::filesystem::remove(outside / "file", error);
    if (!error) ::_exit(5);
    ::_exit(std::ifstream{outside / "file"} ? 0 : 6);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

TEST(Confine, NothingOutsideTheFolderCanBeChanged) {
  const TempDir inside;
  const TempDir outside;
  outside.write("file", "precious");
  // Where the kernel cannot, `receive` refuses what would need it.
  EXPECT_THAT(confined(inside.path(), outside.path()), testing::AnyOf(0, 77));
}

}  // namespace
}  // namespace plimsoll
