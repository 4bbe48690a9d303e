#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/point_rules.h"

namespace plimsoll {

/// How points are kept in VictoriaMetrics, which knows numbers only. Of a point of Device with the
/// tag host=h1, fields cpu_percent=1.5, vm_used=7i, kernel="6.1":
///   Device_cpu_percent{db="telemetrydata",host="h1"} 1.5
///   Device_vm_used{db="telemetrydata",host="h1"} 7
///   Device_info{db="telemetrydata",host="h1",kernel="6.1",texts="kernel"} 1
/// `info` says that there is a point at that time, and holds its texts as labels; `texts` names
/// them, so that they are told from the tags. And for each field
///   plimsoll_field{db="telemetrydata",measurement="Device",field="vm_used",type="integer"} 1
/// keeps its type, and tells Device_x's field y from Device's field x_y.

/// What is known of the fields in a database. The first type of a field holds.
class VictoriaCatalogue {
 public:
  /// A field as the server tells it.
  void learn(const std::string& measurement, const std::string& field, FieldType type);
  /// Adds the point's fields, or says why it cannot be stored.
  [[nodiscard]] std::string claim(const Point& point);
  [[nodiscard]] std::map<std::string, FieldType> types(const std::string& measurement) const;
  [[nodiscard]] std::vector<std::string> measurements() const;

  /// Whether the entry of a field is to be written with a point of that time; it is again and
  /// again, since the server forgets. Marks it as written.
  [[nodiscard]] bool is_due(const std::string& measurement, const std::string& field,
                            TimePoint time);
  /// To be called when what was due may not have been written.
  void write_all_again();

 private:
  [[nodiscard]] std::string name_fault(const std::string& measurement,
                                       const std::string& field) const;
  struct Known {
    FieldType type;
    TimePoint written = TimePoint::min();
  };
  std::map<std::string, std::map<std::string, Known>> fields_;  // by measurement
  std::map<std::string, std::string> owners_;                   // measurement, by metric name
};

inline constexpr std::string_view victoria_catalogue_metric = "plimsoll_field";
/// Labels that a tag or a text must not have for a name.
[[nodiscard]] bool is_reserved_label(std::string_view name);
[[nodiscard]] std::string metric_name(std::string_view measurement, std::string_view field);
/// The field that is 1 for each point.
inline constexpr std::string_view info_field = "info";
/// The server's own default bound on a label's value (-maxLabelValueLen).
inline constexpr std::size_t victoria_text_max = 16U << 10;

[[nodiscard]] std::string type_word(FieldType type);
/// Errors: malformed.
[[nodiscard]] Result<FieldType> parse_type_word(std::string_view word);

/// The lines of a batch; points that cannot be stored are noted in `report`.
[[nodiscard]] std::string victoria_lines(const StorablePoints& batch, VictoriaCatalogue& catalogue,
                                         WriteReport& report);

}  // namespace plimsoll
