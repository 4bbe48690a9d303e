#include "top/top_state.h"

#include <algorithm>
#include <array>

#include "top/help.h"
#include "top/top_layout.h"

namespace plimsoll {
namespace {

using Name = Key::Name;

std::string key_of(const FleetView& view, ContainerPlace place) {
  const HostRow& host = view.rows[place.host];
  const ContainerRow& container = host.containers[place.container];
  return host.name.str() + '\n' + container.id + '\n' + container.name;
}

std::string key_at(const TopState& state, const FleetView& view, const TopRows& rows,
                   std::size_t i) {
  return state.shows_hosts() ? view.rows[rows.hosts[i]].name.str()
                             : key_of(view, rows.containers[i]);
}

class Press {
 public:
  Press(TopState& state, const TopData& data, ScreenSize size)
      : state_(state), data_(data), size_(size) {}

  TopAction take(const Key& key);

 private:
  void type(const Key& key);
  void read_help(const Key& key);
  bool move(const Key& key);
  bool choose_sorting(const Key& key);
  bool go(const Key& key);
  bool change_view(const Key& key);
  void step(std::ptrdiff_t rows);
  void open();
  void back();
  void next_host(std::ptrdiff_t step);
  void sort_by(SortKey key);
  void set_filter(std::string text);
  [[nodiscard]] std::ptrdiff_t page() const {
    const std::size_t list = layout_of(state_, data_, size_).list;
    return std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(list) - 1);
  }

