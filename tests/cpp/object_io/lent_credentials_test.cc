// When what a catalog lends is asked for anew, by whom, and what becomes of files that are
// open.

#include "object_io/lent_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/location_file_io.h"
#include "support/memory_file_io.h"

namespace floe::testing {
namespace {

constexpr int64_t kStartMs = 1'000'000;

class SetClock final : public Clock {
 public:
  int64_t NowMs() override { return now_ms; }
  void SleepMs(int64_t milliseconds) override { now_ms += milliseconds; }
  std::atomic<int64_t> now_ms = kStartMs;
};

class CountingLender final : public Lender {
 public:
  CountingLender(std::shared_ptr<SetClock> clock, int64_t life_ms)
      : clock_(std::move(clock)), life_ms_(life_ms) {}

  LentProperties Lend() override {
    const int number = ++asked;
    on_ask();
    if (fails) {
      throw CatalogConnectionError("can't ask");
    }
    return Loan(number);
  }

  LentProperties Loan(int number) const {
    return {.overrides = {{"number", std::to_string(number)}},
            .expires_at_ms = clock_->NowMs() + life_ms_};
  }

  std::atomic<int> asked = 0;
  std::atomic<bool> fails = false;
  std::function<void()> on_ask = [] {};

 private:
  const std::shared_ptr<SetClock> clock_;
  const int64_t life_ms_;
};

struct Lending {
  explicit Lending(int64_t life_ms)
      : lender(std::make_shared<CountingLender>(clock, life_ms)),
        lent(std::make_shared<LentCredentials>(
            lender->Loan(0), lender,
            Environment{.clock = clock, .random = Environment::System().random})) {}

  std::string Number() const { return lent->Current()->overrides[0].second; }

