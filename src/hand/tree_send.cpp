#include "hand/tree_send.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/text.h"
#include "hand/fence.h"
#include "hand/round_memory.h"
#include "hand/rsync_command.h"
#include "runtime/deadline.h"
#include "runtime/file_lock.h"
#include "runtime/process.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t words_max = 16'000;
// sshd lets a connection have ten sessions (MaxSessions); others need some too.
constexpr std::size_t at_once_max = 4;
// Below that a temporary copy costs nothing worth a risk. Chosen by us.
constexpr Bytes in_place_from{16 * mib};
constexpr std::chrono::milliseconds between_progress{200};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::filesystem::path memory_file(const HandContext& context, const TreePair& pair) {
  return context.move_folder() / "rounds" / fmt::format("{:016x}", stable_hash(pair.from));
}

/// Sends all pairs of one request.
class Sender {
 public:
  Sender(const HandContext* context, TreeSend send) : context_(context), send_(std::move(send)) {
    sent_.pairs.resize(send_.pairs.size());
    passed_.resize(send_.pairs.size());
  }

  Task<Result<TreeSent>> run() {
    const auto start = Clock::now();
    std::vector<Task<>> workers;
    for (std::size_t i = 0; i < at_once(); ++i) workers.push_back(work());
    co_await run_all(std::move(workers));
    tell_progress(true);
    if (error_) co_return *error_;
    sent_.seconds = seconds_since(start);
    co_return std::move(sent_);
  }

 private:
  [[nodiscard]] std::size_t at_once() const { return std::min(at_once_max, send_.pairs.size()); }

  Task<> work() {
    while (next_ < send_.pairs.size() && !error_) {
      const std::size_t index = next_++;
      const auto sent = co_await one(index);
      if (!sent && !error_) error_ = sent.error();
    }
  }

  Task<Result<void>> one(std::size_t index) {
    const Fence fence{context_->state};
    const auto fine = fence.check(context_->order);
    if (!fine) co_return fine.error();
    const TreePair& pair = send_.pairs[index];
    PairSent& sent = sent_.pairs[index];
    sent.pair = pair;
    const auto start = Clock::now();
    const auto lock = one_at_a_time(pair);
    if (!lock) co_return lock.error();
    auto memory = load_round(memory_file(*context_, pair));
    if (!memory && memory.error().code != Errc::not_found) co_return memory.error();
    RsyncRun run = common_run();
    run.in_place = send_.in_place == InPlace::by_itself && memory && !memory->hard_links &&
                   memory->largest >= in_place_from;
    const std::int64_t fresh_since_ns = surely_past_ns();
    if (!send_.final) {
      auto syncing = run_blocking(pool_, [folder = pair.from] { return sync_file_system(folder); });
      const auto synced = co_await std::move(syncing);
      if (!synced) co_return synced.error();
    }
    const auto done = co_await rsync(index, run, "");
    if (!done) co_return done.error();
    const bool had_links = memory && memory->hard_links;
    auto after = send_.final ? send_suspects(index, memory ? std::move(memory->fresh) : Files{})
                             : remember(index, fresh_since_ns, had_links);
    const auto ended = co_await std::move(after);
    if (!ended) co_return ended.error();
    sent.seconds = seconds_since(start);
    co_return Result<void>{};
  }

  using Files = std::vector<RoundMemory::Fresh>;

  Task<Result<void>> remember(std::size_t index, std::int64_t fresh_since_ns, bool had_links) {
    const TreePair& pair = send_.pairs[index];
    auto walking = run_blocking(pool_, [folder = pair.from, fresh_since_ns] {
      return remember_round(folder, fresh_since_ns);
    });
    auto memory = co_await std::move(walking);
    if (!memory) co_return memory.error();
    memory->hard_links = memory->hard_links || had_links;
    co_return save_round(memory_file(*context_, pair), *memory);
  }

  /// What may have changed behind rsync's back is compared by contents.
  Task<Result<void>> send_suspects(std::size_t index, Files fresh) {
    std::string names;
    for (const auto& path : suspects(send_.pairs[index].from, fresh)) {
      names += path;
      names += '\0';
    }
    if (names.empty()) co_return Result<void>{};
    RsyncRun run = common_run();
    run.only_listed = true;
    const auto done = co_await rsync(index, run, std::move(names));
    co_return done;
  }

