#include "simulate/line_parser.h"

#include <fmt/format.h>

#include <new>

namespace plimsoll {
namespace {

/// Memory with an end: a line of nothing but brackets takes far more than its own length.
class BoundedMemory final : public json::memory_resource {
 public:
  explicit BoundedMemory(std::size_t most) : left_(most) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes > left_) throw std::bad_alloc{};
    left_ -= bytes;
    return ::operator new (bytes, std::align_val_t{alignment});
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    left_ += bytes;
    ::operator delete (memory, bytes, std::align_val_t{alignment});
  }
  [[nodiscard]] bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t left_;
};

json::value parse(std::string_view line, json::storage_ptr memory, std::string& problem) {
  json::parse_options options;
  options.max_depth = 32;
  json::parser parser{std::move(memory), options};
  json::error_code error;
  const std::size_t read = parser.write(line, error);
  if (!error) return parser.release();
  problem = fmt::format("is no JSON, from byte {}: {}", read + 1, error.message());
  return nullptr;
}

}  // namespace

void with_parsed_line(std::string_view line, std::span<unsigned char> buffer,
                      LineProblems& problems, const std::function<void(const json::object&)>& use) {
  BoundedMemory bounded{line_memory_max};
  json::monotonic_resource memory{buffer.data(), buffer.size(), &bounded};
  std::string problem;
  try {
    const json::value value = parse(line, &memory, problem);
    if (const json::object* object = problem.empty() ? value.if_object() : nullptr) {
      use(*object);
      return;
    }
    if (problem.empty()) problem = "must be an object";
  } catch (const std::bad_alloc&) {
    problem = "takes too much memory";
  }
  problems.add(std::move(problem));
}

}  // namespace plimsoll
