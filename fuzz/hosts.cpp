// CSV and host.csv: what is read can be written and read again; what is not names its line.
#include <algorithm>
#include <set>

#include "fuzz.h"
#include "inventory/csv.h"
#include "inventory/host_columns.h"
#include "inventory/host_list.h"

namespace plimsoll::fuzz {
namespace {

using Row = std::vector<std::string>;

std::string quoted(std::string_view field) {
  std::string out{'"'};
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string written(const std::vector<Row>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + quoted(row[i]);
    text += "\r\n";
  }
  return text;
}

void check_csv(std::string_view text) {
  const auto csv = parse_csv(text);
  const auto lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
  for (const auto& problem : csv.problems) {
    require(problem.line >= 1 && problem.line <= lines, "a problem is on no line of the text");
    require_fit_to_print(problem.what);
  }
  std::size_t last = 0;
  std::vector<Row> rows;
  for (const auto& record : csv.records) {
    require(record.line > last && record.line <= lines, "records are not in the text's order");
    require(!record.fields.empty(), "a record without a field");
    last = record.line;
    rows.push_back(record.fields);
  }
  if (!csv.problems.empty()) return;
  const auto again = parse_csv(written(rows));
  require(again.problems.empty(), "what was written cannot be read");
  std::vector<Row> rows_again;
  for (const auto& record : again.records) rows_again.push_back(record.fields);
  require(rows == rows_again, "written and read again, the fields differ");
}

std::vector<Row> rows_of(const HostList& hosts) {
  std::set<std::string> labels;
  for (const auto& host : hosts) {
    for (const auto& [label, value] : host.labels) labels.insert(label);
  }
  Row header{"name", "ip", "port", "api", "ssh_user", "ssh_port", "ssh_key"};
  header.insert(header.end(), labels.begin(), labels.end());
  std::vector<Row> rows{header};
  for (const auto& host : hosts) {
    Row row{host.name.str(),
            host.address,
            std::to_string(host.port),
            host.api,
            host.ssh_user.value_or(""),
            host.ssh_port ? std::to_string(*host.ssh_port) : "",
            host.ssh_key.value_or("")};
    for (const auto& label : labels) {
      const auto found = host.labels.find(label);
      row.push_back(found == host.labels.end() ? "" : found->second);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void check_hosts(std::string_view text) {
  const auto hosts = parse_host_list(text, "host.csv");
  if (!hosts) {
    require(hosts.error().code == Errc::malformed, "another error than malformed");
    require_place(hosts.error(), "host.csv:");
    return;
  }
  std::set<std::string> names;
  for (const auto& host : *hosts) {
    require(host_name_fault(host.name.str()).empty(), "a name that is unfit");
    require(names.insert(host.name.str()).second, "a name twice");
    require(!host.address.empty() && host.port != 0, "a host that cannot be reached");
  }
  const auto rows = rows_of(*hosts);
  constexpr std::size_t columns_max = 64;
  if (rows.front().size() > columns_max) return;
  const auto again = parse_host_list(written(rows), "host.csv");
  require(again && *again == *hosts, "written and read again, the hosts differ");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_csv(text);
  plimsoll::fuzz::check_hosts(text);
  return 0;
}
