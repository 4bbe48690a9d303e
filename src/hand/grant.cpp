#include "hand/grant.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/authorized_keys.h"
#include "hand/boot_clock.h"
#include "hand/move_folder.h"
#include "hand/ssh_daemon.h"
#include "runtime/file_lock.h"
#include "runtime/files.h"
#include "runtime/process.h"

namespace plimsoll {
namespace {

constexpr std::size_t keys_file_max = 4U << 20;
constexpr std::size_t grant_file_max = 1U << 20;
constexpr std::size_t folders_max = 1024;
constexpr std::int64_t seconds_max = std::int64_t{7} * 24 * 3600;

Error wrong(const std::string& what) { return {Errc::invalid, "grant: " + what}; }

std::filesystem::path grant_file(const HandContext& context) {
  return context.move_folder() / "grant.json";
}

Error failed(const std::filesystem::path& path) {
  return {Errc::io, path.string() + ": " + std::generic_category().message(errno)};
}

std::vector<std::string> texts_in(const json::value& list) {
  std::vector<std::string> texts;
  if (const auto* array = list.if_array()) {
    for (const auto& entry : *array) texts.push_back(text_of(entry));
  }
  return texts;
}

/// What stands at a path now, or the mode and owner that sshd wants of a new file.
struct FileNature {
  mode_t mode = 0600;
  uid_t uid = 0;
  gid_t gid = 0;
};

FileNature nature_of(const std::filesystem::path& path, const SshAccount& account) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    return {status.st_mode & 07777U, status.st_uid, status.st_gid};
  }
  return {0600, account.uid, account.gid};
}

/// The folder is made if need be, as its owner would.
Result<void> make_key_folder(const std::filesystem::path& folder, const SshAccount& account) {
  if (::mkdir(folder.c_str(), 0700) == 0) {
    if (::chown(folder.c_str(), account.uid, account.gid) != 0) return failed(folder);
  } else if (errno != EEXIST) {
    return failed(folder);
  }
  return {};
}

/// Written beside the file with its mode and owner, then put in its place.
Result<void> replace_file(const std::filesystem::path& path, const std::string& text,
                          const FileNature& nature) {
  const std::filesystem::path aside = path.string() + ".plimsoll";
  std::error_code gone;
  std::filesystem::remove(aside, gone);
  if (const auto written = write_file_atomically(aside, text, 0600); !written) return written;
  if (::chown(aside.c_str(), nature.uid, nature.gid) != 0 ||
      ::chmod(aside.c_str(), nature.mode) != 0 || ::rename(aside.c_str(), path.c_str()) != 0) {
    auto error = failed(path);
    std::filesystem::remove(aside, gone);
    return error;
  }
  return {};
}

/// Puts `line` in place of the move's lines; gives how many there were.
Result<std::size_t> rewrite_keys(const HandContext& context, std::filesystem::path path,
                                 const SshAccount& account, const std::string& line) {
  const auto lock = FileLock::wait_for(context.run / "authorized_keys.lock");
  if (!lock) return lock.error();
  std::error_code ignored;
  // A link keeps leading where it led.
  if (const auto real = std::filesystem::canonical(path, ignored); !ignored) path = real;
  const auto before = read_file(path, keys_file_max);
  if (!before && before.error().code != Errc::not_found) return before.error();
  const std::string text = before ? *before : "";
  std::size_t lines = 0;
  for (const auto old : split(text, '\n')) lines += is_line_of(old, context.order.move) ? 1U : 0U;
  const auto after = with_line_of(text, context.order.move, line);
  if (after == text) return lines;
  if (const auto made = make_key_folder(path.parent_path(), account); !made) return made.error();
  if (const auto done = replace_file(path, after, nature_of(path, account)); !done) {
    return done.error();
  }
  return lines;
}

/// What sshd runs for the key: this executable, as the same user.
Result<std::string> receive_command(const HandContext& context) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || !is_safe_path(self.string())) {
    return Error{Errc::io, "our own executable is at no path that can be written down"};
  }
  std::string line = self.string();
  for (const auto& word : words_for_hand(context, "receive")) line += " " + word;
  return line;
}

Result<void> keep_grant(const HandContext& context, const GrantSpec& spec) {
  JsonWriter json;
  json.begin_object()
      .field("until_ms", (boot_clock_now() + spec.lasts).count())
      .key("folders")
      .begin_array();
  for (const auto& folder : spec.folders) json.value(folder);
  json.end_array().end_object();
  return write_file_atomically(grant_file(context), json.take() + "\n", 0600);
}

}  // namespace

