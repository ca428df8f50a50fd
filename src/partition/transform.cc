#include "floe/partition/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/base64.h"
#include "base/murmur3.h"
#include "base/text.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

using Kind = Transform::Kind;

struct NamedTransform {
  std::string_view name;
  Kind kind;
};

constexpr std::array kPlainTransforms = {
    NamedTransform{"identity", Kind::kIdentity}, NamedTransform{"void", Kind::kVoid},
    NamedTransform{"year", Kind::kYear},         NamedTransform{"month", Kind::kMonth},
    NamedTransform{"day", Kind::kDay},           NamedTransform{"hour", Kind::kHour},
};

/// The N of "<name>[N]"; nothing if `text` has another form.
std::optional<int64_t> BracketArgument(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || text.size() < name.size() + 3 || text[name.size()] != '[' ||
      text.back() != ']') {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(name.size() + 1, text.size() - name.size() - 2);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  return error == std::errc() && end == digits.end() ? std::optional(value) : std::nullopt;
}

int32_t CheckParameter(std::string_view name, int64_t value) {
  if (value < 1 || value > std::numeric_limits<int32_t>::max()) {
    throw InvalidArgumentError(fmt::format("{}[{}] is not possible: the parameter is 1 to {}",
                                           name, value, std::numeric_limits<int32_t>::max()));
  }
  return static_cast<int32_t>(value);
}

bool IsNanos(TypeId id) { return id == TypeId::kTimestampNs || id == TypeId::kTimestamptzNs; }

bool IsTimestamp(TypeId id) {
  return id == TypeId::kTimestamp || id == TypeId::kTimestamptz || IsNanos(id);
}

bool IsGeospatial(TypeId id) { return id == TypeId::kGeometry || id == TypeId::kGeography; }

/// Microseconds since 1970 of a timestamp; what is finer is cut.
int64_t MicrosOf(const Literal& value) {
  return IsNanos(value.type().id()) ? FloorDivide(value.get<int64_t>(), kNanosPerMicro)
                                    : value.get<int64_t>();
}

/// Days since 1970-01-01 of a date or timestamp.
int64_t DaysOf(const Literal& value) {
  return value.type().id() == TypeId::kDate ? value.get<int32_t>()
                                            : FloorDivide(MicrosOf(value), kMicrosPerDay);
}

/// Hours since 1970; what an int can't count stays at its ends, so that the order is kept.
int32_t HoursOf(int64_t micros) {
  return static_cast<int32_t>(std::clamp<int64_t>(FloorDivide(micros, kMicrosPerHour),
                                                  std::numeric_limits<int32_t>::min(),
                                                  std::numeric_limits<int32_t>::max()));
}

Literal TruncateLiteral(const Literal& value, int32_t width) {
  switch (value.type().id()) {
    case TypeId::kInt: {
      const int64_t truncated = TruncateInteger<int64_t>(value.get<int32_t>(), width);
      return Literal::Int(static_cast<int32_t>(truncated));
    }
    case TypeId::kLong: {
      const int64_t v = value.get<int64_t>();
      const int64_t rest = ((v % width) + width) % width;
      // Wraps at the smallest long, as the reference implementation does.
      return Literal::Long(
          static_cast<int64_t>(static_cast<uint64_t>(v) - static_cast<uint64_t>(rest)));
    }
    case TypeId::kDecimal:
      return Literal::Of(value.type(), TruncateInteger<Int128>(value.get<Int128>(), width));
    case TypeId::kString: {
      const auto& text = value.get<std::string>();
      return Literal::String(text.substr(0, PrefixBytes(text, static_cast<size_t>(width))));
    }
    default:
      return Literal::Of(value.type(),
                         value.get<std::string>().substr(0, static_cast<size_t>(width)));
  }
}

std::string MonthText(int64_t months) {
  const int64_t year = 1970 + FloorDivide(months, 12);
  return fmt::format("{:04}-{:02}", year, months - FloorDivide(months, 12) * 12 + 1);
}

std::string HourText(int64_t hours) {
  const int64_t days = FloorDivide(hours, 24);
  return fmt::format("{}-{:02}", FormatDate(days), hours - days * 24);
}

}  // namespace

Transform Transform::Bucket(int64_t count) {
  return {Kind::kBucket, CheckParameter("bucket", count)};
}
Transform Transform::Truncate(int64_t width) {
  return {Kind::kTruncate, CheckParameter("truncate", width)};
}

Transform Transform::Unknown(std::string_view text) {
  Transform transform{Kind::kUnknown, 0};
  transform.name_ = std::make_shared<const std::string>(text);
  return transform;
}

