#include "support/random_values.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

template <class Int>
Int RandomInteger(Rng& rng) {
  switch (rng.Below(4)) {
    case 0:
      return static_cast<Int>(rng.Between(-3, 3));
    case 1:
      return static_cast<Int>(rng.Between(-40, 40));
    case 2: {  // near an end
      const auto near = static_cast<Int>(rng.Below(12));
      return rng.OneIn(2) ? static_cast<Int>(std::numeric_limits<Int>::min() + near)
                          : static_cast<Int>(std::numeric_limits<Int>::max() - near);
    }
    default:
      return static_cast<Int>(rng.Next());
  }
}

template <class Float>
Float RandomFloat(Rng& rng) {
  const std::vector<Float> special = {Float{0},
                                      -Float{0},
                                      std::numeric_limits<Float>::quiet_NaN(),
                                      -std::numeric_limits<Float>::quiet_NaN(),
                                      std::numeric_limits<Float>::infinity(),
                                      -std::numeric_limits<Float>::infinity(),
                                      std::numeric_limits<Float>::max(),
                                      std::numeric_limits<Float>::lowest(),
                                      std::numeric_limits<Float>::denorm_min()};
  switch (rng.Below(3)) {
    case 0:
      return static_cast<Float>(rng.Between(-4, 4)) / 2;
    case 1:
      return rng.Pick(special);
    default: {
      const uint64_t bits = rng.Next();
      Float any{};
      std::memcpy(&any, &bits, sizeof(any));
      return any;
    }
  }
}

Int128 RandomUnscaled(Rng& rng, int precision) {
  const Int128 limit = PowerOfTen(precision);
  switch (rng.Below(3)) {
    case 0:
      return std::clamp<Int128>(rng.Between(-9, 9), 1 - limit, limit - 1);
    case 1:
      return rng.OneIn(2) ? limit - 1 : 1 - limit;
    default:
      return ((static_cast<Int128>(rng.Next()) << 62) ^ static_cast<Int128>(rng.Next())) %
             limit;
  }
}

int64_t RandomMicros(Rng& rng) {
  switch (rng.Below(3)) {
    case 0:
      return rng.Between(-3, 3) * kMicrosPerHour + rng.Between(-1, 1);
    case 1:
      return rng.Between(-800, 800) * kMicrosPerDay + rng.Between(-1, 1);
    default:
      return RandomInteger<int64_t>(rng);
  }
}

void AppendUtf8(uint32_t c, std::string* out) {
  const auto tail = [&](unsigned shift) {
    out->push_back(static_cast<char>(0x80U | ((c >> shift) & 0x3FU)));
  };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0U | (c >> 6U)));
    tail(0);
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0U | (c >> 12U)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0U | (c >> 18U)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string RandomBytes(Rng& rng, size_t max_size) {
  const size_t size = rng.Index(max_size + 1);
  if (rng.OneIn(3)) {
    return std::string(size, '\xff');
  }
  std::string bytes;
  for (size_t i = 0; i < size; ++i) {
    bytes.push_back(rng.OneIn(2) ? static_cast<char>('a' + rng.Below(2))
                                 : static_cast<char>(rng.Next()));
  }
  return bytes;
}

}  // namespace

std::vector<Type> AllPrimitiveTypes() {
  return {Type::Of(TypeId::kBoolean),
          Type::Of(TypeId::kInt),
          Type::Of(TypeId::kLong),
          Type::Of(TypeId::kFloat),
          Type::Of(TypeId::kDouble),
          Type::Decimal(1, 0),
          Type::Decimal(9, 2),
          Type::Decimal(18, 18),
          Type::Decimal(38, 10),
          Type::Of(TypeId::kDate),
          Type::Of(TypeId::kTime),
          Type::Of(TypeId::kTimestamp),
          Type::Of(TypeId::kTimestamptz),
          Type::Of(TypeId::kString),
          Type::Of(TypeId::kUuid),
          Type::Fixed(1),
          Type::Fixed(7),
          Type::Of(TypeId::kBinary)};
}

