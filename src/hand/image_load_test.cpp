// Sensitivity: the wait for the load below taken out of LayerLoad::read turns
// ALayerWaitsForTheOneBelow red; the check of prove() taken out turns AnotherImageIsNoSuccess red.
#include "hand/image_load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "docker/json_access.h"
#include "hand/fence.h"
#include "hand/image_stream.h"
#include "hand/save_spool.h"
#include "runtime/http_server.h"
#include "support/layer_fixture.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

/// An engine that takes archives as overlay2 does: a layer needs the ones below it.
class LoadingEngine : public HttpHandler {
 public:
  explicit LoadingEngine(std::filesystem::path root) : root_(std::move(root)) {}

  Task<HttpResponse> handle(HttpRequest request) override {
    const auto path = request.target.substr(0, request.target.find('?'));
    asked.push_back(request.method + " " + path);
    if (path == "/version")
      co_return json_response(R"({"Version":"20.10","MinAPIVersion":"1.12"})");
    if (path == "/v1.41/info") co_return info();
    if (path == "/v1.41/images/load") co_return load(request.body);
    if (path == "/v1.41/images/create") co_return import(request.body);
    if (path == "/v1.41/images/json") co_return list(request.target);
    if (request.method == "DELETE") images.erase("sha256:" + path.substr(path.rfind("%3A") + 3));
    if (request.method == "DELETE") co_return json_response("[]");
    co_return inspect(path);
  }

  struct Image {
    std::vector<std::string> diff_ids;
    bool holder = false;
  };
  std::map<std::string, Image> images;
  std::set<std::string> chains;
  std::vector<std::string> asked;
  std::vector<std::size_t> loaded;  ///< Of how many layers each image was.
  std::size_t fails_at = 100;       ///< The load of an image of so many layers fails, inside a 200.
  bool lies = false;                ///< Says that it has loaded, and has not.

 private:
  HttpResponse info() {
    return json_response(R"({"Driver":"overlay2","DockerRootDir":")" + root_.string() + "\"}");
  }

  void add_chain(const std::string& chain) {
    chains.insert(chain);
    const auto place = root_ / "image/overlay2/layerdb/sha256" / hex_of(chain);
    std::filesystem::create_directories(place);
    std::ofstream{place / "cache-id"} << "c";
  }

  HttpResponse import(const std::string& tar) {
    add_chain(digest_of(tar));
    const auto id = digest_of("import" + tar);
    images[id] = {{digest_of(tar)}, true};
    return json_response(R"({"status":")" + id + "\"}");
  }

  HttpResponse load(const std::string& archive) {
    SaveSpool spool{root_ / "spool", {}};
    if (!spool.take(archive) || !spool.saved()) return error("no archive");
    const auto saved = spool.saved().value();
    loaded.push_back(saved.layers.size());
    if (saved.layers.size() == fails_at) return error("no space left on device");
    const auto config = parse_json(saved.config, "config").value();
    Image image;
    image.holder = saved.config.find("plimsoll.move.id") != std::string::npos;
    for (const auto& diff : member(member(config, "rootfs"), "diff_ids").as_array()) {
      image.diff_ids.push_back(text_of(diff));
      const auto chain = layer_chains(image.diff_ids).value().back();
      if (chains.contains(chain)) continue;
      if (!spool.check_layer(saved.layers[image.diff_ids.size() - 1], image.diff_ids.back())) {
        return error("open layer: no such file or directory");
      }
      add_chain(chain);
    }
    if (!lies) images[digest_of(saved.config)] = image;
    return json_response("{\"stream\":\"Loaded\"}");
  }

  static HttpResponse error(const std::string& words) {
    return json_response("{\"error\":\"" + words + "\"}");
  }

  HttpResponse list(const std::string& target) {
    std::string list;
    for (const auto& [id, image] : images) {
      if (target.find("filters") != std::string::npos && !image.holder) continue;
      list += (list.empty() ? "" : ",") + (R"({"Id":")" + id + "\"}");
    }
    return json_response("[" + list + "]");
  }

  HttpResponse inspect(const std::string& path) {
    for (const auto& [id, image] : images) {
      if (path.find(hex_of(id)) == std::string::npos) continue;
      json::array layers;
      for (const auto& diff : image.diff_ids) layers.emplace_back(diff);
      const json::value document{{"Id", id}, {"RootFS", {{"Layers", layers}}}};
      return json_response(json::serialize(document));
    }
    return json_response(R"({"message":"No such image"})", 404);
  }

  std::filesystem::path root_;
};

struct ImageLoadTest : testing::Test {
  ImageLoadTest() : engine(std::make_shared<LoadingEngine>(folder.path() / "docker")) {
    std::signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directories(folder.path() / "docker/image/overlay2");
    HttpServerConfig config;
    config.body_bytes_max = 256U << 20;
    server = HttpServer::start(io.get_executor(), config, engine).value();
    context.docker = {"127.0.0.1", server->port(), "", ""};
    context.state = folder.path() / "state";
    context.order = {MoveId{"m1"}, 1, "0123456789abcdef", false};
    EXPECT_TRUE(Fence{context.state}.admit(context.order));
    // The lowest alone; two that go together; one that is too large for that.
    for (const std::size_t size : {3'000'000U, 1000U, 2000U, 18'000'000U, 10U}) {
      layers.push_back(test::tar_of({{"f", std::string(size, 'x')}}));
    }
    for (const auto& layer : layers) head.diff_ids.push_back(digest_of(layer));
    json::array diff_ids;
    for (const auto& diff : head.diff_ids) diff_ids.emplace_back(diff);
    config_ = json::serialize(json::value{{"rootfs", {{"diff_ids", diff_ids}}}});
    head.config_digest = digest_of(config_);
    head.tags = {"app:1"};
    for (const auto& layer : layers) head.sizes.emplace_back(Bytes{layer.size()});
  }

