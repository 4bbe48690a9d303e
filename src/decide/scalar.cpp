#include "decide/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll {
namespace {

struct Resource {
  std::optional<double> Utilisation::*used;
  double Lines::*line;
  const char* name;
};
constexpr std::array<Resource, 4> resources{{
    {&Utilisation::cpu, &Lines::cpu, "CPU"},
    {&Utilisation::memory, &Lines::memory, "memory"},
    {&Utilisation::storage, &Lines::storage, "storage"},
    {&Utilisation::pressure, &Lines::pressure, "pressure"},
}};

bool known(const Utilisation& used, const Policy& policy) {
  return used.cpu || used.memory || used.storage || (used.pressure && policy.line.pressure > 0);
}

/// A resource over its own line; 0 where it is not known, or has none.
double over_line(const Resource& resource, const Utilisation& used, const Policy& policy) {
  const double line = policy.line.*resource.line;
  return line > 0 ? (used.*resource.used).value_or(0) / line : 0.0;
}

double worst(const Utilisation& used, const Policy& policy) {
  double result = 0;
  for (const Resource& resource : resources) {
    result = std::max(result, over_line(resource, used, policy));
  }
  return result;
}

double sum(const Utilisation& used) {
  return used.cpu.value_or(0) + used.memory.value_or(0) + used.storage.value_or(0);
}

double length(const Utilisation& used, const Policy& policy) {
  double squares = 0;
  for (const Resource& resource : resources) {
    squares += std::pow(over_line(resource, used, policy), 2);
  }
  return std::sqrt(squares);
}

const Resource& worst_resource(const Utilisation& used, const Policy& policy) {
  return *std::max_element(resources.begin(), resources.end(),
                           [&](const Resource& a, const Resource& b) {
                             return over_line(a, used, policy) < over_line(b, used, policy);
                           });
}

std::string list(const Utilisation& used) {
  std::string text;
  for (const Resource& resource : resources) {
    const std::optional<double>& value = used.*resource.used;
    if (!value || resource.used == &Utilisation::pressure) continue;
    text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", resource.name, *value);
  }
  return text;
}

}  // namespace

std::optional<double> scalar_of(const Utilisation& used, const Policy& policy) {
  if (!known(used, policy)) return std::nullopt;
  switch (policy.scalar) {
    case Scalar::max:
      return worst(used, policy);
    case Scalar::sum:
      return sum(used);
    case Scalar::norm:
      return length(used, policy);
  }
  return std::nullopt;
}

double scalar_line(const Policy& policy) {
  switch (policy.scalar) {
    case Scalar::max:
      return 1;
    case Scalar::sum:
      return policy.threshold;
    case Scalar::norm:
      return policy.norm_threshold;
  }
  return 1;
}

std::optional<double> level_of(const Utilisation& used, const Policy& policy) {
  const auto scalar = scalar_of(used, policy);
  if (!scalar) return std::nullopt;
  return *scalar / scalar_line(policy);
}

double excess(const Utilisation& used, const Policy& policy) {
  if (policy.scalar != Scalar::max) {
    return std::max(0.0, level_of(used, policy).value_or(0) - policy.target);
  }
  double total = 0;
  for (const Resource& resource : resources) {
    total += std::max(0.0, over_line(resource, used, policy) - policy.target);
  }
  return total;
}

double relief(const Utilisation& before, const Utilisation& after, const Policy& policy) {
  if (excess(before, policy) <= 0) return 0;
  if (policy.scalar != Scalar::max) {
    return level_of(before, policy).value_or(0) - level_of(after, policy).value_or(0);
  }
  double total = 0;
  for (const Resource& resource : resources) {
    const double was = over_line(resource, before, policy);
    if (was > policy.target) total += was - over_line(resource, after, policy);
  }
  return total;
}

std::string describe_level(const Utilisation& before, const Utilisation& after,
                           const Policy& policy) {
  const Resource& resource = worst_resource(before, policy);
  switch (policy.scalar) {
    case Scalar::max:
      return fmt::format("{:.1f} % {}", (after.*resource.used).value_or(0), resource.name);
    case Scalar::sum:
      return fmt::format("sum {:.1f}", sum(after));
    case Scalar::norm:
      return fmt::format("norm {:.2f}", length(after, policy));
  }
  return {};
}

std::string describe_load(const Utilisation& used, const Policy& policy) {
  const std::string level = describe_level(used, used, policy);
  if (policy.scalar == Scalar::max) {
    return fmt::format("{}, line {}", level, policy.line.*worst_resource(used, policy).line);
  }
  return fmt::format("{} ({}), line {}", level, list(used), scalar_line(policy));
}

}  // namespace plimsoll
