// One picture of plimsoll top after another: CPU of sorting, filtering, drawing and comparing, and
// the bytes sent to the terminal.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "support/top_fleet.h"
#include "terminal/frame_update.h"
#include "top/top_view.h"

namespace plimsoll::bench {
namespace {

double cpu_ms() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto whole = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
  const auto parts = used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  return static_cast<double>(whole) * 1e3 + static_cast<double>(parts) / 1e3;
}

/// All figures change from one picture to the next, as they do every two seconds.
void change(FleetView& view, std::size_t step) {
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    HostRow& row = view.rows[i];
    if (!row.up) continue;
    const double level = static_cast<double>((i * 37 + step * 11) % 130) / 100;
    row.assessed.level = row.assessed.scalar = level;
    row.assessed.over_line = level > 1;
    row.latest.cpu = level * 75;
  }
}

struct Case {
  const char* name;
  ScreenSize size;
  TopScreen screen = TopScreen::hosts;
  const char* filter = "";
};

void measure(const Case& one, std::size_t hosts, std::size_t frames) {
  TopData data = test::big_top_sample(hosts);
  TopState state;
  state.screen = one.screen;
  state.filter() = one.filter;
  Frame shown{one.size};
  std::size_t bytes = 0;
  const double before = cpu_ms();
  double changing = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const double start = cpu_ms();
    change(data.view, i);
    changing += cpu_ms() - start;
    Frame wanted = draw_top(state, data, one.size, true);
    bytes += update(shown, wanted, ColourDepth::many).size();
    shown = std::move(wanted);
  }
  const auto count = static_cast<double>(frames);
  fmt::print("{:<40} {:>8.3f} {:>14.1f}\n", one.name, (cpu_ms() - before - changing) / count,
             static_cast<double>(bytes) / count / 1024);
}

int run(std::size_t hosts, std::size_t frames) {
  fmt::print("{:<40} {:>8} {:>14}\n", fmt::format("{} hosts, {} pictures", hosts, frames), "CPU ms",
             "KiB sent");
  measure({"hosts, 80x24", {80, 24}}, hosts, frames);
  measure({"hosts, 200x50", {200, 50}}, hosts, frames);
  measure({"hosts, 200x1010: every row on screen", {200, 1'010}}, hosts, frames);
  measure(
      {"hosts, 80x24, filter web|more-[0-9]+7$", {80, 24}, TopScreen::hosts, "web|more-[0-9]+7$"},
      hosts, frames);
  measure({"10 containers each, 200x50", {200, 50}, TopScreen::containers}, hosts, frames);
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  CLI::App app{"One picture of plimsoll top after another"};
  std::size_t hosts = 1'000;
  std::size_t frames = 200;
  app.add_option("--hosts", hosts);
  app.add_option("--frames", frames);
  CLI11_PARSE(app, argc, argv);
  return plimsoll::bench::run(hosts, frames);
}
