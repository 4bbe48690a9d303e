#include "inventory/host_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "runtime/files.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Notes : public HostListListener {
 public:
  void hosts_changed(const HostList& hosts, const HostListDiff& diff) override {
    counts.push_back(hosts.size());
    diffs.push_back(diff);
  }
  std::vector<std::size_t> counts;
  std::vector<HostListDiff> diffs;
};

void write_in_place(const fs::path& path, std::string_view text) {
  std::ofstream{path, std::ios::trunc} << text;
}

struct HostFileTest : testing::Test {
  void SetUp() override { write_in_place(path, "name,ip\nh1,10.0.0.1\nh2,10.0.0.2\n"); }
  void TearDown() override {
    stop.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(run_until([&] { return ended; }));
  }

  void watch() {
    auto opened = HostFile::open(path);
    ASSERT_TRUE(opened) << opened.error().message;
    file.emplace(std::move(*opened));
    ended = false;
    asio::co_spawn(
        context, file->watch(&notes),
        asio::bind_cancellation_slot(stop.slot(), [this](const std::exception_ptr& failure) {
          EXPECT_FALSE(failure);
          ended = true;
        }));
    context.poll();
  }

  template <class Condition>
  bool run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds{50});
    }
    return condition();
  }

  TempDir folder;
  fs::path path = folder.path() / "host.csv";
  asio::io_context context;
  Notes notes;
  std::optional<HostFile> file;
  asio::cancellation_signal stop;
  bool ended = true;
};

TEST_F(HostFileTest, RefusesAFileThatIsMissingOrBadFromTheStart) {
  const auto missing = HostFile::open(folder.path() / "none.csv");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  write_in_place(path, "name,ip\nh1,\n");
  const auto bad = HostFile::open(path);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, path.string() + ":2: has no ip; every host needs one");
}

TEST_F(HostFileTest, SeesAnEditInPlace) {
  watch();
  EXPECT_EQ(file->hosts().size(), 2U);
  write_in_place(path, "name,ip\nh2,10.0.0.2\nh3,10.0.0.3\n");
  ASSERT_TRUE(run_until([&] { return !notes.diffs.empty(); }));
  ASSERT_EQ(notes.diffs[0].added.size(), 1U);
  EXPECT_EQ(notes.diffs[0].added[0].name.str(), "h3");
  ASSERT_EQ(notes.diffs[0].removed.size(), 1U);
  EXPECT_EQ(notes.diffs[0].removed[0].name.str(), "h1");
  EXPECT_TRUE(notes.diffs[0].changed.empty());
  EXPECT_EQ(file->hosts().size(), 2U);
}

TEST_F(HostFileTest, SeesAtomicReplacementsOneAfterAnother) {
  watch();
  for (std::size_t i = 3; i < 8; ++i) {
    auto text = std::string{"name,ip\n"};
    for (std::size_t k = 0; k < i; ++k)
      text += "h" + std::to_string(k) + ",n" + std::to_string(k) + "\n";
    ASSERT_TRUE(write_file_atomically(path, text));
    ASSERT_TRUE(run_until([&] { return file->hosts().size() == i; }));
  }
  EXPECT_EQ(notes.counts, (std::vector<std::size_t>{3, 4, 5, 6, 7}));
}

TEST_F(HostFileTest, SeesWhatHappensBehindALink) {
  fs::create_directory(folder.path() / "real");
  const auto real = folder.path() / "real" / "list";
  fs::rename(path, real);
  fs::create_symlink(real, path);
  watch();
  ASSERT_TRUE(write_file_atomically(real, "ip\n10.0.0.9\n"));
  EXPECT_TRUE(run_until([&] { return file->hosts().size() == 1; }));
}

TEST_F(HostFileTest, ABadFileLeavesTheListInForceAndNamesItsLines) {
  watch();
  write_in_place(path, "name,ip\nh1,10.0.0.1\nh1,10.0.0.2\nh4,10.0.0.4:80\n");
  ASSERT_TRUE(run_until([&] { return !file->problem().empty(); }));
  EXPECT_THAT(file->problem(), HasSubstr("host.csv:3: duplicate name 'h1'"));
  EXPECT_THAT(file->problem(), HasSubstr("host.csv:4: '10.0.0.4:80' is no address"));
  EXPECT_EQ(file->hosts().size(), 2U);
  EXPECT_TRUE(notes.diffs.empty());

  write_in_place(path, "name,ip\nh1,10.0.0.1\n");
  ASSERT_TRUE(run_until([&] { return file->hosts().size() == 1; }));
  EXPECT_EQ(file->problem(), "");
}

TEST_F(HostFileTest, ADeletedFileLeavesTheListInForceUntilItIsBack) {
  watch();
  fs::remove(path);
  ASSERT_TRUE(run_until([&] { return !file->problem().empty(); }));
  EXPECT_EQ(file->hosts().size(), 2U);
  write_in_place(path, "name,ip\nh1,10.0.0.1\nh2,10.0.0.2\n");
  ASSERT_TRUE(run_until([&] { return file->problem().empty(); }));
  EXPECT_TRUE(notes.diffs.empty());  // the same hosts: nobody is disturbed
}

TEST_F(HostFileTest, SeesWhatChangedBeforeTheWatchBegan) {
  auto opened = HostFile::open(path);
  ASSERT_TRUE(opened);
  write_in_place(path, "ip\n10.0.0.9\n");
  file.emplace(std::move(*opened));
  ended = false;
  asio::co_spawn(context, file->watch(&notes),
                 asio::bind_cancellation_slot(stop.slot(),
                                              [this](const std::exception_ptr&) { ended = true; }));
  EXPECT_TRUE(run_until([&] { return file->hosts().size() == 1; }));
}

}  // namespace
}  // namespace plimsoll
