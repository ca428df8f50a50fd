#include "io/prefetched_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {

struct PrefetchedFile::Piece {
  ByteRange range;
  std::unique_ptr<std::byte[]> bytes;  // NOLINT(modernize-avoid-c-arrays): not initialized

  bool has(const ByteRange& other) const {
    return other.offset >= range.offset && other.end() <= range.end();
  }
};

/// The pieces that are kept now.
struct PrefetchedFile::Shelf {
  std::mutex mutex;
  std::vector<PiecePtr> pieces;  // guarded by mutex

  PiecePtr Find(const ByteRange& range) {
    const std::lock_guard lock(mutex);
    const auto found =
        std::ranges::find_if(pieces, [&](const PiecePtr& piece) { return piece->has(range); });
    return found == pieces.end() ? nullptr : *found;
  }
};

class PrefetchedFile::Kept {
 public:
  Kept(std::shared_ptr<Shelf> shelf, std::vector<PiecePtr> pieces)
      : shelf_(std::move(shelf)), pieces_(std::move(pieces)) {
    const std::lock_guard lock(shelf_->mutex);
    shelf_->pieces.insert(shelf_->pieces.end(), pieces_.begin(), pieces_.end());
  }
  ~Kept() {
    const std::lock_guard lock(shelf_->mutex);
    std::erase_if(shelf_->pieces, [this](const PiecePtr& piece) {
      return std::ranges::find(pieces_, piece) != pieces_.end();
    });
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

 private:
  const std::shared_ptr<Shelf> shelf_;
  const std::vector<PiecePtr> pieces_;
};

namespace {

bool IsWithin(const ByteRange& range, int64_t size) {
  return range.offset >= 0 && range.size > 0 && range.offset < size &&
         range.size <= size - range.offset;
}

/// Joins ranges that are near.
std::vector<ByteRange> Join(std::vector<ByteRange> ranges, int64_t largest_gap) {
  std::ranges::sort(ranges, {}, &ByteRange::offset);
  std::vector<ByteRange> joined;
  for (const ByteRange& range : ranges) {
    if (!joined.empty() && range.offset - joined.back().end() <= largest_gap) {
      joined.back().size = std::max(joined.back().end(), range.end()) - joined.back().offset;
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

}  // namespace

PrefetchedFile::PrefetchedFile(std::shared_ptr<InputFile> file)
    : file_(std::move(file)), shelf_(std::make_shared<Shelf>()) {}

PrefetchedFile::~PrefetchedFile() = default;

size_t PrefetchedFile::ReadAt(int64_t offset, std::span<std::byte> out) {
  const int64_t wanted =
      std::min(static_cast<int64_t>(out.size()), std::max<int64_t>(size() - offset, 0));
  const PiecePtr piece = wanted == 0 ? nullptr : shelf_->Find({offset, wanted});
  if (piece == nullptr) {
    return file_->ReadAt(offset, out);
  }
  std::memcpy(out.data(), piece->bytes.get() + (offset - piece->range.offset),
              static_cast<size_t>(wanted));
  return static_cast<size_t>(wanted);
}

PrefetchedFile::KeptPtr PrefetchedFile::Fetch(std::vector<ByteRange> ranges,
                                              const StopToken& stop) {
  std::erase_if(ranges, [this](const ByteRange& range) {
    return !IsWithin(range, size()) || shelf_->Find(range) != nullptr;
  });
  if (ranges.empty()) {
    return nullptr;
  }
  std::vector<PiecePtr> pieces;
  std::vector<ByteRange> requests;
  std::vector<std::byte*> places;
  for (const ByteRange& range : Join(std::move(ranges), kLargestGap)) {
    auto piece = std::make_shared<Piece>(
        range, std::make_unique_for_overwrite<std::byte[]>(static_cast<size_t>(range.size)));
    for (int64_t at = 0; at < range.size; at += kLargestRequest) {
      requests.push_back({range.offset + at, std::min(kLargestRequest, range.size - at)});
      places.push_back(piece->bytes.get() + at);
    }
    pieces.push_back(std::move(piece));
  }
  ParallelFor(requests.size(),
              [&](size_t i) {
                const auto wanted = static_cast<size_t>(requests[i].size);
                const size_t got = file_->ReadAt(requests[i].offset, {places[i], wanted});
                if (got != wanted) {
                  throw IoError(fmt::format("read only {} of {} bytes from byte {} of {}", got,
                                            wanted, requests[i].offset, location()),
                                {.path = location()});
                }
              },
              {.pool = &ThreadPool::ForRequests(), .stop = stop});
  return std::make_shared<const Kept>(shelf_, std::move(pieces));
}

}  // namespace floe::inline v0