  [[nodiscard]] RsyncRun common_run() const {
    RsyncRun run;
    run.compress = send_.compress;
    run.checksum = send_.checksum;
    run.limit = Bytes{count(send_.limit) / at_once()};
    run.stall = send_.stall;
    return run;
  }

  /// An order whose orchestrator was cut off may still be at it.
  [[nodiscard]] Result<FileLock> one_at_a_time(const TreePair& pair) const {
    const auto file = memory_file(*context_, pair).string() + ".lock";
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path{file}.parent_path(), ignored);
    auto lock = FileLock::try_lock(file);
    if (lock || lock.error().code != Errc::conflict) return lock;
    return Error{Errc::conflict, pair.from + ": an earlier order still sends it"};
  }

  Task<Result<void>> rsync(std::size_t index, RsyncRun run, std::string input) {
    using namespace asio::experimental::awaitable_operators;
    const auto argv = rsync_words(send_.way, send_.pairs[index], run);
    if (!argv) co_return argv.error();
    const auto executor = co_await asio::this_coro::executor;
    auto child = ChildProcess::spawn(executor, *argv);
    if (!child) co_return child.error();
    RsyncOutput output;
    auto all =
        feed(&*child, std::move(input)) && follow(index, &*child, &output) && words_of(&*child);
    const auto [followed, words] = co_await std::move(all);
    if (!followed) co_return followed.error();
    const auto code = co_await child->wait();
    if (!code) co_return code.error();
    const auto incomplete = judge_rsync(*code, words, send_.final);
    if (!incomplete) co_return incomplete.error().in(send_.pairs[index].from);
    add(sent_.pairs[index], output.figures(), *incomplete);
    co_return Result<void>{};
  }

  static void add(PairSent& sent, const RsyncFigures& more, bool incomplete) {
    RsyncFigures& all = sent.figures;
    all.sent += more.sent;
    all.received += more.received;
    all.literal += more.literal;
    all.matched += more.matched;
    all.files += more.files;
    all.created += more.created;
    all.deleted += more.deleted;
    sent.incomplete = sent.incomplete || incomplete;
  }

  static Task<> feed(ChildProcess* child, std::string input) {
    if (!input.empty()) {
      // One that ended early tells why by its exit code.
      const auto written = co_await child->write_in(std::move(input));
      (void)written;
    }
    child->close_in();
  }

  Task<Result<void>> follow(std::size_t index, ChildProcess* child, RsyncOutput* output) {
    const Bytes before = passed_[index];
    for (;;) {
      const auto chunk = co_await child->read_out();
      if (!chunk) co_return chunk.error();
      if (chunk->empty()) co_return Result<void>{};
      output->feed(*chunk);
      passed_[index] = before + output->progress();
      tell_progress(false);
    }
  }

  static Task<std::string> words_of(ChildProcess* child) {
    std::string words;
    for (;;) {
      const auto chunk = co_await child->read_err();
      if (!chunk || chunk->empty()) co_return words;
      // The last words tell most.
      words += *chunk;
      if (words.size() > words_max) words.erase(0, words.size() - words_max);
    }
  }

  void tell_progress(bool last) {
    const auto now = Clock::now();
    if (!context_->progress || (!last && now - told_ < between_progress)) return;
    told_ = now;
    Bytes total{};
    for (const Bytes bytes : passed_) total += bytes;
    context_->progress(total);
  }

  const HandContext* context_;
  TreeSend send_;
  asio::thread_pool pool_{2};
  TreeSent sent_;
  std::vector<Bytes> passed_;
  std::size_t next_ = 0;
  std::optional<Error> error_;
  Clock::time_point told_{};
};

}  // namespace

Task<Result<TreeSent>> send_trees(const HandContext* context, TreeSend send) {
  Sender sender{context, std::move(send)};
  auto sent = co_await sender.run();
  co_return sent;
}

}  // namespace plimsoll
