// Bytes that are read ahead of need.

#include "io/prefetched_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int64_t kGap = PrefetchedFile::kLargestGap;
constexpr int64_t kRequest = PrefetchedFile::kLargestRequest;

/// A file that tells what is read of it, and may wait until many read at once.
class WatchedFile final : public InputFile {
 public:
  using Reads = std::vector<std::pair<int64_t, int64_t>>;

  explicit WatchedFile(size_t size, int least_at_once = 1)
      : content_(size, '\0'), least_at_once_(least_at_once) {
    for (size_t i = 0; i < size; ++i) {
      content_[i] = static_cast<char>(i % 251);
    }
  }

  const std::string& location() const override { return location_; }
  int64_t size() const override { return static_cast<int64_t>(content_.size()); }
  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    std::unique_lock lock(mutex_);
    reads_.emplace_back(offset, out.size());
    ++reading_;
    changed_.notify_all();
    were_many_ = were_many_ && changed_.wait_for(lock, std::chrono::seconds(30),
                                                 [this] { return reading_ >= least_at_once_; });
    if (offset == fails_at_) {
      throw IoError("the store failed", {.path = location_, .errno_value = EIO});
    }
    const size_t size = std::min(out.size(), content_.size() - static_cast<size_t>(offset));
    std::memcpy(out.data(), content_.data() + offset, size);
    return size - missing_bytes_;
  }

  Reads TakeReads() {
    const std::lock_guard lock(mutex_);
    return std::exchange(reads_, {});
  }
  const std::string& content() const { return content_; }
  bool were_many() const { return were_many_; }
  void FailAt(int64_t offset) { fails_at_ = offset; }
  void MissBytes(size_t count) { missing_bytes_ = count; }

 private:
  const std::string location_ = "s3://b/k";
  std::string content_;
  const int least_at_once_;
  int64_t fails_at_ = -1;
  size_t missing_bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  Reads reads_;
  int reading_ = 0;  // ever
  bool were_many_ = true;
};

std::string Read(InputFile& file, int64_t offset, size_t size) {
  std::string out(size, '?');
  out.resize(file.ReadAt(offset, std::as_writable_bytes(std::span(out))));
  return out;
}

TEST(PrefetchedFile, JoinsWhatIsNearAndReadsItOnce) {
  const auto watched = std::make_shared<WatchedFile>(4 * kGap);
  PrefetchedFile file(watched);
  auto kept = file.Fetch({{kGap + 20, 5}, {0, 10}, {10, 10}, {3 * kGap, 7}, {15, 2}}, {});
  EXPECT_THAT(watched->TakeReads(),
              UnorderedElementsAre(Pair(0, kGap + 25), Pair(3 * kGap, 7)));
  for (const auto& [offset, size] : {std::pair{0, 20}, {7, 11}, {1'000, 3}}) {
    EXPECT_EQ(Read(file, offset, size), watched->content().substr(offset, size));
  }
  EXPECT_EQ(file.Fetch({{5, 5}, {3 * kGap, 7}}, {}), nullptr) << "all of it is kept";
  EXPECT_THAT(watched->TakeReads(), IsEmpty());
  EXPECT_EQ(Read(file, 2 * kGap, 4), watched->content().substr(2 * kGap, 4));
  EXPECT_EQ(Read(file, 0, kGap + 26), watched->content().substr(0, kGap + 26));
  EXPECT_THAT(watched->TakeReads(), ElementsAre(Pair(2 * kGap, 4), Pair(0, kGap + 26)));
  kept = nullptr;
  EXPECT_EQ(Read(file, 0, 1), watched->content().substr(0, 1));
  EXPECT_THAT(watched->TakeReads(), ElementsAre(Pair(0, 1)));
}

TEST(PrefetchedFile, WhatIsKeptOutlivesIt) {
  PrefetchedFile::KeptPtr kept;
  {
    PrefetchedFile file(std::make_shared<WatchedFile>(100));
    kept = file.Fetch({{0, 10}}, {});
  }
  EXPECT_NE(kept, nullptr);
}

TEST(PrefetchedFile, LargeRangesAreSeveralRequests) {
  const auto watched = std::make_shared<WatchedFile>(2 * kRequest + 9);
  PrefetchedFile file(watched);
  const auto kept = file.Fetch({{1, 2 * kRequest + 8}}, {});
  EXPECT_THAT(watched->TakeReads(),
              UnorderedElementsAre(Pair(1, kRequest), Pair(kRequest + 1, kRequest),
                                   Pair(2 * kRequest + 1, 8)));
  EXPECT_EQ(Read(file, 1, 2 * kRequest + 8), watched->content().substr(1));
}

TEST(PrefetchedFile, SixteenRequestsAndMoreAtOnce) {
  const auto watched = std::make_shared<WatchedFile>(20 * (kGap + 10), 16);
  PrefetchedFile file(watched);
  std::vector<ByteRange> ranges;
  for (int i = 0; i < 20; ++i) {
    ranges.push_back({i * (kGap + 10), 5});
  }
  const auto kept = file.Fetch(ranges, {});
  EXPECT_TRUE(watched->were_many());
  EXPECT_EQ(watched->TakeReads().size(), 20U);
}

TEST(PrefetchedFile, RangesBeyondTheFileAreLeftToWhoReadsThem) {
  const auto watched = std::make_shared<WatchedFile>(100);
  PrefetchedFile file(watched);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const std::vector<ByteRange> beyond = {{-1, 5}, {90, 11},   {100, 1},      {0, 0},
                                         {5, -5}, {5, kMost}, {kMost, kMost}};
  EXPECT_EQ(file.Fetch(beyond, {}), nullptr);
  EXPECT_THAT(watched->TakeReads(), IsEmpty());
  EXPECT_EQ(Read(file, 90, 20), watched->content().substr(90));
  EXPECT_EQ(Read(file, 100, 20), "");
}

TEST(PrefetchedFile, ErrorsAreThoseOfTheFileAndLeaveNothing) {
  const auto watched = std::make_shared<WatchedFile>(4 * kGap);
  PrefetchedFile file(watched);
  watched->FailAt(3 * kGap);
  const Thrown thrown = WhatThrows([&] { file.Fetch({{0, 10}, {3 * kGap, 7}}, {}); });
  EXPECT_EQ(thrown.class_name, "IoError");
  EXPECT_EQ(thrown.message, "the store failed");
  watched->TakeReads();
  EXPECT_EQ(Read(file, 0, 2), watched->content().substr(0, 2));
  EXPECT_THAT(watched->TakeReads(), ElementsAre(Pair(0, 2)));
}

TEST(PrefetchedFile, AFileThatEndsEarlyIsNamed) {
  const auto watched = std::make_shared<WatchedFile>(100);
  PrefetchedFile file(watched);
  watched->MissBytes(3);
  const Thrown thrown = WhatThrows([&] { file.Fetch({{10, 20}}, {}); });
  EXPECT_EQ(thrown.class_name, "IoError");
  EXPECT_EQ(thrown.message, "read only 17 of 20 bytes from byte 10 of s3://b/k");
}

TEST(PrefetchedFile, AStopEndsItBeforeTheNextRequest) {
  const auto watched = std::make_shared<WatchedFile>(100);
  PrefetchedFile file(watched);
  const StopToken stop = StopToken::Make();
  stop.RequestStop();
  EXPECT_EQ(WhatThrows([&] { file.Fetch({{10, 20}}, stop); }).class_name, "CancelledError");
  EXPECT_THAT(watched->TakeReads(), IsEmpty());
}

}  // namespace
}  // namespace floe::testing
