#pragma once

#include "fleet/fleet_view.h"

namespace plimsoll::test {

/// Three hosts: one over its line, one afloat, one silent.
inline FleetView sample_fleet() {
  FleetView view;
  view.time = parse_rfc3339("2026-11-22T12:00:05Z").value();
  view.rows.resize(3);
  auto& deep = view.rows[0];
  deep.name = HostId{"edge-01"};
  deep.address = "10.77.0.11";
  deep.up = true;
  deep.last_seen = view.time - Duration{2'000};
  deep.latest = {96.4, 61.25, 30, 4.5};
  deep.clock_skew_s = -0.012;
  deep.assessed.up = true;
  deep.assessed.stale = false;
  deep.assessed.age = Duration{2'000};
  deep.assessed.used = {96, 61, 30, 4.5};
  deep.assessed.scalar = deep.assessed.level = 1.2;
  deep.assessed.over_line = deep.assessed.hot = true;
  deep.assessed.held = 4;
  deep.containers.push_back(
      {"aaaaaaaaaaaa", "web", "shop/web:1.2", "running", 71.5, Bytes{300 * mib}});
  deep.containers.push_back({"bbbbbbbbbbbb", "db", "shop/db:9", "running", {}, {}});
  auto& calm = view.rows[1];
  calm.name = HostId{"edge-02"};
  calm.address = "10.77.0.12";
  calm.up = true;
  calm.last_seen = view.time - Duration{4'000};
  calm.latest = {12, 20.5, 31, {}};
  calm.clock_skew_s = 49.25;
  calm.clock_off = true;
  calm.assessed = deep.assessed;
  calm.assessed.age = Duration{4'000};
  calm.assessed.used = {11, 20, 31, {}};
  calm.assessed.scalar = calm.assessed.level = 0.34;
  calm.assessed.over_line = calm.assessed.hot = false;
  calm.assessed.held = 0;
  auto& silent = view.rows[2];
  silent.name = HostId{"edge-03"};
  silent.address = "10.77.0.13";
  silent.last_seen = view.time - Duration{95'000};
  silent.assessed.age = Duration{95'000};
  silent.error = "10.77.0.13:5002: cannot connect: Connection refused";
  return view;
}

}  // namespace plimsoll::test
