#include "agent/cgroup_files.h"

#include "agent/scan.h"

namespace plimsoll {
namespace {

std::uint64_t number_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return 0;
  auto rest = line.substr(at + key.size());
  return take_number<std::uint64_t>(rest).value_or(0);
}

}  // namespace

BlockBytes parse_blkio_bytes(std::string_view text) {
  BlockBytes bytes;
  each_line(text, [&](std::string_view line) {
    take_word(line);
    const auto operation = take_word(line);
    const auto number = take_number<std::uint64_t>(line).value_or(0);
    if (operation == "Read") bytes.read += number;
    if (operation == "Write") bytes.written += number;
  });
  return bytes;
}

BlockBytes parse_io_stat(std::string_view text) {
  BlockBytes bytes;
  each_line(text, [&](std::string_view line) {
    bytes.read += number_after(line, " rbytes=");
    bytes.written += number_after(line, " wbytes=");
  });
  return bytes;
}

std::optional<double> parse_cpu_max(std::string_view text) {
  text = trim(text);
  const auto quota = take_word(text);
  return quota_cores(quota, take_word(text));
}

std::optional<double> quota_cores(std::string_view quota, std::string_view period) {
  const auto quota_us = parse_number<std::int64_t>(trim(quota));
  const auto period_us = parse_number<std::int64_t>(trim(period));
  if (!quota_us || !period_us || *quota_us <= 0 || *period_us <= 0) return std::nullopt;
  return static_cast<double>(*quota_us) / static_cast<double>(*period_us);
}

std::optional<std::uint64_t> parse_memory_limit(std::string_view text) {
  constexpr std::uint64_t none_from = std::uint64_t{1} << 62;
  const auto limit = whole_value(text);
  if (!limit || *limit >= none_from) return std::nullopt;
  return limit;
}

std::map<std::string, std::string, std::less<>> parse_proc_cgroup(std::string_view text) {
  std::map<std::string, std::string, std::less<>> paths;
  each_line(text, [&](std::string_view line) {
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) return;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto path = line.substr(second + 1);
    if (!path.starts_with('/') || path.starts_with("/..") || controllers.starts_with("name=")) {
      return;
    }
    for (const auto controller : split(controllers, ',')) {
      paths.emplace(std::string{controller}, std::string{path});
    }
  });
  return paths;
}

}  // namespace plimsoll
