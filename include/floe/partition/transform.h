#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// How a column's value becomes a partition value (specification, "Partition Transforms").
/// An immutable value. Two transforms are equal if kind, parameter and the name of an unknown
/// one are.
class Transform {
 public:
  enum class Kind : uint8_t {
    kIdentity,
    kVoid,
    kBucket,
    kTruncate,
    kYear,
    kMonth,
    kDay,
    kHour,
    kUnknown  ///< one that the specification does not have, or of several columns
  };

  static Transform Identity() { return {Kind::kIdentity, 0}; }
  static Transform Void() { return {Kind::kVoid, 0}; }
  /// Throws InvalidArgumentError unless `count` (`width`) is at least 1.
  static Transform Bucket(int64_t count);
  static Transform Truncate(int64_t width);
  static Transform Year() { return {Kind::kYear, 0}; }
  static Transform Month() { return {Kind::kMonth, 0}; }
  static Transform Day() { return {Kind::kDay, 0}; }
  static Transform Hour() { return {Kind::kHour, 0}; }
  /// Carried for a table that has it: it applies to nothing, and nothing is known of its
  /// values. `text` is how the table writes it.
  static Transform Unknown(std::string_view text);
  /// Reads "identity", "bucket[16]", "truncate[4]", "month", "void", …; throws ParseError.
  static Transform Parse(std::string_view text);

  Kind kind() const { return kind_; }
  /// Buckets or width; 0 for the others.
  int32_t parameter() const { return parameter_; }
  std::string ToString() const;
  bool is_unknown() const { return kind_ == Kind::kUnknown; }
  bool operator==(const Transform& other) const {
    return kind_ == other.kind_ && parameter_ == other.parameter_ &&
           (!is_unknown() || *name_ == *other.name_);
  }

  bool CanApplyTo(const Type& source) const;
  /// Type of the partition value: date for day, int for bucket, year, month and hour; unknown
  /// for an unknown transform.
  Type ResultType(const Type& source) const;
  /// The partition value of a non-null value; nothing for void. The literal's type must be
  /// one that CanApplyTo() accepts.
  std::optional<Literal> Apply(const Literal& value) const;
  /// Partition value for people and paths: 2024-01 for a month, "null" for none.
  std::string ToHumanString(const std::optional<Literal>& partition_value) const;
  /// a ≤ b implies Apply(a) ≤ Apply(b), but for the smallest integers where truncation wraps.
  bool preserves_order() const {
    return kind_ != Kind::kBucket && kind_ != Kind::kVoid && !is_unknown();
  }
  /// Whether a column that this is applied to may be promoted `from` one type `to` another:
  /// old partition values are those of the new type (specification, "Schema Evolution").
  bool KeepsValues(const Type& from, const Type& to) const;

 private:
  Transform(Kind kind, int32_t parameter) : kind_(kind), parameter_(parameter) {}

  Kind kind_;
  int32_t parameter_;
  std::shared_ptr<const std::string> name_;  ///< of an unknown one
};

/// Bucket of `count` that a hash falls into.
constexpr int32_t BucketOf(int32_t hash, int32_t count) { return (hash & INT32_MAX) % count; }

/// Hash that bucket partitioning uses (specification, appendix B).
int32_t BucketHash(const Literal& value);

/// The largest multiple of `width` that is ≤ `value`, wrapping at the type's minimum.
template <class Int>
constexpr Int TruncateInteger(Int value, Int width) {
  const Int rest = value % width;
  return static_cast<Int>(value - (rest < 0 ? rest + width : rest));
}

}  // namespace floe::inline v0
