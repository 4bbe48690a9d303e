#include "web/store_fleet_source.h"

#include "fleet/fleet_json.h"

namespace plimsoll {

/// Ends a flight however it ends.
class StoreFleetSource::Landing {
 public:
  explicit Landing(std::shared_ptr<Flight>& flight) : flight_(flight) {}
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;
  ~Landing() {
    flight_->ended.cancel();
    flight_.reset();
  }

 private:
  std::shared_ptr<Flight>& flight_;
};

Task<Result<std::string>> StoreFleetSource::fleet_json() {
  const TimePoint now = clock_();
  const bool fresh = !json_.empty() && now >= made_at_ && now - made_at_ < fresh_for;
  if (fresh) co_return json_;
  if (const auto flight = flight_) {
    co_await flight->ended.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return flight->answer;
  }
  const auto executor = co_await asio::this_coro::executor;
  auto flight = std::make_shared<Flight>(
      Flight{asio::steady_timer{executor, asio::steady_timer::time_point::max()},
             Error{Errc::cancelled, "the reading of the store was given up; ask again"}});
  flight_ = flight;
  const Landing landing{flight_};
  auto answer = co_await read(now);
  flight->answer = answer;
  co_return answer;
}

Task<Result<std::string>> StoreFleetSource::read(TimePoint now) {
  const HostList hosts = hosts_();
  const auto view = co_await read_fleet_view(store_, hosts, policy_, now, &memory_);
  if (!view) co_return view.error();
  json_ = render_fleet_json(*view);
  made_at_ = now;
  co_return json_;
}

}  // namespace plimsoll
