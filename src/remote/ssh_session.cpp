#include "remote/ssh_session.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/text.h"
#include "docker/json_access.h"
#include "remote/hand_line.h"
#include "remote/ssh_failure.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

constexpr Duration poll_every{15};

/// A folder for the sockets with a short name: a socket's path has 107 bytes at most.
Result<std::filesystem::path> make_socket_folder(const std::filesystem::path& wanted) {
  const auto base = wanted.empty() ? std::filesystem::temp_directory_path() : wanted;
  std::error_code error;
  std::filesystem::create_directories(base, error);
  std::string name = (base / "ps-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return Error{Errc::io,
                 fmt::format("{}: cannot make a folder for SSH's sockets", base.string())};
  }
  return std::filesystem::path{name};
}

/// What it prints up to the end of a line; all of it where there is none.
Task<Result<std::string>> first_line(ChildProcess* child) {
  constexpr std::size_t line_max = 64U << 10;
  std::string text;
  while (text.find('\n') == std::string::npos && text.size() < line_max) {
    const auto chunk = co_await child->read_out();
    if (!chunk) co_return chunk.error();
    if (chunk->empty()) break;
    text += *chunk;
  }
  if (text.empty()) {
    const auto words = co_await child->read_err();
    co_return Error{Errc::io, "ended at once: " + printable(trim(words ? *words : ""), 300)};
  }
  co_return text.substr(0, text.find('\n'));
}

bool socket_exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_socket(path, ignored);
}

}  // namespace

std::vector<std::string> ssh_words(const Host& host, const SshConfig& config) {
  std::vector<std::string> words{"ssh"};
  const auto option = [&](std::string text) {
    words.emplace_back("-o");
    words.push_back(std::move(text));
  };
  if (!config.config.empty()) words.insert(words.end(), {"-F", config.config});
  option("BatchMode=yes");
  option("StrictHostKeyChecking=yes");
  option(fmt::format("ConnectTimeout={}", (config.connect_timeout.count() + 999) / 1000));
  option("ServerAliveInterval=3");
  option("ServerAliveCountMax=3");
  // With AES in hardware about twice as fast as OpenSSH's first choice (FACTS 8).
  option("Ciphers=^aes128-gcm@openssh.com");
  if (!config.known_hosts.empty()) option("UserKnownHostsFile=" + config.known_hosts);
  const auto key = host.ssh_key.value_or(config.key);
  if (!key.empty()) words.insert(words.end(), {"-i", key});
  if (host.ssh_port) words.insert(words.end(), {"-p", std::to_string(*host.ssh_port)});
  const auto user = host.ssh_user.value_or(config.user);
  if (!user.empty()) words.insert(words.end(), {"-l", user});
  return words;
}

SshSession::SshSession(asio::any_io_executor executor, Host host, SshConfig config)
    : executor_(std::move(executor)), host_(std::move(host)), config_(std::move(config)) {}