  TopState& state_;
  const TopData& data_;
  ScreenSize size_;
};

TopAction Press::take(const Key& key) {
  const bool control = key.name == Name::control;
  if (control && key.text == "l") return TopAction::repaint;
  if (control && (key.text == "c" || key.text == "d")) return TopAction::quit;
  if (state_.typing) {
    type(key);
    return TopAction::draw;
  }
  if (key.is('q') || key.is('Q')) return TopAction::quit;
  if (state_.help) {
    read_help(key);
    return TopAction::draw;
  }
  if (move(key) || choose_sorting(key) || go(key)) return TopAction::draw;
  change_view(key);
  return TopAction::draw;
}

void Press::set_filter(std::string text) {
  constexpr std::size_t longest = 200;
  if (text.size() > longest) return;
  state_.filter() = std::move(text);
  state_.list() = {};
}

void Press::type(const Key& key) {
  std::string text = state_.filter();
  if (key.name == Name::text) {
    set_filter(text + key.text);
  } else if (key.name == Name::enter || (key.name == Name::backspace && text.empty())) {
    state_.typing = false;
  } else if (key.name == Name::escape) {
    state_.typing = false;
    set_filter("");
  } else if (key.name == Name::backspace) {
    do {
      const bool inside = (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80;
      text.pop_back();
      if (!inside) break;
    } while (!text.empty());
    set_filter(std::move(text));
  } else if (key.name == Name::control && key.text == "u") {
    set_filter("");
  } else if (key.name == Name::up || key.name == Name::down) {
    move(key);
  }
}

void Press::read_help(const Key& key) {
  const std::size_t rows = size_.rows > 1 ? size_.rows - 1 : 1;
  const std::size_t lines = help_lines(size_.columns).size();
  const std::size_t last = lines > rows ? lines - rows : 0;
  const bool down = key.is('j') || key.name == Name::down;
  const bool up = key.is('k') || key.name == Name::up;
  if (down || key.name == Name::page_down || key.is(' ')) {
    state_.help_top = std::min(last, state_.help_top + (down ? 1 : rows));
  } else if (up || key.name == Name::page_up) {
    state_.help_top -= std::min(state_.help_top, up ? std::size_t{1} : rows);
  } else if (key.name != Name::other) {
    state_.help = false;
  }
}

void Press::step(std::ptrdiff_t rows) {
  const TopRows all = rows_of(state_, data_);
  if (all.size() == 0) return;
  const std::size_t visible = layout_of(state_, data_, size_).list;
  const ListWindow window = window_of(state_, data_, all, visible);
  const auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
  const auto wanted =
      std::clamp(static_cast<std::ptrdiff_t>(window.chosen) + rows, std::ptrdiff_t{0}, last);
  auto& list = state_.list();
  list.top = window.first;
  // The first row is chosen by its place, so that the worst host stays in view as it changes.
  list.chosen =
      wanted == 0 ? "" : key_at(state_, data_.view, all, static_cast<std::size_t>(wanted));
  list.top = window_of(state_, data_, all, visible).first;
}

bool Press::move(const Key& key) {
  constexpr std::ptrdiff_t far = 1'000'000'000;
  if (key.is('j') || key.name == Name::down) {
    step(1);
  } else if (key.is('k') || key.name == Name::up) {
    step(-1);
  } else if (key.name == Name::page_down || (key.name == Name::control && key.text == "f")) {
    step(page());
  } else if (key.name == Name::page_up || (key.name == Name::control && key.text == "b")) {
    step(-page());
  } else if (key.is('g') || key.name == Name::home) {
    step(-far);
  } else if (key.is('G') || key.name == Name::end) {
    step(far);
  } else {
    return false;
  }
  return true;
}

void Press::sort_by(SortKey key) {
  const bool of_hosts_only = key == SortKey::level || key == SortKey::storage;
  if (of_hosts_only && !state_.shows_hosts()) return;
  Sorting& sorting = state_.sorting();
  sorting.reversed = sorting.key == key && !sorting.reversed;
  sorting.key = key;
  state_.list().top = 0;
}

bool Press::choose_sorting(const Key& key) {
  if (key.is('L')) {
    sort_by(SortKey::level);
  } else if (key.is('C')) {
    sort_by(SortKey::cpu);
  } else if (key.is('M')) {
    sort_by(SortKey::memory);
  } else if (key.is('D')) {
    sort_by(SortKey::storage);
  } else if (key.is('N')) {
    sort_by(SortKey::name);
  } else if (key.is('r')) {
    sort_by(state_.sorting().key);
  } else if (key.is('s')) {
    constexpr std::array of_hosts{SortKey::level, SortKey::cpu, SortKey::memory, SortKey::storage,
                                  SortKey::name};
    constexpr std::array of_containers{SortKey::cpu, SortKey::memory, SortKey::name};
    const auto next = [&](const auto& keys) {
      const auto found = std::find(keys.begin(), keys.end(), state_.sorting().key);
      return found == keys.end() || found + 1 == keys.end() ? keys.front() : *(found + 1);
    };
    sort_by(state_.shows_hosts() ? next(of_hosts) : next(of_containers));
  } else {
    return false;
  }
  return true;
}

void Press::open() {
  const TopRows rows = rows_of(state_, data_);
  if (rows.size() == 0 || state_.screen == TopScreen::host) return;
  const std::size_t chosen = window_of(state_, data_, rows, 1).chosen;
  const std::size_t host = state_.shows_hosts() ? rows.hosts[chosen] : rows.containers[chosen].host;
  state_.came_from = state_.screen;
  state_.host = data_.view.rows[host].name.str();
  if (state_.shows_hosts()) state_.containers = {};
  state_.screen = TopScreen::host;
  state_.container_filter.clear();
}

/// One step back: first the filter goes, then the screen.
void Press::back() {
  if (!state_.filter().empty()) return set_filter("");
  if (state_.screen == TopScreen::host) {
    state_.screen = state_.came_from;
  } else if (state_.screen == TopScreen::containers) {
    state_.screen = TopScreen::hosts;
  } else if (state_.only_needing_a_look) {
    state_.only_needing_a_look = false;
  }
}

/// The neighbour in the order of the list of hosts.
void Press::next_host(std::ptrdiff_t step) {
  if (state_.screen != TopScreen::host) return;
  const auto& view = data_.view;
  const auto hosts = ordered_hosts(view, state_.host_sorting, TextFilter{state_.host_filter},
                                   state_.only_needing_a_look);
  if (hosts.empty()) return;
  const auto found = std::find_if(hosts.begin(), hosts.end(), [&](std::size_t host) {
    return view.rows[host].name.str() == state_.host;
  });
  const auto count = static_cast<std::ptrdiff_t>(hosts.size());
  const auto at = found == hosts.end() ? 0 : found - hosts.begin() + step;
  state_.host = view.rows[hosts[static_cast<std::size_t>((at + count) % count)]].name.str();
  state_.hosts.chosen = state_.host;
  state_.containers = {};
}

bool Press::go(const Key& key) {
  if (key.name == Name::enter || key.name == Name::right || key.is('l')) {
    open();
  } else if (key.name == Name::escape || key.name == Name::left || key.is('h') ||
             key.name == Name::backspace) {
    back();
  } else if (key.name == Name::tab) {
    next_host(1);
  } else if (key.name == Name::back_tab) {
    next_host(-1);
  } else {
    return false;
  }
  return true;
}

bool Press::change_view(const Key& key) {
  if (key.is('/')) {
    state_.typing = true;
  } else if (key.is('?')) {
    state_.help = true;
    state_.help_top = 0;
  } else if (key.is('c')) {
    state_.screen =
        state_.screen == TopScreen::containers ? TopScreen::hosts : TopScreen::containers;
    state_.containers = {};
  } else if (key.is('f')) {
    state_.only_needing_a_look = !state_.only_needing_a_look;
    state_.list() = {};
  } else if (key.is('p') || key.is(' ')) {
    state_.paused = !state_.paused;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<std::size_t> host_of(const TopState& state, const FleetView& view) {
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    if (view.rows[i].name.str() == state.host) return i;
  }
  return std::nullopt;
}

TopRows rows_of(const TopState& state, const TopData& data) {
  const FleetView& view = data.view;
  TopRows rows;
  const TextFilter filter{state.filter()};
  if (state.shows_hosts()) {
    rows.hosts = ordered_hosts(view, state.host_sorting, filter, state.only_needing_a_look);
    rows.all = view.rows.size();
    return rows;
  }
  std::vector<std::size_t> hosts;
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    const HostRow& row = view.rows[i];
    const bool wanted = state.screen == TopScreen::host
                            ? row.name.str() == state.host
                            : !state.only_needing_a_look || needs_a_look(row);
    if (wanted) hosts.push_back(i);
  }
  for (const std::size_t host : hosts) rows.all += view.rows[host].containers.size();
  rows.containers = ordered_containers(view, hosts, state.container_sorting, filter);
  return rows;
}

ListWindow window_of(const TopState& state, const TopData& data, const TopRows& rows,
                     std::size_t visible) {
  ListWindow window;
  const std::size_t count = rows.size();
  const ListPlace& list = state.list();
  for (std::size_t i = 0; i < count && !list.chosen.empty(); ++i) {
    if (key_at(state, data.view, rows, i) != list.chosen) continue;
    window.chosen = i;
    break;
  }
  if (visible == 0) return window;
  const std::size_t last_top = count > visible ? count - visible : 0;
  window.first = std::min(list.top, last_top);
  window.first = std::min(window.first, window.chosen);
  if (window.chosen >= window.first + visible) window.first = window.chosen - visible + 1;
  window.last = std::min(count, window.first + visible);
  return window;
}

TopAction press(TopState& state, const Key& key, const TopData& data, ScreenSize size) {
  return Press{state, data, size}.take(key);
}

}  // namespace plimsoll
