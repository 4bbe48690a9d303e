#include "hand_acts.h"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cstdio>
#include <iostream>

#include "core/json_writer.h"
#include "hand/fence.h"
#include "run.h"

namespace plimsoll {
namespace {

constexpr std::size_t request_bytes_max = 16U << 20;

Task<int> admitted(BoundHandAct act, const HandOptions* options) {
  using namespace asio::experimental::awaitable_operators;
  const auto context = hand_context_of(*options);
  Fence fence{context.state};
  const auto admission = fence.admit(context.order);
  if (!admission) co_return tell_hand_result(admission.error());
  auto race = act(&context) || until_reader_has_gone();
  const auto first = co_await std::move(race);
  if (first.index() == 1) co_return exit_failed;
  co_return tell_hand_result(std::get<0>(first));
}

}  // namespace

HandContext hand_context_of(const HandOptions& options) {
  HandContext context;
  context.order = {MoveId{options.move}, options.epoch, options.owner, options.take_over};
  context.state = options.state;
  context.run = options.run;
  context.docker.unix_path = options.docker;
  context.progress = [](Bytes bytes) {
    JsonWriter json;
    json.begin_object().field("progress", count(bytes)).end_object();
    print_hand_line(json.take());
  };
  context.reached = [](const std::string& part) {
    JsonWriter json;
    json.begin_object().field("reached", part).end_object();
    print_hand_line(json.take());
  };
  return context;
}

void print_hand_line(const std::string& json) {
  fmt::print("{}\n", json);
  std::fflush(stdout);
}

int tell_hand_result(const Result<std::string>& result) {
  JsonWriter json;
  json.begin_object().field("ok", result.has_value());
  if (result) {
    json.key("result").raw(*result);
  } else {
    json.field("code", to_string(result.error().code)).field("error", result.error().message);
  }
  json.end_object();
  print_hand_line(json.take());
  return result ? exit_ok : exit_failed;
}

int run_hand_act(const BoundHandAct& act, const HandOptions& options) {
  asio::io_context io{1};
  return run_to_end(io, admitted(act, &options));
}

void add_hand_options(const CommandLine& app, HandOptions& options) {
  app.add_option("--move", options.move, "The move's id").required();
  app.add_option("--epoch", options.epoch, "The order's epoch").required();
  app.add_option("--owner", options.owner, "The orchestrator's id").required();
  app.add_flag("--take-over", options.take_over, "In place of the owner before");
  app.add_option("--docker", options.docker, "The engine's socket");
  app.add_option("--state", options.state, "Where the fence is kept");
  app.add_option("--run", options.run, "Where what ends with a move is kept");
}

Result<json::value> hand_request() {
  std::string text;
  for (int c = std::cin.get(); c != '\n' && c != std::char_traits<char>::eof();
       c = std::cin.get()) {
    if (text.size() == request_bytes_max) {
      return Error{Errc::too_large, "the request on standard input is too long"};
    }
    text += static_cast<char>(c);
  }
  return parse_json(text, "the request on standard input");
}

}  // namespace plimsoll