  std::string stream(std::size_t first) {
    test::KeptOut out;
    ImageStreamWriter frames{&out};
    head.first = first;
    EXPECT_TRUE(frames.head(head));
    EXPECT_TRUE(frames.frame(FrameKind::config, config_));
    for (std::size_t k = first; k < layers.size(); ++k) {
      EXPECT_TRUE(frames.frame(FrameKind::layer));
      for (std::size_t at = 0; at < layers[k].size(); at += mib) {
        EXPECT_TRUE(frames.frame(FrameKind::data, std::string_view{layers[k]}.substr(at, mib)));
      }
      EXPECT_TRUE(frames.end_layer());
    }
    EXPECT_TRUE(frames.frame(FrameKind::end));
    return out.text;
  }

  Result<LoadReport> load(const std::string& bytes) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    std::thread writer{[&] {
      FdOut out{ends[1], Bytes{}, nullptr};
      static_cast<void>(out.write(bytes).has_value());
      ::close(ends[1]);
    }};
    auto report = run_task(io, load_image(&context, ends[0]));
    ::close(ends[0]);
    writer.join();
    return report;
  }

  TempDir folder;
  asio::io_context io;
  std::shared_ptr<LoadingEngine> engine;
  std::unique_ptr<HttpServer> server;
  HandContext context;
  ImageHead head;
  std::string config_;
  std::vector<std::string> layers;
};

TEST_F(ImageLoadTest, ALayerWaitsForTheOneBelow) {
  const auto report = load(stream(0));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->image_id, head.config_digest);
  EXPECT_EQ(report->layers.size(), 5);
  EXPECT_EQ(engine->loaded, (std::vector<std::size_t>{3, 4, 5}));
  // Only the image itself is left.
  EXPECT_EQ(engine->images.size(), 1);
}

TEST_F(ImageLoadTest, WhatIsThereIsPassedOver) {
  ASSERT_TRUE(load(stream(0)));
  engine->images.clear();
  engine->loaded.clear();
  const auto report = load(stream(2));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->skipped, 3);
  EXPECT_EQ(engine->loaded, (std::vector<std::size_t>{5}));
  EXPECT_EQ(load(stream(5))->image_id, head.config_digest);
}

TEST_F(ImageLoadTest, ACutKeepsWhatIsCompleteAndTheRestFollows) {
  const auto whole = stream(0);
  const auto failed = load(whole.substr(0, 10'000'000));
  EXPECT_EQ(failed.error().code, Errc::io);
  EXPECT_EQ(engine->images.size(), 2);  // two holders
  EXPECT_FALSE(engine->images.contains(head.config_digest));
  const auto report = load(stream(3));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->layers.size(), 2);
  EXPECT_EQ(engine->images.size(), 1);
}

TEST_F(ImageLoadTest, CleaningLeavesNoHolder) {
  EXPECT_FALSE(load(stream(0).substr(0, 10'000'000)));
  ASSERT_TRUE(run_task(io, image_clean_act(&context)));
  EXPECT_TRUE(engine->images.empty());
  EXPECT_EQ(run_task(io, image_clean_act(&context)).value(), R"({"removed":0})");
}

TEST_F(ImageLoadTest, TheEnginesOwnWordsArePassedOn) {
  engine->fails_at = 4;
  const auto failed = load(stream(0));
  EXPECT_EQ(failed.error().code, Errc::refused);
  EXPECT_NE(failed.error().message.find("no space left"), std::string::npos);
  EXPECT_FALSE(engine->images.contains(head.config_digest));
}

TEST_F(ImageLoadTest, AnotherImageIsNoSuccess) {
  engine->lies = true;
  EXPECT_EQ(load(stream(0)).error().code, Errc::not_found);
}

TEST_F(ImageLoadTest, WithoutTheLayersBelowNothingIsDone) {
  EXPECT_EQ(load(stream(1)).error().code, Errc::conflict);
  EXPECT_TRUE(engine->loaded.empty());
}

TEST_F(ImageLoadTest, AnImageThatDoesNotFitIsRefusedBeforeItComes) {
  head.sizes[1] = Bytes{std::uint64_t{1} << 49};
  const auto failed = load(stream(0));
  EXPECT_EQ(failed.error().code, Errc::too_large);
  EXPECT_TRUE(engine->loaded.empty());
}

TEST_F(ImageLoadTest, ANewerOrderEndsIt) {
  auto newer = context.order;
  newer.epoch = 2;
  ASSERT_TRUE(Fence{context.state}.admit(newer));
  EXPECT_EQ(load(stream(0)).error().code, Errc::refused);
  EXPECT_TRUE(engine->images.empty());
}

}  // namespace
}  // namespace plimsoll
