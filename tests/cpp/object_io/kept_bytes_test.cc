// Bytes that are kept to be sent again, in memory and in a file.

#include "object_io/kept_bytes.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace floe::testing {
namespace {

void Append(KeptBytes* kept, std::string_view text) {
  kept->Append(std::as_bytes(std::span(text)));
}

std::string AllOf(const KeptBytes& kept) {
  std::string all;
  kept.Replay([&](std::span<const std::byte> piece) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return all;
}

TEST(KeptBytes, AreThereOnceMoreInTheirOrder) {
  KeptBytes kept;
  std::string all;
  for (int i = 0; i < 12; ++i) {
    all += std::string(size_t{1} << 20, static_cast<char>('a' + i)) + "x";
    Append(&kept, std::string_view(all).substr(static_cast<size_t>(kept.size())));
    ASSERT_TRUE(kept.IsWhole());
    ASSERT_EQ(kept.size(), static_cast<int64_t>(all.size()));
    ASSERT_TRUE(AllOf(kept) == all) << i;
  }
}

TEST(KeptBytes, AreForgottenWhereThereIsNoRoom) {
  KeptBytes kept("/nowhere/at/all");
  Append(&kept, "few");
  EXPECT_EQ(AllOf(kept), "few");
  Append(&kept, std::string(size_t{5} << 20, 'x'));
  EXPECT_FALSE(kept.IsWhole());
  Append(&kept, "more");
  EXPECT_FALSE(kept.IsWhole());
}

}  // namespace
}  // namespace floe::testing