Transform Transform::Parse(std::string_view text) {
  const std::string lower = ToLower(text);
  for (const NamedTransform& plain : kPlainTransforms) {
    if (plain.name == lower) {
      return {plain.kind, 0};
    }
  }
  if (const auto count = BracketArgument(lower, "bucket")) {
    return Bucket(*count);
  }
  if (const auto width = BracketArgument(lower, "truncate")) {
    return Truncate(*width);
  }
  throw ParseError(fmt::format("'{}' is not a partition transform; expected identity, year, "
                               "month, day, hour, bucket[N], truncate[W] or void",
                               text),
                   {.position = 0});
}

std::string Transform::ToString() const {
  if (is_unknown()) {
    return *name_;
  }
  for (const NamedTransform& plain : kPlainTransforms) {
    if (plain.kind == kind_) {
      return std::string(plain.name);
    }
  }
  return fmt::format("{}[{}]", kind_ == Kind::kBucket ? "bucket" : "truncate", parameter_);
}

bool Transform::CanApplyTo(const Type& source) const {
  const TypeId id = source.id();
  switch (kind_) {
    case Kind::kIdentity:
    case Kind::kVoid:  // its result has the column's type, too, which partitions can't have
      return source.is_primitive() && !IsGeospatial(id);
    case Kind::kBucket:
      return source.is_primitive() && id != TypeId::kBoolean && id != TypeId::kFloat &&
             id != TypeId::kDouble && id != TypeId::kUnknown && !IsGeospatial(id);
    case Kind::kTruncate:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal ||
             id == TypeId::kString || id == TypeId::kBinary;
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kDay:
      return id == TypeId::kDate || IsTimestamp(id);
    case Kind::kHour:
      return IsTimestamp(id);
    case Kind::kUnknown:
      return false;
  }
  throw InternalError("transform without a kind");
}

Type Transform::ResultType(const Type& source) const {
  switch (kind_) {
    case Kind::kIdentity:
    case Kind::kVoid:
    case Kind::kTruncate:
      return source;
    case Kind::kDay:
      return Type::Of(TypeId::kDate);
    case Kind::kBucket:
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kHour:
      return Type::Of(TypeId::kInt);
    case Kind::kUnknown:
      return Type::Of(TypeId::kUnknown);
  }
  throw InternalError("transform without a kind");
}

bool Transform::KeepsValues(const Type& from, const Type& to) const {
  if (from == to || (kind_ == Kind::kVoid && CanApplyTo(to))) {
    return true;
  }
  if (!CanApplyTo(from) || !CanApplyTo(to)) {
    return false;
  }
  // The number of a day is not that of its first microsecond, nor is its hash.
  const bool counted_otherwise = from.id() == TypeId::kDate;
  return !counted_otherwise || (kind_ != Kind::kIdentity && kind_ != Kind::kBucket);
}

std::optional<Literal> Transform::Apply(const Literal& value) const {
  switch (kind_) {
    case Kind::kIdentity:
      return value;
    case Kind::kVoid:
      return std::nullopt;
    case Kind::kBucket:
      return Literal::Int(BucketOf(BucketHash(value), parameter_));
    case Kind::kTruncate:
      return TruncateLiteral(value, parameter_);
    case Kind::kYear:
      return Literal::Int(static_cast<int32_t>(CivilFromDays(DaysOf(value)).year - 1970));
    case Kind::kMonth: {
      const CivilDate date = CivilFromDays(DaysOf(value));
      return Literal::Int(static_cast<int32_t>((date.year - 1970) * 12 + date.month - 1));
    }
    case Kind::kDay:
      return Literal::Date(static_cast<int32_t>(DaysOf(value)));
    case Kind::kHour:
      return Literal::Int(HoursOf(MicrosOf(value)));
    case Kind::kUnknown:
      break;
  }
  throw InternalError("transform without a kind");
}

std::string Transform::ToHumanString(const std::optional<Literal>& partition_value) const {
  if (!partition_value || kind_ == Kind::kVoid) {
    return "null";
  }
  const Literal& value = *partition_value;
  switch (kind_) {
    case Kind::kYear:
      return fmt::format("{:04}", 1970 + int64_t{value.get<int32_t>()});
    case Kind::kMonth:
      return MonthText(value.get<int32_t>());
    case Kind::kHour:
      return HourText(value.get<int32_t>());
    default:
      if (value.type().id() == TypeId::kFixed || value.type().id() == TypeId::kBinary) {
        return ToBase64(value.get<std::string>());
      }
      return value.ToString();
  }
}

int32_t BucketHash(const Literal& value) {
  switch (value.type().id()) {
    case TypeId::kInt:
    case TypeId::kDate:
      return Murmur3(int64_t{value.get<int32_t>()});
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return Murmur3(value.get<int64_t>());
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Murmur3(MicrosOf(value));
    case TypeId::kDecimal:
      return Murmur3(DecimalToBytes(value.get<Int128>()));
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary:
      return Murmur3(std::string_view(value.get<std::string>()));
    default:
      throw InternalError("a type that can't be bucketed");
  }
}

}  // namespace floe::inline v0