Result<GrantSpec> parse_grant_spec(std::string_view text) {
  const auto document = parse_json(text, "grant");
  if (!document) return document.error();
  GrantSpec spec;
  spec.public_key = text_of(member(*document, "key"));
  spec.from = texts_in(member(*document, "from"));
  spec.folders = texts_in(member(*document, "folders"));
  if (spec.folders.size() > folders_max) return wrong("more than 1024 folders");
  for (const auto& folder : spec.folders) {
    if (!is_safe_path(folder) || folder == "/") {
      return wrong("'" + printable(folder, 100) + "' is no folder that we grant");
    }
  }
  if (const auto& value = member(*document, "seconds"); !value.is_null()) {
    const auto lasts = integer_of(value);
    if (!lasts || *lasts < 1 || *lasts > seconds_max) {
      return wrong("\"seconds\" must be a whole number from 1 to 604800");
    }
    spec.lasts = std::chrono::seconds{*lasts};
  }
  return spec;
}

Task<Result<std::string>> make_move_key(const HandContext* context) {
  const auto folder = make_move_folder(*context);
  if (!folder) co_return folder.error();
  const auto key = context->move_folder() / "key";
  const std::filesystem::path public_half = key.string() + ".pub";
  if (!std::filesystem::exists(public_half)) {
    std::error_code ignored;
    std::filesystem::remove(key, ignored);
    std::vector<std::string> argv{"ssh-keygen", "-q", "-t",       "ed25519", "-N",
                                  "",           "-C", "plimsoll", "-f",      key.string()};
    ProcessOptions options;
    const auto made = co_await run_process(std::move(argv), std::move(options));
    if (!made) co_return made.error();
    if (made->exit_code != 0) {
      co_return Error{Errc::io, "ssh-keygen: " + printable(trim(made->err), 200)};
    }
  }
  const auto text = read_secret(public_half);
  if (!text) co_return text.error();
  const auto words = split(*text, ' ');
  if (words.size() < 2) co_return Error{Errc::malformed, public_half.string() + ": is no key"};
  co_return fmt::format("{} {}", words[0], words[1]);
}

Task<Result<SshdFacts>> grant_access(const HandContext* context, GrantSpec spec) {
  const auto account = ssh_account();
  if (!account) co_return account.error();
  const auto settings = co_await sshd_settings(account->name);
  const auto path = authorized_keys_of(settings, *account);
  if (!path) co_return path.error();
  auto host_keys = public_host_keys(settings);
  if (!host_keys) co_return host_keys.error();
  const auto command = receive_command(*context);
  if (!command) co_return command.error();
  const KeyGrant grant{context->order.move, spec.public_key, spec.from, *command,
                       wall_clock_now() + spec.lasts};
  const auto line = authorized_line(grant);
  if (!line) co_return line.error();
  const auto folder = make_move_folder(*context);
  if (!folder) co_return folder.error();
  // First what it may do, then that it may come.
  const auto kept = keep_grant(*context, spec);
  if (!kept) co_return kept.error();
  const auto written = rewrite_keys(*context, *path, *account, *line);
  if (!written) co_return written.error();
  co_return SshdFacts{std::move(*host_keys), settings.ports, account->name};
}

std::string sshd_json(const SshdFacts& facts) {
  JsonWriter json;
  json.begin_object().field("user", facts.user).key("ports").begin_array();
  for (const auto port : facts.ports) json.value(port);
  json.end_array().key("host_keys").begin_array();
  for (const auto& key : facts.host_keys) json.value(key);
  json.end_array().end_object();
  return json.take();
}

Task<Result<std::size_t>> revoke_access(const HandContext* context) {
  const auto account = ssh_account();
  if (!account) co_return account.error();
  const auto settings = co_await sshd_settings(account->name);
  const auto path = authorized_keys_of(settings, *account);
  std::error_code ignored;
  // What runs under the grant sees that this has gone, and ends.
  std::filesystem::remove(grant_file(*context), ignored);
  if (!path || !std::filesystem::exists(*path, ignored)) co_return std::size_t{0};
  if (!std::filesystem::exists(context->run, ignored)) {
    std::filesystem::create_directories(context->run, ignored);
    ::chmod(context->run.c_str(), 0711);
  }
  auto lines = rewrite_keys(*context, *path, *account, "");
  co_return lines;
}

Result<std::optional<KeptGrant>> kept_grant(const HandContext& context) {
  const auto text = read_file(grant_file(context), grant_file_max);
  if (!text && text.error().code == Errc::not_found) return std::optional<KeptGrant>{};
  if (!text) return text.error();
  const auto document = parse_json(*text, grant_file(context).string());
  if (!document) return document.error();
  const auto until = integer_of(member(*document, "until_ms"));
  if (!until) return Error{Errc::malformed, grant_file(context).string() + ": has no end"};
  return std::optional<KeptGrant>{
      KeptGrant{texts_in(member(*document, "folders")), Duration{*until}}};
}

}  // namespace plimsoll
