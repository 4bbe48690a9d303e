#pragma once

#include <algorithm>

#include "support/sample_fleet.h"
#include "top/top_data.h"

namespace plimsoll::test {

inline HostRow afloat(const std::string& name, double level, double cpu) {
  auto row = sample_fleet().rows[1];
  row.name = HostId{name};
  row.assessed.scalar = row.assessed.level = level;
  row.assessed.used.cpu = row.latest.cpu = cpu;
  return row;
}

inline MoveLine sample_move(const std::string& container, MoveLine::Stage stage) {
  MoveLine move;
  move.id = "abcdef012345";
  move.container = container;
  move.from = "edge-01";
  move.to = "edge-02";
  move.stage = stage;
  move.state = "ImageStaged";
  move.elapsed = Duration{12'300};
  move.moved = Bytes{40 * mib};
  move.predicted_bytes = Bytes{120 * mib};
  move.predicted_s = 21.4;
  return move;
}

/// The sample fleet with a host near its line, one never seen, names that are hard to show, and
/// moves of each kind.
inline TopData top_sample() {
  TopData data;
  data.read = true;
  data.view = sample_fleet();
  auto& rows = data.view.rows;
  rows[0].assessed.looks = 5;
  rows[2].error_class = "connect";
  rows.push_back(afloat("edge-10", 0.95, 76));
  rows.push_back(afloat("数据库-主", 0.5, 40));
  rows.push_back(afloat("evil\x1b[2J\u009b1A", 0.1, 8));
  rows.back().containers.push_back(
      {"cccccccccccc", "worse\x1b]0;owned\x07", "x/y", "running", 1.5, Bytes{5 * mib}});
  auto& never = rows.emplace_back();
  never.name = HostId{"edge-09"};
  never.address = "10.77.0.19";
  never.error = "not polled yet: is plimsoll monitor running?";
  never.error_class = "not_polled";
  rows[0].clock_skew_s = 0.02;
  rows[1].clock_skew_s = -49.04;
  rows[1].clock_off = true;
  data.view.snapshot.hosts.resize(rows.size());
  auto& deep = data.view.snapshot.hosts[0];
  deep.labels = {{"rack", "7"}, {"zone", "eu"}};
  deep.architecture = "x86_64";
  deep.capacity = {4, Bytes{8 * gib}, Bytes{100 * gib}, Bytes{70 * gib}};
  data.moves = {sample_move("web", MoveLine::Stage::under_way),
                sample_move("db", MoveLine::Stage::waiting)};
  data.moves[1].state = "Planned";
  return data;
}

/// The same fleet, with so many hosts more.
inline TopData big_top_sample(std::size_t hosts) {
  TopData data = top_sample();
  for (std::size_t i = 0; i < hosts; ++i) {
    const double level = static_cast<double>(i * 37 % 100) / 110;
    data.view.rows.push_back(afloat("more-" + std::to_string(i), level, level * 80));
    const auto& web = data.view.rows[0].containers[0];
    data.view.rows.back().containers.assign(10, web);
  }
  data.view.snapshot.hosts.resize(data.view.rows.size());
  return data;
}

}  // namespace plimsoll::test
