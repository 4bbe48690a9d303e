#include "hand/image_send.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/image_export.h"

namespace plimsoll {
namespace {

constexpr std::size_t answer_bytes_max = 4 * mib;
constexpr std::size_t last_words_bytes = 2 * kib;
constexpr std::size_t command_words_max = 100;

/// A program whose three streams are pipes of ours, used by a thread that may block.
class Receiver {
 public:
  explicit Receiver(const std::vector<std::string>& words) {
    if (::pipe2(in_.data(), O_CLOEXEC) != 0 || ::pipe2(out_.data(), O_CLOEXEC) != 0 ||
        ::pipe2(err_.data(), O_CLOEXEC) != 0) {
      return;
    }
    std::vector<char*> argv;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): posix_spawn does not write there
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in_[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err_[1], STDERR_FILENO);
    if (::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close_end(&in_[0]);
    close_end(&out_[1]);
    close_end(&err_[1]);
    if (pid_ < 0) return;
    answer_reader_ = std::thread{[this] { collect(out_[0], &answer_, answer_bytes_max); }};
    words_reader_ = std::thread{[this] { collect(err_[0], &last_words_, last_words_bytes); }};
  }
  ~Receiver() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
    wait();
    for (auto* ends : {&in_, &out_, &err_}) {
      for (int& end : *ends) close_end(&end);
    }
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] bool runs() const { return pid_ > 0; }
  [[nodiscard]] int input() const { return in_[1]; }

  /// No more comes; waits until it has ended.
  void wait() {
    close_end(&in_[1]);
    if (answer_reader_.joinable()) answer_reader_.join();
    if (words_reader_.joinable()) words_reader_.join();
    int status = 0;
    while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  /// The last line it has printed, and the end of what it complained of.
  [[nodiscard]] std::string_view answer() const {
    const auto text = trim(answer_);
    return text.substr(text.rfind('\n') + 1);
  }
  [[nodiscard]] const std::string& last_words() const { return last_words_; }

 private:
  static void close_end(int* fd) {
    if (*fd >= 0) ::close(*fd);
    *fd = -1;
  }

  static void collect(int fd, std::string* text, std::size_t bytes_max) {
    std::array<char, 4 * kib> buffer{};
    for (;;) {
      const auto n = ::read(fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      text->append(buffer.data(), static_cast<std::size_t>(n));
      if (text->size() > bytes_max) text->erase(0, text->size() - bytes_max);
    }
  }

  std::array<int, 2> in_{-1, -1}, out_{-1, -1}, err_{-1, -1};
  pid_t pid_ = -1;
  std::string answer_, last_words_;
  std::thread answer_reader_, words_reader_;
};

Errc errc_named(const std::string& name) {
  for (const auto code :
       {Errc::invalid, Errc::malformed, Errc::not_found, Errc::unreachable, Errc::timeout,
        Errc::refused, Errc::unauthorized, Errc::conflict, Errc::too_large, Errc::io}) {
    if (name == to_string(code)) return code;
  }
  return Errc::refused;
}

/// What the other side made of it: its result as JSON.
Result<std::string> told_by(const Receiver& receiver) {
  const auto answer = parse_json(receiver.answer(), "the destination's answer");
  if (!answer || answer->if_object() == nullptr) {
    return Error{Errc::unreachable,
                 "the destination gave no answer: " + printable(trim(receiver.last_words()), 500)};
  }
  if (!is_true(member(*answer, "ok"))) {
    return Error{errc_named(text_of(member(*answer, "code"))),
                 "destination: " + printable(text_of(member(*answer, "error")), 1000)};
  }
  // As it was written: Boost.JSON would write its numbers anew, 12.5 as 1.25E1.
  constexpr std::string_view before = R"({"ok":true,"result":)";
  const auto text = receiver.answer();
  if (!text.starts_with(before)) return json::serialize(member(*answer, "result"));
  return std::string{text.substr(before.size(), text.size() - before.size() - 1)};
}

Task<Result<std::string>> send_once(const HandContext* context, ExportRequest request,
                                    const std::vector<std::string>* command) {
  Receiver receiver{*command};
  if (!receiver.runs()) {
    co_return Error{Errc::not_found, printable(command->front()) + ": cannot be started"};
  }
  const auto exported = co_await export_image(context, std::move(request), receiver.input());
  receiver.wait();
  auto loaded = told_by(receiver);
  // Whoever breaks off makes the other break off: the one that refused tells more.
  const bool ours = !exported && exported.error().code != Errc::io;
  if (ours) co_return exported.error().in("source");
  if (!loaded) co_return loaded.error();
  if (!exported) co_return exported.error().in("source");
  JsonWriter json;
  json.begin_object().key("export").raw(to_json(*exported)).key("load").raw(*loaded).end_object();
  co_return json.take();
}

}  // namespace

Task<Result<std::string>> image_send_act(const HandContext* context, std::string text) {
  auto request = parse_export_request(text);
  if (!request) co_return request.error();
  const auto document = parse_json(text, "the request");
  if (!document) co_return document.error();
  std::vector<std::string> command;
  if (const auto* words = member(*document, "command").if_array()) {
    for (const auto& word : *words) command.push_back(text_of(word));
  }
  if (command.empty() || command.size() > command_words_max) {
    co_return Error{Errc::invalid, "image-send: no command that leads to the destination"};
  }
  auto sent = co_await send_once(context, *request, &command);
  const bool again = !sent && request->way == ExportWay::automatic &&
                     sent.error().message.starts_with("source: ") &&
                     (sent.error().code == Errc::not_found || sent.error().code == Errc::malformed);
  if (!again) co_return sent;
  request->way = ExportWay::engine;
  sent = co_await send_once(context, std::move(*request), &command);
  co_return sent;
}

}  // namespace plimsoll