SshSession::~SshSession() {
  gates_.clear();
  master_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> SshSession::client(std::vector<std::string> options) const {
  auto words = ssh_words(host_, config_);
  words.insert(words.end(), {"-S", (folder_ / "c").string()});
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("--");
  words.push_back(host_.address);
  return words;
}

Task<Result<std::unique_ptr<SshSession>>> SshSession::open(asio::any_io_executor executor,
                                                           Host host, SshConfig config) {
  std::unique_ptr<SshSession> session{new SshSession{executor, std::move(host), std::move(config)}};
  const auto connected = co_await session->connect();
  if (!connected) co_return connected.error();
  co_return session;
}

Task<Result<void>> SshSession::connect() {
  const auto folder = make_socket_folder(config_.socket_dir);
  if (!folder) co_return folder.error();
  folder_ = *folder;
  const auto forward = (folder_ / "d").string() + ":/var/run/docker.sock";
  auto words = client({"-M", "-o", "ControlPersist=no", "-o", "ExitOnForwardFailure=yes", "-o",
                       "StreamLocalBindUnlink=yes", "-L", forward});
  // Not -N: should we be killed, our end of the pipe closes, this command ends, and with it the
  // connection, which otherwise nobody would ever close.
  words.push_back(RemoteCommand::hold().line());
  auto child = ChildProcess::spawn(executor_, words);
  if (!child) co_return child.error();
  master_ = std::make_unique<ChildProcess>(std::move(*child));
  // ssh makes the forwarded socket once it is logged in, and the control socket after that.
  const auto deadline = std::chrono::steady_clock::now() + config_.connect_timeout + poll_every;
  while (!socket_exists(folder_ / "d") || !socket_exists(folder_ / "c")) {
    if (master_->ended()) {
      auto failed = co_await connect_failure();
      co_return failed;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      co_return explain_ssh_failure(host_.name.str(), "timed out");
    }
    co_await sleep_for(poll_every);
  }
  co_return Result<void>{};
}

Task<Result<void>> SshSession::connect_failure() {
  std::string words;
  for (;;) {
    const auto chunk = co_await master_->read_err();
    if (!chunk || chunk->empty() || words.size() > (64U << 10)) break;
    words += *chunk;
  }
  co_return explain_ssh_failure(host_.name.str(), words);
}

Task<Result<ProcessResult>> SshSession::run(RemoteCommand command, ProcessOptions options) {
  auto words = client({});
  words.push_back(command.line());
  auto result = co_await run_process(std::move(words), std::move(options));
  if (!result) co_return result.error().in(host_.name.str());
  // 255 is ssh's own failure, not the command's.
  if (result->exit_code == 255) co_return explain_ssh_failure(host_.name.str(), result->err);
  co_return result;
}

Result<ChildProcess> SshSession::spawn(const RemoteCommand& command) {
  auto words = client({});
  words.push_back(command.line());
  return ChildProcess::spawn(executor_, words);
}

Task<Result<void>> SshSession::forward(std::string here, std::string there) {
  auto words = client({"-O", "forward", "-L", here + ":" + there});
  ProcessOptions options;
  options.timeout = config_.connect_timeout;
  const auto result = co_await run_process(std::move(words), std::move(options));
  if (!result) co_return result.error().in(host_.name.str());
  if (result->exit_code != 0) co_return explain_ssh_failure(host_.name.str(), result->err);
  co_return Result<void>{};
}

Task<Result<std::uint16_t>> SshSession::reverse_tunnel(std::string address, std::uint16_t port) {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  auto words =
      client({"-O", "forward", "-R",
              fmt::format("127.0.0.1:0:{}:{}", is_ipv6 ? "[" + address + "]" : address, port)});
  ProcessOptions options;
  options.timeout = config_.connect_timeout;
  const auto result = co_await run_process(std::move(words), std::move(options));
  if (!result) co_return result.error().in(host_.name.str());
  const auto given = parse_number<std::uint16_t>(trim(result->out));
  if (result->exit_code == 0 && given) co_return *given;
  co_return Error{Errc::refused, fmt::format("{}: its sshd lets no tunnel through: {}",
                                             host_.name.str(), printable(trim(result->err), 200))};
}

Task<Result<HttpTarget>> SshSession::open_gate(RemoteCommand command) {
  auto child = spawn(command);
  if (!child) co_return child.error();
  auto saying = first_line(&*child);
  const auto line = co_await with_deadline(std::move(saying), config_.connect_timeout,
                                           host_.name.str() + ": gate");
  if (!line) co_return line.error();
  const auto said = parse_hand_line(*line, host_.name.str());
  if (!said) co_return said.error();
  const auto socket = text_of(member(*said, "socket"));
  if (!is_safe_path(socket)) {
    co_return Error{Errc::malformed, host_.name.str() + ": the gate names no socket"};
  }
  HttpTarget target;
  target.unix_path = (folder_ / fmt::format("g{}", gates_.size())).string();
  gates_.push_back(std::move(*child));
  const auto forwarded = co_await forward(target.unix_path, socket);
  if (!forwarded) co_return forwarded.error();
  co_return target;
}

HttpTarget SshSession::docker() const {
  HttpTarget target;
  target.unix_path = (folder_ / "d").string();
  return target;
}

}  // namespace plimsoll
