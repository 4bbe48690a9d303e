#pragma once

#include <list>
#include <memory>

#include "hand/stub.h"
#include "hand/stub_relay.h"

namespace plimsoll {

/// The stub itself: listens, holds, forwards, counts.
/// Thread: one. Outlives what it has spawned on the executor.
class StubServer {
 public:
  StubServer(asio::any_io_executor executor, MoveId move, StubSpec spec);

  ~StubServer();
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;

  /// Makes the diversions that are asked for; returns when they are in force.
  [[nodiscard]] Task<> divert_all();
  /// Takes the ports as soon as they are free; returns when it has them all, or never will.
  [[nodiscard]] Task<> run();
  [[nodiscard]] StubStatus status() const;

 private:
  struct Port;
  Task<> divert(Port* port);
  Task<> take(Port* port);
  Task<> accept_on(asio::ip::tcp::acceptor* acceptor, StubDestination* destination);
  Task<> forward(asio::ip::tcp::socket client, StubDestination* destination);
  void note(const std::string& problem);

  asio::any_io_executor executor_;
  MoveId move_;
  StubSpec spec_;
  StubStatus status_;
  std::size_t diverting_ = 0;
  std::list<Port> ports_;
};

}  // namespace plimsoll
