// Files of this machine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "support/child_process.h"
#include "support/table_audit.h"
#include "support/temporary_folder.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LocalFiles : public ::testing::Test {
 protected:
  std::string At(const std::string& name) { return "file://" + folder_.File(name); }

  std::string ReadAt(InputFile& file, int64_t offset, size_t size) {
    std::string out(size, '?');
    out.resize(file.ReadAt(offset, std::as_writable_bytes(std::span(out))));
    return out;
  }

  TemporaryFolder folder_;
  std::shared_ptr<FileIO> io_ = MakeLocalFileIO();
};

TEST_F(LocalFiles, WhatIsWrittenIsRead) {
  std::string content;
  const auto file = io_->Create(At("a/b/c.bin"));
  for (const size_t size : {0, 1, 1'000, 300'000, 7, 262'144, 262'143}) {
    std::string part(size, static_cast<char>('a' + content.size() % 26));
    file->Write(AsBytes(part));
    content += part;
    EXPECT_EQ(file->position(), static_cast<int64_t>(content.size()));
  }
  file->Close();
  EXPECT_EQ(ReadFile(*io_, At("a/b/c.bin")), content);
  const auto input = io_->OpenInput(At("a/b/c.bin"));
  EXPECT_EQ(input->size(), static_cast<int64_t>(content.size()));
  EXPECT_EQ(ReadAt(*input, 299'990, 20), content.substr(299'990, 20));
  EXPECT_EQ(ReadAt(*input, input->size() - 3, 20), content.substr(content.size() - 3));
  EXPECT_EQ(ReadAt(*input, input->size(), 20), "");
  EXPECT_EQ(ReadAt(*input, input->size() + 5, 20), "");
}

TEST_F(LocalFiles, NothingIsEverOverwritten) {
  WriteFile(*io_, At("a"), "first");
  EXPECT_THROW(io_->Create(At("a")), AlreadyExistsError);
  EXPECT_THROW(WriteFile(*io_, At("a"), "second"), AlreadyExistsError);
  EXPECT_EQ(ReadFile(*io_, At("a")), "first");
  std::filesystem::create_symlink("/nowhere", folder_.File("link"));
  EXPECT_THROW(io_->Create(At("link")), AlreadyExistsError);
}

TEST_F(LocalFiles, OfManyWhoCreateAFileOneDoes) {
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        try {
          WriteFile(*io_, At("d" + std::to_string(i) + "/x/y"), "text");
          ++made;
        } catch (const AlreadyExistsError&) {
          continue;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(made, 50);
}

TEST_F(LocalFiles, FileThatIsNotClosedIsNotLeftBehind) {
  const std::string large(1'000'000, 'x');
  {
    const auto file = io_->Create(At("a"));
    file->Write(AsBytes(large));
  }
  const auto file = io_->Create(At("b"));
  file->Write(AsBytes(large));
  file->Abort();
  file->Abort();
  EXPECT_THAT(FilesIn(folder_.path()), IsEmpty());
  const auto closed = io_->Create(At("c"));
  closed->Close();
  closed->Abort();
  EXPECT_THROW(closed->Close(), InternalError);
  EXPECT_TRUE(io_->Exists(At("c"))) << "it was handed over";
}

TEST_F(LocalFiles, MissingFileIsAnIoErrorWithItsNumber) {
  const Thrown thrown = WhatThrows([&] { io_->OpenInput(At("none")); });
  EXPECT_EQ(thrown.class_name, "IoError");
  EXPECT_EQ(thrown.details.errno_value, ENOENT);
  EXPECT_EQ(thrown.details.path, At("none"));
  EXPECT_THAT(thrown.message, HasSubstr(At("none")));
  EXPECT_EQ(WhatThrows([&] {
              io_->OpenInput("file://" + folder_.path().string());
            }).details.errno_value,
            EISDIR);
  EXPECT_EQ(WhatThrows([&] { io_->Sync(std::vector{At("none")}); }).class_name, "IoError");
}

TEST_F(LocalFiles, DeletingAndLookingTolerateWhatIsNotThere) {
  WriteFile(*io_, At("a"), "");
  EXPECT_TRUE(io_->Exists(At("a")));
  EXPECT_FALSE(io_->Exists(At("a/b")));
  io_->Delete(At("a"));
  io_->Delete(At("a"));
  io_->Delete(At("no/such/folder"));
  EXPECT_FALSE(io_->Exists(At("a")));
  std::filesystem::create_directory(folder_.File("folder"));
  EXPECT_EQ(WhatThrows([&] { io_->Delete(At("folder")); }).class_name, "IoError");
}

TEST_F(LocalFiles, LocationsAreTakenInEveryFormAndNeverDecoded) {
  WriteFile(*io_, At("a%20b c#d?e%2Ff ä"), "text");
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "a%20b c#d?e%2Ff ä"));
  WriteFile(*io_, At("x"), "text");
  for (const char* prefix : {"", "file:", "file://", "file://localhost"}) {
    EXPECT_EQ(ReadFile(*io_, prefix + folder_.File("x")), "text") << prefix;
  }
  for (const char* elsewhere : {"s3://bucket/x", "gs://x/y", "hdfs://h/x", "file://host/x"}) {
    EXPECT_EQ(WhatThrows([&] { io_->OpenInput(elsewhere); }).class_name, "UnsupportedError");
    EXPECT_EQ(WhatThrows([&] { io_->Create(elsewhere); }).class_name, "UnsupportedError");
    EXPECT_EQ(WhatThrows([&] { io_->Delete(elsewhere); }).class_name, "UnsupportedError");
  }
}

