#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace plimsoll::test {

/// The text of tests/golden/NAME, as it is.
inline std::string golden(const std::string& name) {
  std::ifstream in{std::filesystem::path{PLIMSOLL_TEST_DATA} / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// What the golden file must be for `actual`; with UPDATE_GOLDEN=1 it is made so, to be reviewed.
inline std::string golden_for(const std::string& name, const std::string& actual) {
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string{update} == "1") {
    const auto path = std::filesystem::path{PLIMSOLL_TEST_DATA} / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << actual;
  }
  return golden(name);
}

/// JSON with a line break after each comma between members and elements, so that a golden file can
/// be read and its diff reviewed. Texts are left alone.
inline std::string one_member_a_line(const std::string& json) {
  std::string out;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) in_text = !in_text;
    out += c;
    if (c == ',' && !in_text) out += '\n';
  }
  return out + '\n';
}

}  // namespace plimsoll::test
