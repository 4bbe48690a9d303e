#include "replay_lines.h"

#include <fmt/format.h>

#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

constexpr std::size_t lines_at_once = 5'000;
constexpr std::size_t bytes_at_once = 4U << 20;
constexpr std::size_t line_bytes_max = 1U << 20;

}  // namespace

bool holds_line_protocol(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  char first = 0;
  in >> first;
  return in && first != '[' && first != '{';
}

LineFile::LineFile(std::string file) : file_(std::move(file)), in_(file_, std::ios::binary) {}

Result<std::vector<Point>> LineFile::next() {
  std::vector<Point> points;
  while (points.empty() && in_) {
    const std::size_t before = lines_;
    std::string text;
    std::string line;
    while (lines_ - before < lines_at_once && text.size() < bytes_at_once &&
           std::getline(in_, line)) {
      ++lines_;
      if (line.size() > line_bytes_max) {
        return Error{Errc::malformed, fmt::format("{}: line {} is too long", file_, lines_)};
      }
      text += line + '\n';
    }
    auto parsed = parse_lines(text);
    if (!parsed) return parsed.error().in(fmt::format("{}, after line {}", file_, before));
    points = std::move(*parsed);
  }
  return points;
}

}  // namespace plimsoll
