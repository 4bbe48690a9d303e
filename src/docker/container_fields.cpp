#include "docker/container_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll {
namespace {

/// Calls `visit` with "Place.Field" and the value of every field of a section.
template <class Visit>
void visit_fields(std::string_view section, const json::value& value, const Visit& visit) {
  const auto* fields = value.if_object();
  if (fields == nullptr) return;
  for (const auto& [key, content] : *fields) {
    visit(fmt::format("{}.{}", section, std::string_view{key}), content);
  }
}

/// The four parts of the document that hold settings.
template <class Visit>
void visit_settings(const json::value& document, const Visit& visit) {
  visit_fields("Config", member(document, "Config"), visit);
  visit_fields("HostConfig", member(document, "HostConfig"), visit);
  if (const auto* mounts = member(document, "Mounts").if_array()) {
    for (const auto& mount : *mounts) visit_fields("Mounts", mount, visit);
  }
  const auto& networks = member(member(document, "NetworkSettings"), "Networks");
  if (const auto* all = networks.if_object()) {
    for (const auto& entry : *all) visit_fields("Networks", entry.value(), visit);
  }
}

constexpr std::string_view page_head =
    R"(# What a move carries over, field by field

`docker inspect` shows a container's settings and what its engine made of them. This is what becomes of each when the container
moves. A test holds this page against the list in `src/docker/container_field_list.cpp` (`ContainerFields.ThePageIsTrue`; `UPDATE_GOLDEN=1` writes it).

- **carried**: the copy has the same value. After the creation both are compared, and a difference ends the move before the source is touched.
- **mapped**: the copy has what means the same there, by the rule beside it.
- **refused**: where it is set in that way the container stays; `plimsoll check --container NAME --from HOST` says so, with what to do.
- **ignored**: no setting, but what the engine found out or made up.

A field that is set in `Config`, `HostConfig`, an endpoint or a mount and stands nowhere here is **refused**, by name (`Eligibility.UnknownFieldsAreNamed`).
Elsewhere engines write only what they found out. "Shown by" names a unit test (`Suite.Name`) or a test of `tests/live/fidelity_test.sh`,
which moves real containers between engines 20.10. No newer engine was at hand: what is said of API 1.43 to 1.51 follows the published API, tested on documents written by hand.
Some options of `docker run` leave no field: `--detach`, `--detach-keys`, `--disable-content-trust`, `--pull`, `--sig-proxy` are the client's own.

| field | `docker run` | fate | how | shown by |
|---|---|---|---|---|
)";

std::string cell_of_code(std::string_view text) {
  return text.empty() ? std::string{} : fmt::format("`{}`", text);
}

}  // namespace

std::string_view fate_name(FieldFate fate) {
  switch (fate) {
    case FieldFate::carried:
      return "carried";
    case FieldFate::mapped:
      return "mapped";
    case FieldFate::refused:
      return "refused";
    case FieldFate::ignored:
      return "ignored";
  }
  return "";
}

const ContainerField* find_container_field(std::string_view place) {
  const auto list = container_fields();
  const auto found = std::ranges::find(list, place, &ContainerField::place);
  return found == list.end() ? nullptr : &*found;
}

std::vector<std::string> unknown_container_fields(const json::value& document) {
  std::vector<std::string> unknown;
  visit_settings(document, [&](std::string place, const json::value& value) {
    if (is_unset(value) || find_container_field(place) != nullptr) return;
    if (std::ranges::find(unknown, place) == unknown.end()) unknown.push_back(std::move(place));
  });
  return unknown;
}

std::vector<std::string> set_container_fields(const json::value& document, FieldFate fate) {
  std::vector<std::string> set;
  visit_settings(document, [&](std::string place, const json::value& value) {
    if (!is_unset(value)) set.push_back(std::move(place));
  });
  std::vector<std::string> ordered;
  for (const ContainerField& field : container_fields()) {
    if (field.fate != fate) continue;
    if (std::ranges::find(set, field.place) != set.end()) ordered.emplace_back(field.place);
  }
  return ordered;
}

std::string render_container_fields() {
  std::string page{page_head};
  for (const ContainerField& field : container_fields()) {
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.place, cell_of_code(field.option),
                        fate_name(field.fate), field.how, cell_of_code(field.shown_by));
  }
  return page;
}

}  // namespace plimsoll
