#pragma once

#include <optional>
#include <string>
#include <vector>

#include "docker/inspect.h"
#include "hand/tree_send.h"
#include "orchestrate/remote_host.h"

namespace plimsoll {

/// What an image took.
struct ImageSent {
  Bytes bytes{};           ///< On the wire.
  std::size_t layers = 0;  ///< Sent; the others were there.
  std::size_t present = 0;
};

/// One round of trees, or the last one.
struct TreesSent {
  Bytes bytes{};    ///< On the wire.
  Bytes literal{};  ///< Contents that had to be sent, before any compression.
  double seconds = 0;
  std::vector<std::string> digests;  ///< At the source, as the pairs; only of the last one.
};

/// The way of a move's data from host to host: OpenSSH from the source to the destination, with a
/// key that the source makes for this move and the destination lets in for it alone. Where the two
/// do not reach each other it leads through a tunnel of ours, without a copy on our disk.
///
/// Errors: those of the acts on the hosts (hand/), with the host's name.
class DataWay {
 public:
  /// Both outlive it, and are connected with an order.
  DataWay(RemoteHost* source, RemoteHost* destination, Bytes rate_limit)
      : source_(source), destination_(destination), rate_limit_(rate_limit) {}

  /// Opens it for these folders of the destination, or keeps it when it is open for them.
  [[nodiscard]] Task<Result<void>> open(std::vector<std::string> folders);
  /// It has to be opened anew.
  void forget();
  [[nodiscard]] bool is_open() const { return open_; }
  /// Whether trees can be sent: rsync is on both hosts.
  [[nodiscard]] bool carries_trees() const { return trees_; }
  [[nodiscard]] bool is_tunnel() const { return tunnel_; }

  /// The layers of an image that the destination has not.
  [[nodiscard]] Task<Result<ImageSent>> send_image(const ImageInspect* image, Duration stall,
                                                   std::function<void(Bytes)> progress);
  /// One round while the source runs.
  [[nodiscard]] Task<Result<TreesSent>> send_round(std::vector<TreePair> pairs, Duration stall,
                                                   std::function<void(Bytes)> progress);
  /// The last round, of a source at rest, and its digests.
  [[nodiscard]] Task<Result<TreesSent>> send_last(std::vector<TreePair> pairs, Duration stall,
                                                  std::function<void(Bytes)> progress);
  /// The same, and the container is stopped (or frozen) just before.
  [[nodiscard]] Task<Result<TreesSent>> stop_and_send(std::string container, bool pause,
                                                      std::vector<TreePair> pairs, Duration stall,
                                                      std::function<void(Bytes)> progress);
  /// Digests of folders of the destination, as they are given.
  [[nodiscard]] Task<Result<std::vector<std::string>>> digests_there(
      std::vector<std::string> folders);

 private:
  Task<Result<void>> grant(std::vector<std::string> folders, std::string from);
  Task<Result<void>> link();
  Task<Result<void>> link_through_tunnel();
  Task<Result<std::vector<std::string>>> digests(RemoteHost* host,
                                                 std::vector<std::string> folders);
  [[nodiscard]] std::string way_json() const;
  [[nodiscard]] std::string trees_request(const std::vector<TreePair>& pairs, bool final,
                                          const std::string& container, bool pause,
                                          Duration stall) const;

  RemoteHost* source_;
  RemoteHost* destination_;
  Bytes rate_limit_;
  bool open_ = false;
  bool trees_ = false;
  bool tunnel_ = false;
  std::vector<std::string> folders_;
  std::string public_key_;
  std::string address_;
  std::string alias_;
  std::string user_;
  std::uint16_t port_ = 22;
  double bytes_per_s_ = 0;
};

}  // namespace plimsoll
