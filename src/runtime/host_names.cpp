#include "runtime/host_names.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "runtime/system_lookup.h"

namespace plimsoll {
namespace {

using Addresses = std::vector<asio::ip::address>;

/// One lookup for all of a context: it ends before the context does, so that no answer comes to one
/// that is gone.
class LookupService : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;  // NOLINT(readability-identifier-naming)

  explicit LookupService(asio::execution_context& context)
      : asio::execution_context::service(context), lookup(std::make_shared<SystemLookup>()) {}

  void shutdown() override { lookup.reset(); }

  std::shared_ptr<NameLookup> lookup;
};

struct HostLookup {
  HostLookup(const asio::any_io_executor& executor, Duration limit,
             std::shared_ptr<std::size_t> counted)
      : done(executor, limit), under_way(std::move(counted)) {}

  void end(Result<ResolvedName> found) {
    if (under_way) --*under_way;
    result = std::move(found);
    done.cancel();
  }

  asio::steady_timer done;
  std::shared_ptr<std::size_t> under_way;
  std::optional<Result<ResolvedName>> result;
};

}  // namespace

Task<Result<Addresses>> resolve_host(std::string name, Duration limit,
                                     std::shared_ptr<std::size_t> under_way) {
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(name, not_an_address);
  if (!not_an_address) co_return Addresses(1, address);
  const auto executor = co_await asio::this_coro::executor;
  if (under_way) ++*under_way;
  auto state = std::make_shared<HostLookup>(executor, limit, std::move(under_way));
  auto& context = asio::query(executor, asio::execution::context);
  asio::use_service<LookupService>(context).lookup->look_up(
      name, [executor, state](Result<ResolvedName> found) {
        asio::post(executor,
                   [state, found = std::move(found)]() mutable { state->end(std::move(found)); });
      });
  co_await state->done.async_wait(asio::as_tuple(asio::use_awaitable));
  auto result = std::move(state->result);
  if (!result) {
    co_return Error{Errc::timeout, fmt::format("resolving the name '{}' took more than {}", name,
                                               format_duration(limit))};
  }
  auto& found = *result;
  if (found) co_return std::move(found->addresses);
  co_return Error{Errc::unreachable,
                  fmt::format("cannot resolve the name '{}': {}", name, found.error().message)};
}

void use_name_lookup(asio::execution_context& context, std::shared_ptr<NameLookup> lookup) {
  asio::use_service<LookupService>(context).lookup = std::move(lookup);
}

}  // namespace plimsoll
