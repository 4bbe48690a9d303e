// The acts of `plimsoll hand` that carry trees: what a container has written, and its volumes.
#include "hand/tree_requests.h"
#include "hand_acts.h"

namespace plimsoll {
namespace {

Task<Result<std::string>> tree_digest(const HandContext* context, const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  const auto request = parse_digest_request(*document);
  if (!request) co_return request.error();
  std::vector<TreeDigest> digests;
  for (const auto& folder : request->folders) {
    DigestOptions options;
    if (request->cached) options.cache = digest_cache_file(*context, folder);
    options.live = request->live;
    options.list = request->list;
    auto digest = digest_tree(folder, options);
    if (!digest) co_return digest.error();
    digests.push_back(std::move(*digest));
  }
  co_return to_json(request->folders, digests);
}

Task<Result<std::string>> usage_of_trees(const HandContext* /*context*/,
                                         const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  const auto folders = parse_folders(*document);
  if (!folders) co_return folders.error();
  std::vector<TreeUsage> usages;
  for (const auto& folder : *folders) {
    const auto usage = tree_usage(folder, {});
    if (!usage) co_return usage.error();
    usages.push_back(*usage);
  }
  co_return to_json(*folders, usages);
}

Task<Result<std::string>> tree_open(const HandContext* context, const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  auto request = parse_link_open(*document, *context);
  if (!request) co_return request.error();
  const auto opened = co_await open_link(context, std::move(*request));
  if (!opened) co_return opened.error();
  co_return to_json(*opened);
}

Task<Result<std::string>> tree_close(const HandContext* context, const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  auto way = parse_way(member(*document, "way"), *context);
  if (!way) co_return way.error();
  const auto closed = co_await close_link(std::move(*way));
  if (!closed) co_return closed.error();
  co_return "{}";
}

Task<Result<std::string>> tree_send(const HandContext* context, const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  auto request = parse_tree_send(*document, *context);
  if (!request) co_return request.error();
  const auto sent = co_await send_trees(context, std::move(*request));
  if (!sent) co_return sent.error();
  co_return to_json(*sent);
}

Task<Result<std::string>> tight_stop(const HandContext* context, const HandOptions* /*options*/) {
  const auto document = hand_request();
  if (!document) co_return document.error();
  auto request = parse_stop_and_send(*document, *context);
  if (!request) co_return request.error();
  const auto pairs = request->send.pairs;
  const auto done = co_await stop_and_send(context, std::move(*request));
  if (!done) co_return done.error();
  co_return to_json(*done, pairs);
}

}  // namespace

void add_hand_tree(const CommandLine& hand, CommandContext& context) {
  add_act<tree_digest>(hand, context, "tree-digest", "One SHA-256 over all of each folder");
  add_act<usage_of_trees>(hand, context, "tree-usage", "How large folders are");
  add_act<tree_open>(hand, context, "tree-open", "Open the connection to the destination");
  add_act<tree_close>(hand, context, "tree-close", "End the connection to the destination");
  add_act<tree_send>(hand, context, "tree-send", "Send what changed in folders");
  add_act<tight_stop>(hand, context, "stop-and-send", "Stop a container and send its last changes");
}

}  // namespace plimsoll
