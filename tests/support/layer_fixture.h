#pragma once

#include <zlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hand/byte_out.h"
#include "hand/image_chain.h"
#include "hand/load_archive.h"
#include "support/temp_dir.h"

namespace plimsoll::test {

struct LayerFile {
  std::string name;
  std::string content;
};

inline std::string base64(const std::string& bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned held = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      held = (held << 8U) | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (unsigned k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : digits[(held >> (18 - 6 * k)) & 63U];
    }
  }
  return text;
}

inline void write_gzip(const std::filesystem::path& file, const std::string& text) {
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
}

/// Its tar, as `docker build` would make it.
inline std::string tar_of(const std::vector<LayerFile>& files) {
  std::string tar;
  for (const auto& [name, content] : files) {
    tar += tar_head(name, content.size()) + content + tar_padding(content.size());
  }
  return tar + std::string(1024, '\0');
}

/// The lines of tar-split for that tar.
inline std::string tar_split_of(const std::vector<LayerFile>& files) {
  std::string lines;
  const auto segment = [&](const std::string& bytes) {
    if (bytes.empty()) return;
    lines += R"({"type":2,"payload":")" + base64(bytes) + "\",\"position\":0}\n";
  };
  for (const auto& [name, content] : files) {
    segment(tar_head(name, content.size()));
    lines += R"({"type":1,"name":")" + name + R"(","size":)" + std::to_string(content.size()) +
             ",\"payload\":\"AAAAAAAAAAA=\",\"position\":0}\n";
    segment(tar_padding(content.size()));
  }
  segment(std::string(1024, '\0'));
  return lines;
}

/// Docker's folder with the layers of one image, as overlay2 keeps them.
class LayerFixture {
 public:
  /// The layer's diff id.
  std::string add(const std::vector<LayerFile>& files) {
    const auto diff_id = digest_of(tar_of(files));
    diff_ids.push_back(diff_id);
    const auto chain = layer_chains(diff_ids).value().back();
    const auto cache = "cache" + std::to_string(diff_ids.size());
    const auto place = "image/overlay2/layerdb/sha256/" + hex_of(chain);
    root.write(place + "/cache-id", cache);
    root.write(place + "/diff", diff_id);
    root.write(place + "/size", "7");
    write_gzip(root.path() / place / "tar-split.json.gz", tar_split_of(files));
    const auto diff = std::filesystem::path{"overlay2"} / cache / "diff";
    std::filesystem::create_directories(root.path() / diff);
    for (const auto& [name, content] : files) {
      if (content.empty()) continue;
      root.write(diff / name.substr(name.find_first_not_of('/')), content);
    }
    return diff_id;
  }
  [[nodiscard]] std::filesystem::path diff(std::size_t layer) const {
    return root.path() / "overlay2" / ("cache" + std::to_string(layer + 1)) / "diff";
  }

  TempDir root;
  std::vector<std::string> diff_ids;
};

/// Keeps what passes.
class KeptOut : public ByteOut {
 public:
  Result<void> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  std::string text;
};

}  // namespace plimsoll::test
