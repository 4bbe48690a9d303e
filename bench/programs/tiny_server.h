#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plimsoll::bench {

struct Ask {
  std::size_t listener = 0;  ///< Which one it came in by, in the order of listen().
  in_addr asked;             ///< The address that the client connected to.
  std::string_view method;
  std::string_view path;
  std::string_view body;
  bool gzip = false;  ///< Of the body.
};

struct Reply {
  enum class How {
    send,
    hang,   ///< No answer, ever.
    drip,   ///< A byte a second.
    reset,  ///< The connection is torn down.
  };
  How how = How::send;
  std::string_view bytes;  ///< Head and body. Valid until the next call of the handler.
};

class AskHandler {
 public:
  virtual ~AskHandler() = default;
  virtual Reply asked(const Ask& ask) = 0;
};

/// HTTP/1.1 with keep-alive on one thread, as cheap as can be, so that what is measured is whoever
/// asks. Ends the program with a message where the machine does not play along: it is a
/// benchmark's.
class TinyServer {
 public:
  explicit TinyServer(AskHandler& handler);

  /// On every address of the loopback interface, or on 127.0.0.1 alone. Gives the port.
  enum class On { all_of_loopback, one_address };
  std::uint16_t listen(On on, std::uint16_t port);
  /// Until the program is ended.
  [[noreturn]] void run();

 private:
  struct Peer {
    std::size_t listener = 0;
    in_addr asked{};
    std::string in;   // of a request that is not there in whole
    std::string out;  // what the kernel did not take yet
    bool drips = false;
  };

  void accept_all(std::size_t listener);
  void read_from(int fd);
  /// How many bytes of `text` were requests in whole.
  std::size_t answer_all(int fd, Peer& peer, std::string_view text);
  void answer(int fd, Peer& peer, const Reply& reply);
  void send_rest(int fd, Peer& peer);
  void drip();
  void watch(int fd, bool writing);
  void drop(int fd, bool reset);

  AskHandler& handler_;
  int epoll_;
  std::vector<int> listeners_;
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;
  std::vector<char> buffer_;
  std::int64_t last_drip_s_ = 0;
};

/// Tells what went wrong and ends the program.
[[noreturn]] void give_up(std::string_view what);

/// A whole answer.
[[nodiscard]] std::string http_answer(std::string_view status, std::string_view type,
                                      std::string_view body);

}  // namespace plimsoll::bench
