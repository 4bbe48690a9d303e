// The image acts of `plimsoll hand`.
#include <unistd.h>

#include <cstdio>

#include "hand/image_export.h"
#include "hand/image_load.h"
#include "hand/image_probe.h"
#include "hand/image_send.h"
#include "hand_acts.h"

namespace plimsoll {
namespace {

using ImageAct = Task<Result<std::string>> (*)(const HandContext*, std::string);

template <ImageAct act>
Task<Result<std::string>> with_request(const HandContext* context, const HandOptions* /*options*/) {
  const auto request = hand_request();
  if (!request) co_return request.error();
  auto text = json::serialize(*request);
  auto result = co_await act(context, std::move(text));
  co_return result;
}

/// Standard output is the image's: what the act tells goes where errors go.
Task<Result<std::string>> export_to_output(const HandContext* context, std::string request) {
  const int stream = ::dup(STDOUT_FILENO);
  if (stream < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    co_return Error{Errc::io, "standard output cannot be used"};
  }
  auto result = co_await image_export_act(context, std::move(request), stream);
  ::close(stream);
  co_return result;
}

Task<Result<std::string>> load_from_input(const HandContext* context,
                                          const HandOptions* /*options*/) {
  auto result = co_await image_load_act(context, STDIN_FILENO);
  co_return result;
}

Task<Result<std::string>> clean(const HandContext* context, const HandOptions* /*options*/) {
  auto result = co_await image_clean_act(context);
  co_return result;
}

}  // namespace

void add_hand_image(const CommandLine& hand, CommandContext& context) {
  add_act<with_request<image_probe_act>>(hand, context, "image-probe",
                                         "What of an image this host has");
  add_act<with_request<export_to_output>>(
      hand, context, "image-export",
      "The layers of an image on standard output, and the result on standard error");
  add_act<with_request<image_send_act>>(hand, context, "image-send",
                                        "The layers of an image into a program that takes them");
  add_act<load_from_input>(hand, context, "image-load", "Load what comes on standard input");
  add_act<clean>(hand, context, "image-clean", "Remove what broken loads of a move left");
}

}  // namespace plimsoll
