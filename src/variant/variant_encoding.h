#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"

namespace floe::inline v0 {

/// Bytes that are no variant. Never leaves the engine: who knows where they come from makes a
/// floe::Error of it.
class VariantDataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Deepest nesting that is read or written.
inline constexpr int kMaxVariantDepth = 200;

/// Lowest two bits of a value's first byte.
enum class VariantBasicType : uint8_t { kPrimitive, kShortString, kObject, kArray };

/// The other six bits of a primitive's first byte.
enum class VariantPrimitive : uint8_t {
  kNull,
  kTrue,
  kFalse,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kDouble,
  kDecimal4,
  kDecimal8,
  kDecimal16,
  kDate,
  kTimestamptz,  ///< microseconds, UTC
  kTimestamp,    ///< microseconds, without zone
  kFloat,
  kBinary,
  kString,
  kTime,  ///< microseconds
  kTimestamptzNs,
  kTimestampNs,
  kUuid,
};

/// The dictionary of names that the objects of a variant refer to. A view of its bytes.
class VariantMetadata {
 public:
  /// Checks version and sizes; throws VariantDataError.
  explicit VariantMetadata(std::string_view bytes);

  size_t size() const { return size_; }
  /// Throws VariantDataError for an id beyond the dictionary, or offsets out of order.
  std::string_view name(size_t id) const;
  std::optional<size_t> Find(std::string_view name) const;

 private:
  std::string_view bytes_;
  size_t offset_size_ = 1;
  size_t size_ = 0;
  size_t names_at_ = 0;
  bool sorted_ = false;
};

/// A metadata dictionary of `names`, which are sorted and unique.
std::string EncodeVariantMetadata(const std::vector<std::string_view>& names);

/// One encoded value and what may follow it. A view of its bytes.
class VariantValue {
 public:
  /// Throws VariantDataError for no bytes.
  explicit VariantValue(std::string_view bytes);

  VariantBasicType basic_type() const {
    return static_cast<VariantBasicType>(static_cast<uint8_t>(bytes_[0]) & 3U);
  }
  /// Primitives only. Throws VariantDataError for a type that is not known.
  VariantPrimitive primitive() const;
  /// Bytes of this value alone. Throws VariantDataError if they go beyond what there is.
  size_t size() const;
  std::string_view bytes() const { return bytes_.substr(0, size()); }

  /// What follows the first byte of a primitive that is not text or binary; `T` has its width.
  template <class T>
  T Fixed() const;
  int decimal_scale() const;
  Int128 decimal_unscaled() const;
  /// Text of a string, short or not, and bytes of a binary.
  std::string_view Bytes() const;

  struct Member;
  /// Of an object, in the order of their names.
  std::vector<Member> Members() const;
  /// Of an array.
  std::vector<VariantValue> Elements() const;

 private:
  /// Where the parts of an object or array are.
  struct Layout {
    size_t count;
    size_t id_size;  ///< 0 for arrays
    size_t offset_size;
    size_t ids_at;
    size_t offsets_at;
    size_t values_at;
    size_t end;
  };
  Layout ReadLayout() const;
  /// Adds the child's bytes to `total`: children that overlap could make a few bytes mean
  /// more values than there is memory for.
  VariantValue ChildAt(const Layout& layout, size_t i, size_t* total) const;
  std::string_view Take(size_t at, size_t count) const;

  std::string_view bytes_;
};

struct VariantValue::Member {
  size_t name_id;
  VariantValue value;
};

/// @name Appends an encoded value
/// @{
void AppendVariantNull(std::string* out);
void AppendVariantBoolean(bool value, std::string* out);
/// One of kInt8 … kInt64, the smallest that holds the value.
void AppendVariantInteger(int64_t value, std::string* out);
/// A primitive of fixed width: `value` has the width that `type` asks for.
template <class T>
void AppendVariantFixed(VariantPrimitive type, T value, std::string* out);
/// `precision` decides between 4, 8 and 16 bytes.
void AppendVariantDecimal(Int128 unscaled, int precision, int scale, std::string* out);
void AppendVariantString(std::string_view text, std::string* out);
void AppendVariantBinary(std::string_view bytes, std::string* out);
/// 16 bytes, big-endian.
void AppendVariantUuid(std::string_view bytes, std::string* out);
/// `elements` are encoded values.
void AppendVariantArray(const std::vector<std::string>& elements, std::string* out);
/// `members` are name ids and encoded values, sorted by their names.
void AppendVariantObject(const std::vector<std::pair<size_t, std::string>>& members,
                         std::string* out);
/// @}

}  // namespace floe::inline v0