TEST(Location, CanonicalFormIsAnAbsoluteUri) {
  EXPECT_EQ(CanonicalLocation("/a/b"), "file:///a/b");
  EXPECT_EQ(CanonicalLocation("/a/./b//c/../d/"), "file:///a/b/d");
  EXPECT_EQ(CanonicalLocation("file:/a"), "file:///a");
  EXPECT_EQ(CanonicalLocation("file:///a/"), "file:///a");
  EXPECT_EQ(CanonicalLocation("file://localhost/a"), "file:///a");
  EXPECT_EQ(CanonicalLocation("a b"),
            "file://" + (std::filesystem::current_path() / "a b").string());
  EXPECT_EQ(CanonicalLocation("s3://b/c/"), "s3://b/c");
  EXPECT_EQ(CanonicalLocation("s3://b//c/../d"), "s3://b//c/../d") << "keys, not paths";
  EXPECT_EQ(LocalPath("s3://b/c"), std::nullopt);
  EXPECT_EQ(LocalPath(""), std::nullopt);
  EXPECT_EQ(LocalPath("C:/x"), std::nullopt) << "a scheme of one letter";
}

/// Storage that fails, as the system makes it fail. In processes of their own.
class FailingStorage : public LocalFiles {
 protected:
  void InChild(const std::function<void()>& work) {
    EXPECT_EQ(RunInChild([&] {
                work();
                return HasFailure() ? 1 : 0;
              }).exit_code,
              0);
  }
};

TEST_F(FailingStorage, FullStorageIsAnIoErrorThatNamesFileAndCause) {
  InChild([&] {
    // NOLINTNEXTLINE(misc-include-cleaner): <csignal> has POSIX's signals on Linux
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{300'000, 300'000};  // as near to a full disk as a limit comes
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Thrown thrown =
        WhatThrows([&] { WriteFile(*io_, At("large"), std::string(1'000'000, 'x')); });
    EXPECT_EQ(thrown.class_name, "IoError") << thrown;
    EXPECT_EQ(thrown.details.errno_value, EFBIG);
    EXPECT_EQ(thrown.details.path, At("large"));
    EXPECT_THAT(thrown.message, HasSubstr("File too large"));
    EXPECT_THAT(FilesIn(folder_.path()), IsEmpty());
  });
}

TEST_F(FailingStorage, FolderThatMayNotBeWrittenIsNamedWithWhatToDo) {
  std::filesystem::create_directory(folder_.File("closed"));
  ::chmod(folder_.path().c_str(), 0755);
  ::chmod(folder_.File("closed").c_str(), 0555);
  InChild([&] {
    constexpr uid_t kNobody = 65'534;
    if (::geteuid() == 0) {
      ASSERT_EQ(::seteuid(kNobody), 0);
    }
    for (const std::string& location : {At("closed/a"), At("closed/new/a")}) {
      const Thrown thrown = WhatThrows([&] { io_->Create(location); });
      EXPECT_EQ(thrown.class_name, "StorageAccessError") << thrown;
      EXPECT_EQ(thrown.details.path, location);
      EXPECT_THAT(thrown.message, HasSubstr("check the permissions"));
    }
  });
}

}  // namespace
}  // namespace floe::testing
