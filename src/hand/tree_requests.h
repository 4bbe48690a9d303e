#pragma once

#include "hand/stop_and_send.h"
#include "hand/tree_digest.h"
#include "hand/tree_link.h"
#include "hand/tree_send.h"

namespace plimsoll {

/// The requests of the tree acts, out of one JSON document each, and their results as JSON
/// (docs/formats/hand-trees.md). Errors: invalid - what is wrong, by field.

struct DigestRequest {
  std::vector<std::string> folders;
  bool cached = true;
  bool live = false;
  std::optional<std::string> list;
};
[[nodiscard]] Result<DigestRequest> parse_digest_request(const json::value& request);
[[nodiscard]] Result<std::vector<std::string>> parse_folders(const json::value& request);
[[nodiscard]] Result<TreeSend> parse_tree_send(const json::value& request,
                                               const HandContext& context);
[[nodiscard]] Result<LinkOpen> parse_link_open(const json::value& request,
                                               const HandContext& context);
[[nodiscard]] Result<StopAndSend> parse_stop_and_send(const json::value& request,
                                                      const HandContext& context);

[[nodiscard]] std::string to_json(const std::vector<std::string>& folders,
                                  const std::vector<TreeDigest>& digests);
[[nodiscard]] std::string to_json(const std::vector<std::string>& folders,
                                  const std::vector<TreeUsage>& usages);
[[nodiscard]] std::string to_json(const TreeSent& sent);
[[nodiscard]] std::string to_json(const LinkOpened& opened);
[[nodiscard]] std::string to_json(const StoppedAndSent& done, const std::vector<TreePair>& pairs);

/// A name of any bytes as printable ASCII: what is not, and '%', becomes %XX.
[[nodiscard]] std::string escaped_name(std::string_view name);
/// The other way. Errors: invalid.
[[nodiscard]] Result<std::string> unescaped_name(std::string_view text);

}  // namespace plimsoll
