#include "hand/tree_requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t folders_max = 1000;
constexpr std::int64_t stall_s_max = 3600;

Error wrong(const std::string& what) { return {Errc::invalid, "the request: " + what}; }

Result<std::string> folder_of(const json::value& value, const char* field) {
  auto folder = text_of(value);
  if (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (is_safe_path(folder) && folder != "/") return folder;
  return wrong(
      fmt::format("{} '{}' is no path that we type without quotes", field, printable(folder, 100)));
}

Result<std::vector<TreePair>> pairs_of(const json::value& request) {
  const auto* array = member(request, "pairs").if_array();
  if (array == nullptr || array->empty() || array->size() > folders_max) {
    return wrong("pairs must be 1 to 1000 {\"from\", \"to\"}");
  }
  std::vector<TreePair> pairs;
  for (const auto& value : *array) {
    auto from = folder_of(member(value, "from"), "from");
    if (!from) return from.error();
    auto to = folder_of(member(value, "to"), "to");
    if (!to) return to.error();
    pairs.push_back({std::move(*from), std::move(*to)});
  }
  return pairs;
}

Result<std::int64_t> number_of(const json::value& request, const char* field, std::int64_t usual,
                               std::int64_t least, std::int64_t most) {
  const auto& value = member(request, field);
  if (value.is_null()) return usual;
  const auto number = integer_of(value);
  if (number && *number >= least && *number <= most) return *number;
  return wrong(fmt::format("{} must be a number from {} to {}", field, least, most));
}

void write_digest(JsonWriter& json, const std::string& folder, const TreeDigest& digest) {
  json.begin_object()
      .field("folder", folder)
      .field("sha256", to_hex(digest.sum))
      .field("entries", digest.entries)
      .field("bytes", count(digest.bytes))
      .field("read", count(digest.read))
      .field("changed", digest.changed)
      .field("seconds", digest.seconds);
  if (!digest.listed.empty()) {
    json.key("list").begin_array();
    for (const auto& listed : digest.listed) {
      json.begin_object()
          .field("name", escaped_name(listed.name))
          .field("sha256", to_hex(listed.sum))
          .end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_sent(JsonWriter& json, const TreeSent& sent) {
  Bytes bytes{};
  Bytes literal{};
  std::uint64_t files = 0;
  bool incomplete = false;
  json.key("pairs").begin_array();
  for (const auto& pair : sent.pairs) {
    bytes += pair.figures.sent + pair.figures.received;
    literal += pair.figures.literal;
    files += pair.figures.files;
    incomplete = incomplete || pair.incomplete;
    json.begin_object()
        .field("from", pair.pair.from)
        .field("to", pair.pair.to)
        .field("bytes_sent", count(pair.figures.sent))
        .field("bytes_received", count(pair.figures.received))
        .field("literal", count(pair.figures.literal))
        .field("matched", count(pair.figures.matched))
        .field("files", pair.figures.files)
        .field("created", pair.figures.created)
        .field("deleted", pair.figures.deleted)
        .field("seconds", pair.seconds)
        .field("incomplete", pair.incomplete)
        .end_object();
  }
  json.end_array()
      .field("bytes_sent", count(bytes))
      .field("literal", count(literal))
      .field("files", files)
      .field("incomplete", incomplete)
      .field("seconds", sent.seconds);
}

bool is_plain(char c) { return c > ' ' && c < '\x7f' && c != '%'; }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

Result<std::vector<std::string>> parse_folders(const json::value& request) {
  const auto* array = member(request, "folders").if_array();
  if (array == nullptr || array->empty() || array->size() > folders_max) {
    return wrong("folders must be 1 to 1000 paths");
  }
  std::vector<std::string> folders;
  for (const auto& value : *array) {
    auto folder = folder_of(value, "folder");
    if (!folder) return folder.error();
    folders.push_back(std::move(*folder));
  }
  return folders;
}

Result<DigestRequest> parse_digest_request(const json::value& request) {
  auto folders = parse_folders(request);
  if (!folders) return folders.error();
  DigestRequest digest;
  digest.folders = std::move(*folders);
  digest.cached = member(request, "cache").is_null() || is_true(member(request, "cache"));
  digest.live = is_true(member(request, "live"));
  const auto& list = member(request, "list");
  if (list.is_null()) return digest;
  auto name = unescaped_name(text_of(list));
  if (!name) return name.error();
  digest.list = std::move(*name);
  return digest;
}

Result<TreeSend> parse_tree_send(const json::value& request, const HandContext& context) {
  auto way = parse_way(member(request, "way"), context);
  if (!way) return way.error();
  auto pairs = pairs_of(request);
  if (!pairs) return pairs.error();
  const auto limit = number_of(request, "limit", 0, 0, std::int64_t{1} << 40);
  if (!limit) return limit.error();
  const auto stall = number_of(request, "stall_s", 30, 1, stall_s_max);
  if (!stall) return stall.error();
  TreeSend send;
  send.way = std::move(*way);
  send.pairs = std::move(*pairs);
  send.final = is_true(member(request, "final"));
  send.compress = is_true(member(request, "compress"));
  send.checksum = is_true(member(request, "checksum"));
  const auto& in_place = member(request, "inplace");
  send.in_place = in_place.is_null() || is_true(in_place) ? InPlace::by_itself : InPlace::never;
  send.limit = Bytes{static_cast<std::uint64_t>(*limit)};
  send.stall = Duration{*stall * 1000};
  return send;
}

Result<LinkOpen> parse_link_open(const json::value& request, const HandContext& context) {
  auto way = parse_way(member(request, "way"), context);
  if (!way) return way.error();
  const auto ping = number_of(request, "ping", 0, 0, 8 << 20);
  if (!ping) return ping.error();
  LinkOpen open;
  open.way = std::move(*way);
  open.ping = Bytes{static_cast<std::uint64_t>(*ping)};
  if (member(request, "folder").is_null()) return open;
  auto folder = folder_of(member(request, "folder"), "folder");
  if (!folder) return folder.error();
  open.folder = std::move(*folder);
  return open;
}

Result<StopAndSend> parse_stop_and_send(const json::value& request, const HandContext& context) {
  auto send = parse_tree_send(request, context);
  if (!send) return send.error();
  const auto grace = number_of(request, "grace_s", -1, 0, 86'400);
  if (!grace) return grace.error();
  StopAndSend stop;
  stop.container = text_of(member(request, "container"));
  if (!is_safe_name(stop.container)) return wrong("container must be an id");
  stop.pause = is_true(member(request, "pause"));
  if (*grace >= 0) stop.grace = Duration{*grace * 1000};
  stop.send = std::move(*send);
  stop.digest = member(request, "digest").is_null() || is_true(member(request, "digest"));
  return stop;
}

std::string to_json(const std::vector<std::string>& folders,
                    const std::vector<TreeDigest>& digests) {
  JsonWriter json;
  json.begin_object().key("digests").begin_array();
  for (std::size_t i = 0; i < digests.size(); ++i) write_digest(json, folders[i], digests[i]);
  json.end_array().end_object();
  return json.take();
}

std::string to_json(const std::vector<std::string>& folders, const std::vector<TreeUsage>& usages) {
  JsonWriter json;
  json.begin_object().key("trees").begin_array();
  for (std::size_t i = 0; i < usages.size(); ++i) {
    json.begin_object()
        .field("folder", folders[i])
        .field("entries", usages[i].entries)
        .field("files", usages[i].files)
        .field("bytes", count(usages[i].bytes))
        .field("disk", count(usages[i].disk))
        .field("largest", count(usages[i].largest))
        .field("hard_links", usages[i].hard_links)
        .end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string to_json(const TreeSent& sent) {
  JsonWriter json;
  json.begin_object();
  write_sent(json, sent);
  json.end_object();
  return json.take();
}

std::string to_json(const LinkOpened& opened) {
  JsonWriter json;
  json.begin_object()
      .field("was_open", opened.was_open)
      .field("open_s", opened.open_s)
      .optional_field("session_s", opened.session_s)
      .optional_field("bytes_per_s", opened.bytes_per_s)
      .field("rsync", opened.rsync)
      .field("rsync_there", opened.rsync_there)
      .end_object();
  return json.take();
}

std::string to_json(const StoppedAndSent& done, const std::vector<TreePair>& pairs) {
  JsonWriter json;
  json.begin_object()
      .field("dead_s", done.dead_s)
      .field("sent_s", done.sent_s)
      .field("digest_s", done.digest_s)
      .field("engine_s", done.engine_s)
      .field("total_s", done.total_s)
      .field("exit_code", done.exit_code);
  json.key("sent").begin_object();
  write_sent(json, done.sent);
  json.end_object().key("digests").begin_array();
  for (std::size_t i = 0; i < done.digests.size(); ++i) {
    write_digest(json, pairs[i].from, done.digests[i]);
  }
  json.end_array().end_object();
  return json.take();
}

std::string escaped_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_plain(c)) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return text;
}

Result<std::string> unescaped_name(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    if (!low) return wrong("a '%' in a name must be followed by two hex digits");
    name += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return name;
}

}  // namespace plimsoll
