#include "orchestrate/data_way.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/way.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr std::uint64_t ping_bytes = 1 * mib;
/// Below this a link is slower than zstd packs (FACTS 8). Unit: bytes a second.
constexpr double worth_packing = 200e6;

Bytes bytes_at(const json::value& object, std::string_view name) {
  return Bytes{static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, integer_of(member(object, name)).value_or(0)))};
}

double number_at(const json::value& object, std::string_view name) {
  const auto& value = member(object, name);
  return value.is_number() ? value.to_number<double>() : 0;
}

std::vector<std::string> texts_at(const json::value& object, std::string_view name,
                                  std::string_view part = {}) {
  std::vector<std::string> texts;
  const auto* array = member(object, name).if_array();
  if (array == nullptr) return texts;
  for (const auto& each : *array) {
    texts.push_back(text_of(part.empty() ? each : member(each, part)));
  }
  return texts;
}

template <class Texts>
void write_texts(JsonWriter& json, std::string_view name, const Texts& texts) {
  json.key(name).begin_array();
  for (const auto& text : texts) json.value(std::string_view{text});
  json.end_array();
}

HandCall call_of(std::string act, std::string input) {
  HandCall call;
  call.act = std::move(act);
  call.input = std::move(input);
  return call;
}

TreesSent trees_sent(const json::value& sent) {
  TreesSent result;
  result.bytes = bytes_at(sent, "bytes_sent");
  result.literal = bytes_at(sent, "literal");
  result.seconds = number_at(sent, "seconds");
  return result;
}

std::vector<std::string> froms_of(const std::vector<TreePair>& pairs) {
  std::vector<std::string> folders;
  for (const TreePair& pair : pairs) folders.push_back(pair.from);
  return folders;
}

}  // namespace

void DataWay::forget() {
  open_ = tunnel_ = false;
  public_key_.clear();
}

Task<Result<void>> DataWay::open(std::vector<std::string> folders) {
  if (open_ && folders == folders_) co_return Result<void>{};
  if (public_key_.empty()) {
    const auto key = co_await source_->hand().act(call_of("key", ""));
    if (!key) co_return key.error();
    public_key_ = text_of(member(*key, "key"));
  }
  folders_ = folders;
  const auto direct = co_await grant(folders, source_->host().address);
  if (!direct) co_return direct.error();
  auto linked = co_await link();
  if (!linked) {
    log::info("{} does not reach {} by itself ({}): its data goes through this machine",
              source_->host().name.str(), destination_->host().name.str(), linked.error().message);
    const auto through_us = co_await grant(folders, "*");
    if (!through_us) co_return through_us.error();
    linked = co_await link_through_tunnel();
  }
  if (!linked) co_return linked.error();
  open_ = true;
  co_return Result<void>{};
}

/// Lets the key in there, and tells the source by which keys it knows the host.
Task<Result<void>> DataWay::grant(std::vector<std::string> folders, std::string from) {
  JsonWriter json;
  json.begin_object().field("key", public_key_);
  write_texts(json, "from", std::vector<std::string>{std::move(from)});
  write_texts(json, "folders", folders);
  json.end_object();
  const auto granted = co_await destination_->hand().act(call_of("grant", json.take()));
  if (!granted) co_return granted.error();
  const Host& to = destination_->host();
  alias_ = to.name.str();
  if (!is_safe_name(alias_)) alias_ = "destination";
  user_ = text_of(member(*granted, "user"));
  address_ = to.address;
  const auto* ports = member(*granted, "ports").if_array();
  const auto first = ports != nullptr && !ports->empty() ? integer_of(ports->front()) : 22;
  port_ = to.ssh_port.value_or(static_cast<std::uint16_t>(first.value_or(22)));
  JsonWriter trust;
  trust.begin_object().field("alias", alias_);
  write_texts(trust, "host_keys", texts_at(*granted, "host_keys"));
  trust.end_object();
  const auto trusted = co_await source_->hand().act(call_of("trust", trust.take()));
  if (!trusted) co_return trusted.error();
  co_return Result<void>{};
}

std::string DataWay::way_json() const {
  JsonWriter json;
  json.begin_object().field("address", address_).field("port", port_);
  json.field("alias", alias_).field("user", user_).end_object();
  return json.take();
}

Task<Result<void>> DataWay::link() {
  JsonWriter json;
  json.begin_object().key("way").raw(way_json()).field("ping", ping_bytes);
  if (!folders_.empty()) json.field("folder", folders_.front());
  json.end_object();
  const auto opened = co_await source_->hand().act(call_of("tree-open", json.take()));
  if (!opened) co_return opened.error();
  bytes_per_s_ = number_at(*opened, "bytes_per_s");
  trees_ = !text_of(member(*opened, "rsync")).empty() && is_true(member(*opened, "rsync_there"));
  co_return Result<void>{};
}

