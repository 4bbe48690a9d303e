#include "hand/load_archive.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "core/json_writer.h"
#include "hand/image_chain.h"

namespace plimsoll {
namespace {

constexpr std::size_t block = 512;
constexpr std::uint64_t octal_max = 077777777777;
constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";
constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";
constexpr const char* layer_type = "application/vnd.oci.image.layer.v1.tar";

using TarBlock = std::array<char, block>;

void put(TarBlock* head, std::size_t at, std::string_view text) {
  std::memcpy(head->data() + at, text.data(), text.size());
}

/// GNU's form for what 11 octal digits cannot say: a set top bit, then the number in base 256.
void put_large(TarBlock* head, std::size_t at, std::size_t width, std::uint64_t number) {
  (*head)[at] = static_cast<char>(0x80);
  for (std::size_t i = at + width - 1; i > at; --i) {
    (*head)[i] = static_cast<char>(number & 0xffU);
    number >>= 8U;
  }
}

std::string whole_file(std::string_view name, std::string_view bytes) {
  return tar_head(name, bytes.size()) + std::string{bytes} + tar_padding(bytes.size());
}

void descriptor(JsonWriter* json, const char* type, const std::string& digest,
                std::uint64_t bytes) {
  json->field("mediaType", type).field("digest", digest).field("size", bytes);
}

std::string oci_manifest(const ImageHead& head, std::size_t layers, const std::string& config) {
  JsonWriter json;
  json.begin_object().field("schemaVersion", 2).field("mediaType", manifest_type);
  json.key("config").begin_object();
  descriptor(&json, config_type, digest_of(config), config.size());
  json.end_object().key("layers").begin_array();
  for (std::size_t k = 0; k < layers; ++k) {
    json.begin_object();
    descriptor(&json, layer_type, head.diff_ids[k], count(head.sizes[k].value_or(Bytes{})));
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string oci_index(const std::string& manifest, const std::vector<std::string>& tags) {
  JsonWriter json;
  json.begin_object().field("schemaVersion", 2).field("mediaType", index_type);
  json.key("manifests").begin_array();
  const auto entry = [&](const std::string* tag) {
    json.begin_object();
    descriptor(&json, manifest_type, digest_of(manifest), manifest.size());
    if (tag != nullptr) {
      json.key("annotations").begin_object();
      json.field("io.containerd.image.name", full_image_name(*tag));
      json.field("org.opencontainers.image.ref.name", tag->substr(tag->rfind(':') + 1));
      json.end_object();
    }
    json.end_object();
  };
  for (const auto& tag : tags) entry(&tag);
  if (tags.empty()) entry(nullptr);
  json.end_array().end_object();
  return json.take();
}

std::string docker_manifest(const ImageHead& head, std::size_t layers, const std::string& config,
                            const std::vector<std::string>& tags) {
  JsonWriter json;
  json.begin_array().begin_object().field("Config", blob_name(digest_of(config)));
  json.key("RepoTags");
  if (tags.empty()) {
    json.null();
  } else {
    json.begin_array();
    for (const auto& tag : tags) json.value(tag);
    json.end_array();
  }
  json.key("Layers").begin_array();
  for (std::size_t k = 0; k < layers; ++k) json.value(blob_name(head.diff_ids[k]));
  json.end_array().end_object().end_array();
  return json.take();
}

}  // namespace

std::string tar_head(std::string_view name, std::uint64_t bytes) {
  TarBlock head{};
  put(&head, 0, name.substr(0, 100));
  put(&head, 100, name.ends_with('/') ? "0000755" : "0000644");
  put(&head, 108, "0000000");
  put(&head, 116, "0000000");
  if (bytes <= octal_max) {
    put(&head, 124, fmt::format("{:011o}", bytes));
  } else {
    put_large(&head, 124, 12, bytes);
  }
  put(&head, 136, "00000000000");
  put(&head, 148, "        ");
  head[156] = name.ends_with('/') ? '5' : '0';
  put(&head, 257, bytes <= octal_max ? std::string_view{"ustar\00000", 8} : "ustar  ");
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put(&head, 148, fmt::format("{:06o}", sum));
  head[154] = '\0';
  return {head.data(), head.size()};
}

std::string tar_padding(std::uint64_t bytes) {
  return std::string((block - bytes % block) % block, '\0');
}

std::string blob_name(std::string_view digest) { return "blobs/sha256/" + hex_of(digest); }

std::string holder_config(const ImageHead& head, std::size_t layers, const std::string& move) {
  JsonWriter json;
  json.begin_object().field("architecture", head.architecture).field("os", head.os);
  json.key("config").begin_object().key("Labels").begin_object();
  json.field(holder_label, move).end_object().end_object();
  json.key("rootfs").begin_object().field("type", "layers").key("diff_ids").begin_array();
  for (std::size_t k = 0; k < layers; ++k) json.value(head.diff_ids[k]);
  json.end_array().end_object().end_object();
  return json.take();
}

std::string archive_tail(const ImageHead& head, std::size_t layers, const std::string& config,
                         const std::vector<std::string>& tags) {
  const auto manifest = oci_manifest(head, layers, config);
  auto tail = whole_file(blob_name(digest_of(config)), config);
  tail += whole_file(blob_name(digest_of(manifest)), manifest);
  tail += whole_file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  tail += whole_file("index.json", oci_index(manifest, tags));
  tail += whole_file("manifest.json", docker_manifest(head, layers, config, tags));
  tail.append(2 * block, '\0');
  return tail;
}

std::string full_image_name(const std::string& tag) {
  const auto slash = tag.find('/');
  if (slash == std::string::npos) return "docker.io/library/" + tag;
  const auto first = tag.substr(0, slash);
  const bool is_host = first.find_first_of(".:") != std::string::npos || first == "localhost";
  return is_host ? tag : "docker.io/" + tag;
}

}  // namespace plimsoll
