#include "agent/space_meter.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

namespace plimsoll {

/// Shared with the threads, of which some may outlive the meter.
struct SpaceMeter::State : std::enable_shared_from_this<SpaceMeter::State> {
  State(Ask question, std::chrono::milliseconds most)
      : ask(std::move(question)), hangs_after(most) {}

  Ask ask;
  std::chrono::milliseconds hangs_after;
  std::mutex mutex;
  std::condition_variable work_came, answer_came;
  std::deque<SpaceQuestion> queue;
  std::map<std::string, Space> answers;
  std::map<std::string, std::string> hanging;  ///< Key -> path.
  std::map<std::string, int> kept;  ///< Of hanging ones: for how many rounds the answer still does.
  std::optional<SpaceQuestion> asking;  ///< What the worker is at.
  std::chrono::steady_clock::time_point asking_since;
  std::thread worker;
  unsigned worker_number = 0;  ///< A thread with another number was left to what hangs.
  bool stopping = false;

  void work(unsigned number);
  void answer(const SpaceQuestion& question, std::optional<Space> space, unsigned number);
  void leave_what_hangs();
  void forget_old();
  void enqueue(const std::vector<SpaceQuestion>& questions);
  [[nodiscard]] bool waits_for_first() const;
};

void SpaceMeter::State::work(unsigned number) {
  std::unique_lock lock{mutex};
  while (number == worker_number) {
    work_came.wait(lock, [&] { return stopping || !queue.empty(); });
    if (stopping) return;
    const SpaceQuestion question = std::move(queue.front());
    queue.pop_front();
    asking = question;
    asking_since = std::chrono::steady_clock::now();
    lock.unlock();
    const auto space = ask(question.path);
    lock.lock();
    answer(question, space, number);
  }
}

void SpaceMeter::State::answer(const SpaceQuestion& question, std::optional<Space> space,
                               unsigned number) {
  if (number == worker_number) {
    asking.reset();
  } else {
    hanging.erase(question.key);
    kept.erase(question.key);
  }
  if (space) {
    answers[question.key] = *space;
  } else {
    answers.erase(question.key);
  }
  answer_came.notify_all();
}

void SpaceMeter::State::leave_what_hangs() {
  if (!asking || std::chrono::steady_clock::now() - asking_since < hangs_after) return;
  hanging[asking->key] = asking->path;
  if (asking->may_hang) {
    answers.erase(asking->key);
  } else {
    kept[asking->key] = rounds_kept;
  }
  asking.reset();
  ++worker_number;
  worker.detach();
}

void SpaceMeter::State::forget_old() {
  for (auto entry = kept.begin(); entry != kept.end();) {
    const bool is_over = --entry->second <= 0;
    if (is_over) answers.erase(entry->first);
    entry = is_over ? kept.erase(entry) : std::next(entry);
  }
}

void SpaceMeter::State::enqueue(const std::vector<SpaceQuestion>& questions) {
  queue.clear();
  const bool too_many = hanging.size() >= hanging_max;
  for (const auto& question : questions) {
    const bool is_asked = asking && asking->key == question.key;
    if (is_asked || hanging.contains(question.key) || (too_many && question.may_hang)) continue;
    if (question.may_hang) {
      queue.push_back(question);
    } else {
      queue.push_front(question);
    }
  }
  std::erase_if(answers, [&](const auto& entry) {
    return std::ranges::find(questions, entry.first, &SpaceQuestion::key) == questions.end();
  });
  if (queue.empty()) return;
  if (!worker.joinable()) {
    worker =
        std::thread{[self = shared_from_this(), number = worker_number] { self->work(number); }};
  }
  work_came.notify_all();
}

bool SpaceMeter::State::waits_for_first() const {
  const auto first = [&](const SpaceQuestion& question) {
    return !question.may_hang && !answers.contains(question.key);
  };
  return (asking && first(*asking)) || std::ranges::any_of(queue, first);
}

SpaceMeter::SpaceMeter(Ask ask, std::chrono::milliseconds hangs_after)
    : state_(std::make_shared<State>(std::move(ask), hangs_after)) {}

SpaceMeter::~SpaceMeter() {
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  state_->queue.clear();
  state_->work_came.notify_all();
  constexpr std::chrono::milliseconds quick{100};
  state_->answer_came.wait_for(lock, quick, [&] { return !state_->asking; });
  auto worker = std::move(state_->worker);
  const bool hangs = state_->asking.has_value();
  if (hangs) ++state_->worker_number;
  lock.unlock();
  if (!worker.joinable()) return;
  if (hangs) {
    worker.detach();
  } else {
    worker.join();
  }
}

std::map<std::string, Space> SpaceMeter::ask(const std::vector<SpaceQuestion>& questions,
                                             std::chrono::milliseconds patience) {
  std::unique_lock lock{state_->mutex};
  state_->forget_old();
  state_->leave_what_hangs();
  state_->enqueue(questions);
  state_->answer_came.wait_for(lock, patience, [&] { return !state_->waits_for_first(); });
  return state_->answers;
}

std::vector<std::string> SpaceMeter::hanging() const {
  const std::scoped_lock lock{state_->mutex};
  std::vector<std::string> paths;
  for (const auto& [key, path] : state_->hanging) {
    if (!state_->answers.contains(key)) paths.push_back(path);
  }
  return paths;
}

}  // namespace plimsoll