  std::shared_ptr<SetClock> clock = std::make_shared<SetClock>();
  std::shared_ptr<CountingLender> lender;
  std::shared_ptr<LentCredentials> lent;
};

TEST(LentCredentials, AreRenewedAThirdOfTheirLifeBeforeTheyEnd) {
  const Lending lending(60'000);
  lending.clock->now_ms += 39'999;
  EXPECT_EQ(lending.Number(), "0");
  lending.clock->now_ms += 1;
  EXPECT_EQ(lending.Number(), "1");
  EXPECT_EQ(lending.Number(), "1");
  EXPECT_EQ(lending.lender->asked, 1);
}

TEST(LentCredentials, OfALongLifeAreRenewedFiveMinutesBeforeTheyEnd) {
  const Lending lending(3'600'000);
  lending.clock->now_ms += 3'299'999;
  EXPECT_EQ(lending.Number(), "0");
  lending.clock->now_ms += 1;
  EXPECT_EQ(lending.Number(), "1");
}

TEST(LentCredentials, ThatHaveEndedWhenTheyComeAreNotAskedForAllTheTime) {
  const Lending lending(-5'000);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(lending.Number(), "0");
  }
  lending.clock->now_ms += 10'000;
  EXPECT_EQ(lending.Number(), "1");
}

TEST(LentCredentials, ServeToTheirEndWhenTheCatalogCanNotBeAsked) {
  const Lending lending(60'000);
  lending.lender->fails = true;
  lending.clock->now_ms += 45'000;
  EXPECT_EQ(lending.Number(), "0");
  EXPECT_EQ(lending.Number(), "0");
  EXPECT_EQ(lending.lender->asked, 1);
  lending.clock->now_ms += 5'000;
  EXPECT_EQ(lending.Number(), "0");
  EXPECT_EQ(lending.lender->asked, 2);
  lending.clock->now_ms += 10'000;
  EXPECT_THROW(lending.Number(), CatalogConnectionError);
  lending.lender->fails = false;
  EXPECT_EQ(lending.Number(), "4");
}

TEST(LentCredentials, ThatAreRefusedAreAskedForOnce) {
  const Lending lending(60'000);
  const auto refused = lending.lent->Current();
  const auto newer = lending.lent->After(refused);
  EXPECT_EQ(newer->overrides[0].second, "1");
  EXPECT_EQ(lending.lent->After(refused), newer);
  EXPECT_EQ(lending.lender->asked, 1);
  EXPECT_EQ(LentCredentials({}, nullptr).After(nullptr), nullptr);
}

TEST(LentCredentials, AreAskedForByOneThreadForAll) {
  constexpr int kThreads = 8;
  const Lending lending(60'000);
  std::atomic<int> waiting = 0;
  // Whoever asks does not come back before all others have begun.
  lending.lender->on_ask = [&] {
    while (waiting < kThreads) {
      std::this_thread::yield();
    }
  };
  lending.clock->now_ms += 60'000;
  std::mutex mutex;
  std::multiset<std::string> numbers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      std::string number = lending.Number();
      const std::lock_guard lock(mutex);
      numbers.insert(std::move(number));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(numbers.count("1"), kThreads);
  EXPECT_EQ(lending.lender->asked, 1);
}

/// A store that takes the newest loan, and refuses others as expired.
class GuardedFileIO final : public FileIO {
 public:
  GuardedFileIO(std::string number, const std::string* newest, FileIO* files)
      : number_(std::move(number)), newest_(newest), files_(files) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    CheckLoan();
    return std::make_unique<Input>(this, files_->OpenInput(location));
  }
  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    CheckLoan();
    return std::make_unique<Output>(this, files_->Create(location));
  }
  void Delete(const std::string& location) override {
    CheckLoan();
    files_->Delete(location);
  }
  bool Exists(const std::string& location) override {
    CheckLoan();
    return files_->Exists(location);
  }
  void Sync(std::span<const std::string> /*locations*/) override {}

  void CheckLoan() const {
    if (number_ != *newest_) {
      throw ExpiredCredentialsError("loan " + number_ + " has ended");
    }
  }

 private:
  class Input final : public InputFile {
   public:
    Input(GuardedFileIO* io, std::unique_ptr<InputFile> file)
        : io_(io), file_(std::move(file)) {}
    const std::string& location() const override { return file_->location(); }
    int64_t size() const override { return file_->size(); }
    size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
      io_->CheckLoan();
      return file_->ReadAt(offset, out);
    }

   private:
    GuardedFileIO* io_;
    std::unique_ptr<InputFile> file_;
  };

  class Output final : public OutputFile {
   public:
    Output(GuardedFileIO* io, std::unique_ptr<OutputFile> file)
        : io_(io), file_(std::move(file)) {}
    const std::string& location() const override { return file_->location(); }
    int64_t position() const override { return file_->position(); }
    void Write(std::span<const std::byte> data) override {
      constexpr int64_t kPartBytes = int64_t{5} << 20;
      if (file_->position() / kPartBytes !=
          (file_->position() + static_cast<int64_t>(data.size())) / kPartBytes) {
        io_->CheckLoan();
      }
      file_->Write(data);
    }
    void Close() override {
      io_->CheckLoan();
      file_->Close();
    }
    void Abort() noexcept override { file_->Abort(); }

   private:
    GuardedFileIO* io_;
    std::unique_ptr<OutputFile> file_;
  };

  const std::string number_;
  const std::string* newest_;
  FileIO* files_;
};

struct LentStore {
  LentStore()
      : io(MakeLocationFileIO(
            {.local = files,
             .is_object = [](const std::string&) { return true; },
             .make_stores =
                 [this](const LentProperties& lent) {
                   std::vector<StorePart> parts;
                   parts.push_back({"", std::make_unique<GuardedFileIO>(
                                            lent.overrides[0].second, &newest, files.get())});
                   return parts;
                 },
             .lent = lending.lent})) {}

  void End() { newest = std::to_string(lending.lender->asked + 1); }

  Lending lending{60'000};
  std::string newest = "0";
  std::shared_ptr<MemoryFileIO> files = std::make_shared<MemoryFileIO>();
  std::shared_ptr<FileIO> io;
};

TEST(LocationFileIO, GoesOnWithNewCredentialsWhereOldOnesHaveEnded) {
  LentStore store;
  WriteFile(*store.io, "s3://b/k", "text");
  const auto open = store.io->OpenInput("s3://b/k");
  store.End();
  std::string read(4, ' ');
  open->ReadAt(0, std::as_writable_bytes(std::span(read)));
  EXPECT_EQ(read, "text");
  EXPECT_EQ(store.lending.lender->asked, 1);
  store.End();
  EXPECT_TRUE(store.io->Exists("s3://b/k"));
  store.End();
  EXPECT_EQ(ReadFile(*store.io, "s3://b/k"), "text");
  store.End();
  store.io->Delete("s3://b/k");
  EXPECT_EQ(store.lending.lender->asked, 4);
}

TEST(LocationFileIO, SendsASmallObjectWithNewCredentials) {
  LentStore store;
  const auto file = store.io->Create("s3://b/k");
  file->Write(std::as_bytes(std::span(std::string_view("text"))));
  store.End();
  file->Close();
  EXPECT_EQ(ReadFile(*store.io, "s3://b/k"), "text");
}

TEST(LocationFileIO, BeginsALargeObjectAgainWithNewCredentials) {
  LentStore store;
  const auto file = store.io->Create("s3://b/k");
  std::string all;
  for (const char letter : {'a', 'b', 'c'}) {
    const std::string much(size_t{3} << 20, letter);
    file->Write(std::as_bytes(std::span(much)));
    all += much;
    store.End();
  }
  EXPECT_EQ(file->position(), static_cast<int64_t>(all.size()));
  file->Close();
  EXPECT_EQ(ReadFile(*store.io, "s3://b/k"), all);
  EXPECT_EQ(store.lending.lender->asked, 2);
}

TEST(LocationFileIO, DoesNotBeginALargeObjectAgainForEver) {
  LentStore store;
  const auto file = store.io->Create("s3://b/k");
  const std::string much(size_t{9} << 20, 'x');
  file->Write(std::as_bytes(std::span(much)));
  store.newest = "none";
  EXPECT_THROW(file->Close(), StorageAccessError);
  file->Abort();
  EXPECT_EQ(store.lending.lender->asked, 1);
}

TEST(LocationFileIO, GivesUpWhenNewCredentialsAreRefusedToo) {
  LentStore store;
  store.newest = "none";
  EXPECT_THROW(store.io->Exists("s3://b/k"), StorageAccessError);
  EXPECT_EQ(store.lending.lender->asked, 1);
}

}  // namespace
}  // namespace floe::testing