std::string RandomText(Rng& rng, size_t max_code_points) {
  // The last of each length, those around the surrogates, and what filters must quote.
  static const std::vector<uint32_t> code_points = {
      'a',  'b',  'a',   'b',   '\'',   '"',    '%',    '_',    '\\',    ' ',     0x7F,
      0x80, 0xE9, 0x7FF, 0x800, 0x4E2D, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
  std::string text;
  for (size_t left = rng.Index(max_code_points + 1); left > 0; --left) {
    AppendUtf8(rng.Pick(code_points), &text);
  }
  return text;
}

Literal RandomLiteral(Rng& rng, const Type& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return Literal::Boolean(rng.OneIn(2));
    case TypeId::kInt:
      return Literal::Int(RandomInteger<int32_t>(rng));
    case TypeId::kDate:
      return Literal::Date(RandomInteger<int32_t>(rng));
    case TypeId::kLong:
      return Literal::Long(RandomInteger<int64_t>(rng));
    case TypeId::kTime:
      return Literal::Of(type, rng.Between(0, kMicrosPerDay - 1));
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return Literal::Of(type, RandomMicros(rng));
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Literal::Of(type, RandomInteger<int64_t>(rng));
    case TypeId::kFloat:
      return Literal::Float(RandomFloat<float>(rng));
    case TypeId::kDouble:
      return Literal::Double(RandomFloat<double>(rng));
    case TypeId::kDecimal:
      return Literal::Of(type, RandomUnscaled(rng, type.precision()));
    case TypeId::kString:
      return Literal::String(RandomText(rng, 6));
    case TypeId::kUuid:
      return Literal::Of(type, rng.Bytes(16));
    case TypeId::kFixed:
      return Literal::Of(type, rng.Bytes(static_cast<size_t>(type.length())));
    default:
      return Literal::Binary(RandomBytes(rng, 6));
  }
}

namespace {

/// Makes schemas; ids are distinct but in no order.
class SchemaMaker {
 public:
  explicit SchemaMaker(Rng& rng) : rng_(rng) {}

  std::vector<Field> Fields(int depth) {
    std::vector<Field> fields;
    const size_t count = 1 + rng_.Index(5);
    for (size_t i = 0; i < count; ++i) {
      Field field = Make("c" + std::to_string(i) + RandomText(rng_, 3), depth);
      if (rng_.OneIn(3)) {
        field.doc = RandomText(rng_, 8);
      }
      if (rng_.OneIn(3)) {
        field.extras.emplace_back("x-default", "{\"a\":[1,null]}");
      }
      fields.push_back(std::move(field));
    }
    return fields;
  }

 private:
  Field Make(std::string name, int depth) {
    const int32_t id = NewId();
    return {id, std::move(name), RandomType(depth), rng_.OneIn(2), "", {}};
  }

  Type RandomType(int depth) {
    switch (depth == 0 ? 9 : rng_.Below(10)) {
      case 0:
      case 1:
        return Extended(Type::Struct(Fields(depth - 1)));
      case 2:
        return Extended(Type::List(Make("element", depth - 1)));
      case 3: {
        Field key = Make("key", depth - 1);
        key.required = true;
        Field value = Make("value", depth - 1);
        return Extended(Type::Map(std::move(key), std::move(value)));
      }
      default:
        return rng_.Pick(AllPrimitiveTypes());
    }
  }

  Type Extended(const Type& type) {
    return rng_.OneIn(3) ? type.WithExtras({{"x-nested", "{\"a\": null}"}}) : type;
  }

  int32_t NewId() {
    while (true) {
      const auto id = static_cast<int32_t>(rng_.Between(1, 5000));
      if (used_.insert(id).second) {
        return id;
      }
    }
  }

  Rng& rng_;
  std::set<int32_t> used_;
};

}  // namespace

Schema RandomSchema(Rng& rng) {
  SchemaMaker maker(rng);
  std::vector<Field> fields = maker.Fields(3);
  std::vector<int32_t> identifiers;
  for (const Field& field : fields) {
    const TypeId id = field.type.id();
    if (field.required && field.type.is_primitive() && id != TypeId::kFloat &&
        id != TypeId::kDouble) {
      identifiers.push_back(field.id);
    }
  }
  std::vector<std::pair<std::string, std::string>> extras;
  if (rng.OneIn(2)) {
    extras.emplace_back("x-unknown", "[1,2.50,\"\\u00e9\"]");
  }
  return Schema(std::move(fields), static_cast<int32_t>(rng.Below(100)), std::move(identifiers),
                std::move(extras));
}

