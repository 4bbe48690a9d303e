#include "hand/trust.h"

#include "core/text.h"
#include "hand/move_folder.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::size_t keys_max = 16;

/// "TYPE BASE64", nothing else: a line break would be one more host that is believed.
bool is_host_key(const std::string& key) {
  const auto words = split(key, ' ');
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=.@-";
  return words.size() == 2 && key.size() < 4096 && words[0].size() > 3 && words[1].size() > 20 &&
         key.find_first_not_of(std::string{plain} + " ") == std::string::npos;
}

}  // namespace

Result<TrustSpec> parse_trust_spec(const json::value& request) {
  TrustSpec spec;
  spec.alias = text_of(member(request, "alias"));
  if (!is_safe_name(spec.alias)) return Error{Errc::invalid, "trust: the alias is no name"};
  const auto* keys = member(request, "host_keys").if_array();
  if (keys == nullptr || keys->empty() || keys->size() > keys_max) {
    return Error{Errc::invalid, "trust: host_keys must be 1 to 16 keys"};
  }
  for (const auto& key : *keys) {
    spec.host_keys.push_back(text_of(key));
    if (!is_host_key(spec.host_keys.back())) {
      return Error{Errc::invalid,
                   "trust: '" + printable(spec.host_keys.back(), 60) + "' is no public host key"};
    }
  }
  return spec;
}

Result<void> keep_trust(const HandContext& context, const TrustSpec& spec) {
  if (const auto folder = make_move_folder(context); !folder) return folder;
  std::string lines;
  for (const auto& key : spec.host_keys) lines += spec.alias + " " + key + "\n";
  return write_file_atomically(context.move_folder() / "known_hosts", lines, 0600);
}

}  // namespace plimsoll
