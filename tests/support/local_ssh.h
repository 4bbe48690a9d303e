#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace plimsoll::test {

/// As long as it lives, `ssh` is a script in PATH that runs the remote command on this machine:
/// rsync between two folders, as it is over SSH. The command's words are noted.
class LocalSsh {
 public:
  LocalSsh() : path_(std::getenv("PATH")) {
    folder_.write("ssh", R"(#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -T | -M | -N | -f) shift ;;
    -F | -o | -p | -l | -O) shift 2 ;;
    *) break ;;
  esac
done
shift
. ")" + hook_file().string() +
                             R"("
echo "$*" >>")" + commands_file().string() +
                             R"("
exec sh -c "$*"
)");
    before_each(":");
    ::chmod((folder_.path() / "ssh").c_str(), 0755);
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~LocalSsh() { ::setenv("PATH", path_.c_str(), 1); }
  LocalSsh(const LocalSsh&) = delete;
  LocalSsh& operator=(const LocalSsh&) = delete;

  /// A shell command that runs here before each remote one.
  void before_each(const std::string& command) const { folder_.write("hook", command + "\n"); }
  /// What was run, a line each.
  [[nodiscard]] std::string commands() const {
    std::ifstream in{commands_file()};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  [[nodiscard]] std::filesystem::path commands_file() const { return folder_.path() / "commands"; }

  [[nodiscard]] std::filesystem::path hook_file() const { return folder_.path() / "hook"; }

  TempDir folder_;
  std::string path_;
};

}  // namespace plimsoll::test