namespace {

/// A literal that a filter may compare the column with, in a type of its own at times.
Literal LiteralForFilter(Rng& rng, const Type& type, const std::vector<Literal>& pool) {
  while (true) {
    Literal value = pool.empty() || rng.OneIn(3) ? RandomLiteral(rng, type) : rng.Pick(pool);
    if (!value.is_nan()) {
      return value;
    }
  }
}

/// The types that transforms make, and what filters can do with their values.
struct Seen {
  std::optional<Transform> transform;
  Type type;
  std::vector<Literal> pool;
};

Seen SeeThrough(const Transform& transform, const Type& type,
                const std::vector<Literal>& pool) {
  Seen seen{transform, transform.ResultType(type), {}};
  for (const Literal& value : pool) {
    if (auto made = transform.Apply(value)) {
      seen.pool.push_back(*std::move(made));
    }
  }
  return seen;
}

Seen RandomSight(Rng& rng, const Type& type, const std::vector<Literal>& pool) {
  if (!rng.OneIn(3)) {
    return {std::nullopt, type, pool};
  }
  return SeeThrough(rng.Pick(TransformsFor(type)), type, pool);
}

}  // namespace

std::vector<Transform> TransformsFor(const Type& type) {
  std::vector<Transform> suitable;
  for (const Transform& transform :
       {Transform::Identity(), Transform::Void(), Transform::Bucket(1), Transform::Bucket(7),
        Transform::Bucket(14), Transform::Truncate(1), Transform::Truncate(2),
        Transform::Truncate(3), Transform::Truncate(10), Transform::Truncate(INT32_MAX),
        Transform::Year(), Transform::Month(), Transform::Day(), Transform::Hour()}) {
    if (transform.CanApplyTo(type)) {
      suitable.push_back(transform);
    }
  }
  return suitable;
}

ExpressionPtr RandomPredicate(Rng& rng, const Field& field, const std::vector<Literal>& pool) {
  const Seen seen = RandomSight(rng, field.type, pool);
  std::vector<Operation> operations = {Operation::kIsNull,  Operation::kNotNull,
                                       Operation::kLess,    Operation::kLessOrEqual,
                                       Operation::kGreater, Operation::kGreaterOrEqual,
                                       Operation::kEqual,   Operation::kNotEqual,
                                       Operation::kIn,      Operation::kNotIn};
  const bool floating = seen.type.id() == TypeId::kFloat || seen.type.id() == TypeId::kDouble;
  if (floating) {
    operations.insert(operations.end(), {Operation::kIsNan, Operation::kNotNan});
  }
  if (seen.type.id() == TypeId::kString) {
    operations.insert(operations.end(), {Operation::kStartsWith, Operation::kNotStartsWith,
                                         Operation::kStartsWith, Operation::kNotStartsWith});
  }
  const Operation operation = rng.Pick(operations);
  std::vector<Literal> literals;
  if (operation == Operation::kIn || operation == Operation::kNotIn) {
    for (size_t left = 1 + rng.Index(4); left > 0; --left) {
      literals.push_back(LiteralForFilter(rng, seen.type, seen.pool));
    }
  } else if (operation >= Operation::kLess) {
    literals.push_back(LiteralForFilter(rng, seen.type, seen.pool));
  }
  return seen.transform ? Expression::TransformPredicate(operation, *seen.transform, field.name,
                                                         std::move(literals))
                        : Expression::Predicate(operation, field.name, std::move(literals));
}

ExpressionPtr RandomFilter(Rng& rng, const Field& field, const std::vector<Literal>& pool) {
  std::vector<ExpressionPtr> parts;
  for (size_t left = 1 + rng.Index(3); left > 0; --left) {
    ExpressionPtr part = RandomPredicate(rng, field, pool);
    parts.push_back(rng.OneIn(4) ? Expression::Not(std::move(part)) : std::move(part));
  }
  ExpressionPtr joined =
      rng.OneIn(2) ? Expression::And(std::move(parts)) : Expression::Or(std::move(parts));
  return rng.OneIn(5) ? Expression::Not(std::move(joined)) : joined;
}

}  // namespace floe::testing
