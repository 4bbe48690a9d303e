#include "web/store_fleet_source.h"

#include "fleet/fleet_json.h"
#include "fleet/fleet_view.h"

namespace plimsoll {

Task<Result<std::string>> StoreFleetSource::fleet_json() {
  const TimePoint now = clock_();
  const bool fresh = !json_.empty() && now >= made_at_ && now - made_at_ < fresh_for;
  if (fresh) co_return json_;
  const HostList hosts = hosts_();
  const auto view = co_await read_fleet_view(store_, hosts, policy_, now);
  if (!view) co_return view.error();
  json_ = render_fleet_json(*view);
  made_at_ = now;
  co_return json_;
}

}  // namespace plimsoll
