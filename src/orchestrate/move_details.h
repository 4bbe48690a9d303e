#pragma once

#include <string>
#include <string_view>

#include "orchestrate/move_record.h"

namespace plimsoll {

/// What of a record has no column of its own in the journal, as one JSON document: its members, its
/// rounds, what it undoes.
[[nodiscard]] std::string encode_details(const MoveRecord& record);
/// Puts it into a record. Errors: malformed - a person must look: half a record is nothing to act
/// on.
[[nodiscard]] Result<void> decode_details(std::string_view json, MoveRecord* record);

}  // namespace plimsoll
