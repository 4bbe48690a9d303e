#include "agent/cgroup_names.h"

namespace plimsoll {
namespace {

constexpr std::size_t id_digits = 64;
constexpr std::string_view slice_suffix = ".slice";

}  // namespace

bool is_container_id(std::string_view text) {
  return text.size() == id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string_view> container_of_directory(std::string_view name) {
  constexpr std::string_view scope = ".scope";
  if (name.ends_with(scope)) name.remove_suffix(scope.size());
  if (name.size() < id_digits) return std::nullopt;
  const auto engine = name.substr(0, name.size() - id_digits);
  const auto id = name.substr(engine.size());
  if (!is_container_id(id)) return std::nullopt;
  if (engine.empty()) return id;
  const bool is_monitor = engine.find("conmon") != std::string_view::npos;
  return engine.ends_with('-') && !is_monitor ? std::optional{id} : std::nullopt;
}

std::string_view container_part(std::string_view path, std::string_view id) {
  std::size_t start = 0;
  while (start < path.size()) {
    const auto end = std::min(path.find('/', start), path.size());
    if (container_of_directory(path.substr(start, end - start)) == id) return path.substr(0, end);
    start = end + 1;
  }
  return {};
}

std::string slice_path(std::string_view slice) {
  if (slice.starts_with('/')) slice.remove_prefix(1);
  std::string path;
  if (!slice.ends_with(slice_suffix) || slice.find('/') != std::string_view::npos) {
    return path.append("/").append(slice);
  }
  if (slice == "-.slice") return path;
  const auto name = slice.substr(0, slice.size() - slice_suffix.size());
  for (auto dash = name.find('-'); dash != std::string_view::npos;
       dash = name.find('-', dash + 1)) {
    path.append("/").append(name.substr(0, dash)).append(slice_suffix);
  }
  return path.append("/").append(slice);
}

}  // namespace plimsoll
