#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/host_list.h"

namespace plimsoll {

/// Puts one field of a line into a host. What it gives is what is wrong with the text, or "".
using HostField = std::string (*)(Host& host, std::string_view text);

struct HostColumn {
  std::string label;         ///< The header's own word.
  HostField set = nullptr;   ///< Null: a label.
  std::string_view meaning;  ///< The name all aliases stand for; empty for a label.
};

/// The column that a word of the header names; a label when it is none of ours.
[[nodiscard]] HostColumn host_column(std::string_view header);

/// What is wrong with the text of a label, or "".
[[nodiscard]] std::string host_label_fault(std::string_view label, std::string_view text);

/// What makes a name unfit for tags, file names and terminals, or "".
[[nodiscard]] std::string host_name_fault(std::string_view name);

}  // namespace plimsoll
