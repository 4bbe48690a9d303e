#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// One record of a CSV text.
struct CsvRecord {
  std::size_t line = 0;  ///< Where it begins, from 1.
  std::vector<std::string> fields;
};

struct CsvProblem {
  std::size_t line = 0;
  std::string what;
};

struct CsvText {
  std::vector<CsvRecord> records;
  std::vector<CsvProblem> problems;
};

/// Splits a text as RFC 4180 has it, with LF or CRLF, a BOM, and more: lines that are empty or
/// start with '#' are passed over, and fields that stand without quotes are trimmed.
[[nodiscard]] CsvText parse_csv(std::string_view text);

}  // namespace plimsoll