Task<Result<void>> DataWay::link_through_tunnel() {
  const auto port = co_await source_->ssh().reverse_tunnel(address_, port_);
  if (!port) co_return port.error();
  address_ = "127.0.0.1";
  port_ = *port;
  tunnel_ = true;
  auto linked = co_await link();
  co_return linked;
}

Task<Result<ImageSent>> DataWay::send_image(const ImageInspect* image, Duration stall,
                                            std::function<void(Bytes)> progress) {
  JsonWriter question;
  question.begin_object();
  write_texts(question, "diff_ids", image->diff_ids);
  question.end_object();
  const auto probe = co_await destination_->hand().act(call_of("image-probe", question.take()));
  if (!probe) co_return probe.error();
  const auto present = integer_of(member(*probe, "present")).value_or(0);
  SshWay way;
  way.address = address_;
  way.port = port_;
  way.alias = alias_;
  way.user = user_;
  const auto folder = source_->move_folder();
  way.key = folder + "/key";
  way.known_hosts = folder + "/known_hosts";
  way.control = folder + "/ssh";
  auto words = ssh_words(way);
  words.push_back(address_);
  words.emplace_back("plimsoll-image");
  JsonWriter json;
  json.begin_object().field("image", image->id).field("present", present);
  write_texts(json, "tags", image->tags);
  json.field("link", static_cast<std::uint64_t>(bytes_per_s_)).field("limit", count(rate_limit_));
  write_texts(json, "command", words);
  json.end_object();
  auto call = call_of("image-send", json.take());
  call.stall = stall;
  call.progress = std::move(progress);
  const auto sent = co_await source_->hand().act(std::move(call));
  if (!sent) co_return sent.error();
  const auto& exported = member(*sent, "export");
  ImageSent result;
  result.bytes = bytes_at(exported, "sent");
  result.layers = count(bytes_at(exported, "layers"));
  result.present = static_cast<std::size_t>(std::max<std::int64_t>(0, present));
  co_return result;
}

std::string DataWay::trees_request(const std::vector<TreePair>& pairs, bool final,
                                   const std::string& container, bool pause, Duration stall) const {
  JsonWriter json;
  json.begin_object().key("way").raw(way_json()).key("pairs").begin_array();
  for (const TreePair& pair : pairs) {
    json.begin_object().field("from", pair.from).field("to", pair.to).end_object();
  }
  json.end_array().field("final", final);
  json.field("compress", bytes_per_s_ > 0 && bytes_per_s_ < worth_packing);
  json.field("limit", count(rate_limit_));
  json.field("stall_s", std::max<std::int64_t>(1, stall.count() / 1000));
  if (!container.empty()) json.field("container", container).field("pause", pause);
  json.end_object();
  return json.take();
}

Task<Result<TreesSent>> DataWay::send_round(std::vector<TreePair> pairs, Duration stall,
                                            std::function<void(Bytes)> progress) {
  auto call = call_of("tree-send", trees_request(pairs, false, "", false, stall));
  call.stall = stall;
  call.progress = std::move(progress);
  const auto sent = co_await source_->hand().act(std::move(call));
  if (!sent) co_return sent.error();
  co_return trees_sent(*sent);
}

Task<Result<TreesSent>> DataWay::send_last(std::vector<TreePair> pairs, Duration stall,
                                           std::function<void(Bytes)> progress) {
  auto call = call_of("tree-send", trees_request(pairs, true, "", false, stall));
  call.stall = stall;
  call.progress = std::move(progress);
  const auto sent = co_await source_->hand().act(std::move(call));
  if (!sent) co_return sent.error();
  auto result = trees_sent(*sent);
  const auto known = co_await digests(source_, froms_of(pairs));
  if (!known) co_return known.error();
  result.digests = *known;
  co_return result;
}

Task<Result<TreesSent>> DataWay::stop_and_send(std::string container, bool pause,
                                               std::vector<TreePair> pairs, Duration stall,
                                               std::function<void(Bytes)> progress) {
  auto call = call_of("stop-and-send", trees_request(pairs, true, container, pause, stall));
  call.stall = stall;
  call.progress = std::move(progress);
  const auto done = co_await source_->hand().act(std::move(call));
  if (!done) co_return done.error();
  auto result = trees_sent(member(*done, "sent"));
  result.digests = texts_at(*done, "digests", "sha256");
  co_return result;
}

Task<Result<std::vector<std::string>>> DataWay::digests(RemoteHost* host,
                                                        std::vector<std::string> folders) {
  JsonWriter json;
  json.begin_object();
  write_texts(json, "folders", folders);
  json.field("cache", true).end_object();
  const auto known = co_await host->hand().act(call_of("tree-digest", json.take()));
  if (!known) co_return known.error();
  auto sums = texts_at(*known, "digests", "sha256");
  if (sums.size() != folders.size()) {
    co_return Error{Errc::malformed, host->host().name.str() + ": a digest is missing"};
  }
  co_return sums;
}

Task<Result<std::vector<std::string>>> DataWay::digests_there(std::vector<std::string> folders) {
  return digests(destination_, std::move(folders));
}

}  // namespace plimsoll
