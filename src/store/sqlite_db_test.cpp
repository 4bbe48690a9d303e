#include "store/sqlite_db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/files.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

struct SqliteDbTest : testing::Test {
  SqliteDb open() {
    auto db = SqliteDb::open(file, SqliteDb::Mode::read_write);
    EXPECT_TRUE(db) << db.error().message;
    return std::move(*db);
  }
  TempDir folder;
  std::filesystem::path file = folder.path() / "a" / "b.db";
};

TEST_F(SqliteDbTest, BindsAndReadsEveryType) {
  auto db = open();
  ASSERT_TRUE(db.exec("CREATE TABLE t(a INTEGER, b REAL, c TEXT, d)"));
  auto insert = db.prepare("INSERT INTO t VALUES(?1, ?2, ?3, NULL)");
  ASSERT_TRUE(insert) << insert.error().message;
  insert->bind(1, std::int64_t{-7});
  insert->bind(2, 2.5);
  insert->bind(3, std::string_view{"x\0y", 3});
  ASSERT_TRUE(insert->run());
  EXPECT_EQ(db.changes(), 1);
  auto rows = db.prepare("SELECT * FROM t");
  ASSERT_TRUE(rows && *rows->step());
  EXPECT_EQ(rows->integer(0), -7);
  EXPECT_EQ(rows->number(1), 2.5);
  EXPECT_EQ(rows->text(2), (std::string_view{"x\0y", 3}));
  EXPECT_TRUE(rows->is_null(3));
  EXPECT_FALSE(*rows->step());
}

TEST_F(SqliteDbTest, AnEmptyTextIsATextNotNull) {
  auto db = open();
  auto rows = db.prepare("SELECT ?1 IS NULL, ?1");
  ASSERT_TRUE(rows);
  rows->bind(1, std::string_view{});
  ASSERT_TRUE(*rows->step());
  EXPECT_EQ(rows->integer(0), 0);
  EXPECT_EQ(rows->text(1), "");
}

TEST_F(SqliteDbTest, ATransactionThatIsNotCommittedIsUndone) {
  auto db = open();
  ASSERT_TRUE(db.exec("CREATE TABLE t(a UNIQUE)"));
  {
    auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::immediate);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1)"));
  }
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 0);
  auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::immediate);
  ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1)"));
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(*db.integer("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(db.exec("INSERT INTO t VALUES(1)").error().code, Errc::conflict);
}

TEST_F(SqliteDbTest, ErrorsNameTheFile) {
  auto db = open();
  const auto failed = db.prepare("SELECT \"no_such_column\"");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr(file.string()));
  EXPECT_THAT(failed.error().message, HasSubstr("no_such_column"));
  EXPECT_EQ(db.integer("SELECT 1 WHERE 0").error().code, Errc::not_found);
}

TEST_F(SqliteDbTest, ReadOnlyMakesNothingAndWritesNothing) {
  const auto missing = SqliteDb::open(file, SqliteDb::Mode::read_only);
  ASSERT_FALSE(missing);
  EXPECT_FALSE(std::filesystem::exists(file));
  auto writer = open();
  ASSERT_TRUE(writer.exec("CREATE TABLE t(a)"));
  auto reader = SqliteDb::open(file, SqliteDb::Mode::read_only);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->exec("INSERT INTO t VALUES(1)").error().code, Errc::refused);
}

TEST_F(SqliteDbTest, AFolderThatCannotBeMadeIsNamed) {
  ASSERT_TRUE(write_file_atomically(folder.path() / "a", "a file"));
  const auto failed = SqliteDb::open(file, SqliteDb::Mode::read_write);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr((folder.path() / "a").string()));
  EXPECT_THAT(failed.error().message, HasSubstr("choose another data_dir"));
}

TEST(SqlName, IsQuoted) { EXPECT_EQ(sql_name("a\"b"), "\"a\"\"b\""); }

}  // namespace
}  // namespace plimsoll
