#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

namespace plimsoll {

/// Unpacks a zstd stream as it is read; memory stays bounded whatever the stream says (a window of
/// 128 MiB at most, zstd's own default). Ends early where the stream is broken: look at problem().
class ZstdInput : public std::streambuf {
 public:
  /// Requires: `packed` outlives it.
  explicit ZstdInput(std::istream& packed);
  ~ZstdInput() override;
  ZstdInput(const ZstdInput&) = delete;
  ZstdInput& operator=(const ZstdInput&) = delete;

  /// What was wrong with the stream, for people; empty: nothing so far.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 protected:
  int_type underflow() override;

 private:
  struct Unpacker;
  [[nodiscard]] bool refill();

  std::istream& packed_;
  std::unique_ptr<Unpacker> unpacker_;
  std::vector<char> in_;
  std::vector<char> out_;
  bool in_frame_ = false;
  bool more_ = false;  // unpacked, with no room in out_ yet
  std::string problem_;
};

}  // namespace plimsoll
