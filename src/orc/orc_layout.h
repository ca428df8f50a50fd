#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// Numbers of ORC's Type.Kind.
enum class OrcKind : uint8_t {
  kBoolean = 0,
  kByte = 1,
  kShort = 2,
  kInt = 3,
  kLong = 4,
  kFloat = 5,
  kDouble = 6,
  kString = 7,
  kBinary = 8,
  kTimestamp = 9,
  kList = 10,
  kMap = 11,
  kStruct = 12,
  kUnion = 13,
  kDecimal = 14,
  kDate = 15,
  kVarchar = 16,
  kChar = 17,
  kTimestampInstant = 18,
  kUnknown = 255,
};

/// Numbers of ORC's Stream.Kind, of the streams that have rows; others are of no use to us.
enum class OrcStreamKind : uint8_t {
  kPresent = 0,
  kData = 1,
  kLength = 2,
  kDictionaryData = 3,
  kSecondary = 5,
  kOther = 255,
};

/// Numbers of ORC's CompressionKind.
enum class OrcCodec : uint8_t {
  kNone = 0,
  kZlib = 1,
  kSnappy = 2,
  kLz4 = 4,
  kZstd = 5,
  kOther = 255,
};

struct OrcType {
  OrcKind kind = OrcKind::kBoolean;
  std::vector<uint32_t> children;  ///< ids, which are places in the list of types
};

/// Where a stripe is, in bytes: its indexes, its data, its footer, one after the other.
struct OrcStripePlace {
  uint64_t offset = 0;
  uint64_t index_size = 0;
  uint64_t data_size = 0;
  uint64_t footer_size = 0;
  uint64_t row_count = 0;
};

/// Field numbers of ORC's protocol buffers (orc_proto.proto) that lead to a file's types.
constexpr uint64_t kFooterOfOrcTail = 2;
constexpr uint64_t kTypesOfOrcFooter = 4;
constexpr uint64_t kKindOfOrcType = 1;
/// Of a decimal's precision, and of its scale.
constexpr int64_t kMostOrcDigits = 38;

/// What a file's tail says about where its columns are.
struct OrcLayout {
  OrcCodec codec = OrcCodec::kNone;
  uint64_t block_size = 256 << 10;  ///< what a compressed chunk has at most
  std::vector<OrcType> types;
  std::vector<OrcStripePlace> stripes;
};

/// `tail` is what ORCFileReader::GetSerializedFileTail() gives. Throws CorruptFileError naming
/// `location` for types that are not numbered in the order of the tree.
OrcLayout ParseOrcLayout(std::string_view tail, const std::string& location);

struct OrcStream {
  OrcStreamKind kind = OrcStreamKind::kOther;
  uint32_t column = 0;
  uint64_t offset = 0;  ///< from the beginning of the stripe
  uint64_t size = 0;
};

struct OrcEncoding {
  bool has_dictionary = false;
  bool is_v2 = false;  ///< version of the run-length encoding of integers
  uint32_t dictionary_size = 0;
};

struct OrcStripeFooter {
  std::vector<OrcStream> streams;      ///< that have rows, by column and kind
  std::vector<OrcEncoding> encodings;  ///< of each column
};

/// Parses what is in a stripe's footer, decompressed. Throws CorruptFileError naming
/// `location`, also for streams that reach beyond `stripe`.
OrcStripeFooter ParseOrcStripeFooter(std::string_view footer, const OrcStripePlace& stripe,
                                     const std::string& location);

}  // namespace floe::inline v0
