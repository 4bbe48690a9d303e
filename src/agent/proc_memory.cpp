#include "agent/proc_memory.h"

#include <cmath>

#include "agent/scan.h"

namespace plimsoll {
namespace {

struct MeminfoLines {
  std::optional<std::uint64_t> total, free, available, buffers, cached, swap_total, swap_free;
};

MeminfoLines read_lines(std::string_view text) {
  MeminfoLines out;
  each_line(text, [&](std::string_view line) {
    const auto name = take_word(line);
    const auto kibibytes = take_number<std::uint64_t>(line);
    if (!kibibytes) return;
    const std::uint64_t bytes = *kibibytes * 1024;
    if (name == "MemTotal:") out.total = bytes;
    if (name == "MemFree:") out.free = bytes;
    if (name == "MemAvailable:") out.available = bytes;
    if (name == "Buffers:") out.buffers = bytes;
    if (name == "Cached:") out.cached = bytes;
    if (name == "SwapTotal:") out.swap_total = bytes;
    if (name == "SwapFree:") out.swap_free = bytes;
  });
  return out;
}

/// What stands behind "avg10=" and the like.
std::string_view text_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  return at == std::string_view::npos ? std::string_view{} : line.substr(at + key.size());
}

std::optional<double> percent_after(std::string_view line, std::string_view key) {
  auto rest = text_after(line, key);
  const auto number = take_number<double>(rest);
  if (!number || !(*number >= 0)) return std::nullopt;
  return std::min(*number, 100.0);
}

std::optional<PressureLine> read_pressure_line(std::string_view line) {
  const auto avg10 = percent_after(line, "avg10=");
  const auto avg60 = percent_after(line, "avg60=");
  const auto avg300 = percent_after(line, "avg300=");
  if (!avg10 || !avg60 || !avg300) return std::nullopt;
  return PressureLine{*avg10, *avg60, *avg300};
}

std::optional<std::uint64_t> read_pressure_total(std::string_view line) {
  auto rest = text_after(line, "total=");
  return take_number<std::uint64_t>(rest);
}

}  // namespace

Result<MemoryReading> parse_meminfo(std::string_view text) {
  const MeminfoLines lines = read_lines(text);
  if (!lines.total || *lines.total == 0) {
    return Error{Errc::malformed, "/proc/meminfo: no MemTotal"};
  }
  MemoryReading memory;
  memory.total = *lines.total;
  memory.available = lines.available.value_or(lines.free.value_or(0) + lines.buffers.value_or(0) +
                                              lines.cached.value_or(0));
  memory.available = std::min(memory.available, memory.total);
  memory.cache = lines.cached;
  memory.swap_total = lines.swap_total;
  if (lines.swap_total && lines.swap_free) {
    memory.swap_used = *lines.swap_total - std::min(*lines.swap_free, *lines.swap_total);
  }
  return memory;
}

Result<PressureFile> parse_pressure(std::string_view text) {
  std::optional<PressureLine> some, full;
  PressureFile file;
  each_line(text, [&](std::string_view line) {
    if (line.starts_with("some ")) {
      some = read_pressure_line(line);
      file.totals.some = read_pressure_total(line);
    } else if (line.starts_with("full ")) {
      full = read_pressure_line(line);
      file.totals.full = read_pressure_total(line);
    }
  });
  if (!some) return Error{Errc::malformed, "pressure: no 'some' line with its averages"};
  file.averages = Pressure{*some, full};
  return file;
}

Result<LoadAverage> parse_loadavg(std::string_view text) {
  LoadAverage load;
  for (double* figure : {&load.load1, &load.load5, &load.load15}) {
    const double number = take_number<double>(text).value_or(-1);
    if (!std::isfinite(number) || number < 0) {
      return Error{Errc::malformed, "/proc/loadavg: not 3 numbers"};
    }
    *figure = number;
  }
  return load;
}

}  // namespace plimsoll
