#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/toml.h"
#include "core/time.h"
#include "core/units.h"
#include "simulate/scenario.h"

namespace plimsoll {

/// What is wrong with a scenario file, line by line.
class ScenarioProblems {
 public:
  explicit ScenarioProblems(std::string file) : file_(std::move(file)) {}

  /// Line 0: of the whole file.
  void add(std::size_t line, std::string_view where, const std::string& message);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  /// Fit to print, a line each, in the order of the file; the first 50, then their number.
  [[nodiscard]] std::string text() const;

 private:
  struct Problem {
    std::size_t line;
    std::string text;
  };
  std::string file_;
  std::vector<Problem> problems_;
};

/// One table of a scenario file, read key by key: a variable keeps what it has where its key is
/// absent or wrong, and what was never asked for is unknown. Lives no longer than the document.
class ScenarioTable {
 public:
  /// `name`: as problems call it, "host 'h1'".
  ScenarioTable(const toml::table& table, std::string name, ScenarioProblems& problems)
      : table_(table), name_(std::move(name)), problems_(problems) {}

  void rename(std::string name) { name_ = std::move(name); }
  [[nodiscard]] std::size_t line() const { return table_.source().begin.line; }
  /// Of a key, or of the table where it is absent.
  [[nodiscard]] std::size_t line(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }

  void read(std::string_view key, std::string& out);
  void read(std::string_view key, double& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, Duration& out);
  /// A text such as "512MiB".
  void read(std::string_view key, Bytes& out);
  /// From 0 to `most`.
  void read(std::string_view key, std::size_t& out, std::size_t most);
  /// A number, or an array of at least and at most.
  void read(std::string_view key, CountRange& out);
  /// A text, or an array of texts.
  void read(std::string_view key, std::vector<std::string>& out);
  /// A table of texts.
  void read(std::string_view key, std::map<std::string, std::string>& out);
  template <class Value>
  void read(std::string_view key, std::optional<Value>& out) {
    if (!has(key)) return;
    Value value{};
    read(key, value);
    out = std::move(value);
  }
  /// Numbers of 0 and more as they are, or sizes ("2GiB") where `sizes`.
  void read_load(std::string_view key, LoadCurve& out, bool sizes);

  /// What must be there.
  void want(std::string_view key);
  /// The tables of [[key]], at most `most`, each as a table of its own.
  [[nodiscard]] std::vector<ScenarioTable> tables(std::string_view key, std::size_t most);
  /// The table [key].
  [[nodiscard]] std::optional<ScenarioTable> table(std::string_view key);
  [[nodiscard]] std::vector<std::string> keys() const;
  /// Somebody else reads it.
  void skip(std::string_view key) { known_.emplace(key); }

  void problem(std::string_view key, const std::string& message);
  /// To be called last.
  void refuse_unknown();

 private:
  const toml::node* take(std::string_view key);

  const toml::table& table_;
  std::string name_;
  ScenarioProblems& problems_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace plimsoll
