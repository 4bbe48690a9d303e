#include "hand/lease_record.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/move_folder.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::size_t record_bytes_max = 64U << 10;

}  // namespace

std::string lease_record_text(const LeaseRecord& record) {
  JsonWriter json;
  json.begin_object().field("generation", record.generation).key("containers").begin_array();
  for (const auto& id : record.containers) json.value(id);
  json.end_array()
      .field("ttl_ms", record.ttl.count())
      .field("grace_ms", record.grace.count())
      .field("until_ms", record.until.count())
      .field("expired", record.expired)
      .field("end", record.end)
      .end_object();
  return json.take() + "\n";
}

Result<LeaseRecord> parse_lease_record(std::string_view text) {
  const auto document = parse_json(text, "lease");
  if (!document) return document.error();
  LeaseRecord record;
  record.generation = text_of(member(*document, "generation"));
  if (const auto* list = member(*document, "containers").if_array()) {
    for (const auto& id : *list) record.containers.push_back(text_of(id));
  }
  const auto ttl = integer_of(member(*document, "ttl_ms"));
  const auto grace = integer_of(member(*document, "grace_ms"));
  const auto until = integer_of(member(*document, "until_ms"));
  if (record.generation.empty() || record.containers.empty() || !ttl || !grace || !until) {
    return Error{Errc::malformed, "lease: a field is missing"};
  }
  record.ttl = Duration{*ttl};
  record.grace = Duration{*grace};
  record.until = Duration{*until};
  record.expired = is_true(member(*document, "expired"));
  record.end = text_of(member(*document, "end"));
  return record;
}

Result<LeaseFile> LeaseFile::open(const HandContext& context) {
  const auto folder = make_move_folder(context);
  if (!folder) return folder.error();
  auto lock = FileLock::wait_for(context.move_folder() / "lease.lock");
  if (!lock) return lock.error();
  return LeaseFile{context.move_folder() / "lease.json", std::move(*lock)};
}

Result<std::optional<LeaseRecord>> LeaseFile::read() const {
  const auto text = read_file(path_, record_bytes_max);
  if (!text && text.error().code == Errc::not_found) return std::optional<LeaseRecord>{};
  if (!text) return text.error();
  auto record = parse_lease_record(*text);
  if (!record) return record.error().in(path_.string());
  return std::optional<LeaseRecord>{std::move(*record)};
}

Result<void> LeaseFile::write(const LeaseRecord& record) const {
  return write_file_atomically(path_, lease_record_text(record), 0600);
}

void LeaseFile::remove() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

DetachedJob lease_keeper_job(const HandContext& context, const std::string& generation) {
  return {context.move_folder() / ("lease-keeper-" + generation),
          context.move_folder() / "lease.log"};
}

}  // namespace plimsoll
