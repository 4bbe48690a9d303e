#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/units.h"

namespace plimsoll {

/// A TOML document whose keys are read one by one into variables, and which remembers what was
/// asked for: what is left over is unknown. Keys are dotted paths, "orchestrator.line.cpu".
/// A variable keeps what it has where its key is absent or wrong.
class Settings {
 public:
  /// `file` stands in front of line numbers.
  Settings(std::string_view text, std::string file);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  /// "KEY=VALUE" in place of what the document says. VALUE is TOML, or a text without quotes.
  void override_with(const std::string& assignment);

  void read(std::string_view key, std::string& out);
  void read(std::string_view key, double& out);
  void read(std::string_view key, int& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, Duration& out);
  /// A text such as "512MiB".
  void read(std::string_view key, Bytes& out);
  void read(std::string_view key, std::vector<std::string>& out);
  /// An array of two whole numbers.
  void read(std::string_view key, std::pair<int, int>& out);
  /// One of some words.
  template <class Enum>
  void read_word(std::string_view key, Enum& out,
                 const std::vector<std::pair<std::string, Enum>>& words) {
    std::string word;
    read(key, word);
    if (word.empty() && !given(key)) return;
    std::string known;
    for (const auto& [name, value] : words) {
      if (name == word) {
        out = value;
        return;
      }
      known += (known.empty() ? "" : ", ") + name;
    }
    if (!has_problem(key)) problem(key, "'" + word + "' is not one of: " + known);
  }

  [[nodiscard]] bool given(std::string_view key) const;
  /// All that is given, whether known or not: keys with their values as TOML.
  [[nodiscard]] std::map<std::string, std::string> given_values() const;
  /// Notes what is wrong with a key, with its place in the file or on the command line.
  void problem(std::string_view key, const std::string& message);
  /// Adds a problem for each key that was never read. To be called last.
  void refuse_unknown();
  /// The same, of one section only: the others are read by somebody else.
  void refuse_unknown_in(const std::string& section);

  /// All problems, fit to print, a line each, in the order of the file; the first 50, then their
  /// number.
  [[nodiscard]] std::string problems() const;

 private:
  class Impl;
  [[nodiscard]] bool has_problem(std::string_view key) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
