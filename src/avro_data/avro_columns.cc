#include "avro_data/avro_columns.h"

#include <arrow/array.h>
#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/key_value_metadata.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"

namespace floe::inline v0 {
namespace {

constexpr int kMaxDepth = 64;
/// Records can be named so that their number doubles with each level.
constexpr int kMaxTypes = 100'000;

/// A value of a union of null and another type; or of the type alone.
struct Nullable {
  const AvroSchema* schema;
  int64_t value_branch = -1;
  int64_t branch_count = 0;
};

std::optional<Nullable> NullableOf(const AvroSchema& schema) {
  if (schema.kind != AvroKind::kUnion) {
    return Nullable{&schema};
  }
  std::optional<Nullable> found;
  for (size_t i = 0; i < schema.branches.size(); ++i) {
    if (schema.branches[i]->kind != AvroKind::kNull) {
      if (found) {
        return std::nullopt;
      }
      found = Nullable{schema.branches[i].get(), static_cast<int64_t>(i),
                       static_cast<int64_t>(schema.branches.size())};
    }
  }
  return found;
}

/// A map whose keys are no texts: an array of records of key and value.
bool IsArrayOfPairs(const AvroSchema& schema) {
  return schema.kind == AvroKind::kArray && schema.logical_type == "map" &&
         schema.element().kind == AvroKind::kRecord && schema.element().fields.size() == 2;
}

/// Whether a field of a record inside a column is decoded: by its id, or as a part of a
/// variant, which has none.
bool IsDecoded(const AvroSchema& record, const AvroField& field) {
  return field.field_id || (record.logical_type == "variant" &&
                            (field.name == "metadata" || field.name == "value"));
}

std::shared_ptr<arrow::Field> WithId(const std::string& name,
                                     const std::shared_ptr<arrow::DataType>& type,
                                     bool nullable, std::optional<int32_t> id) {
  return arrow::field(
      name, type, nullable,
      id ? arrow::key_value_metadata({"PARQUET:field_id"}, {std::to_string(*id)}) : nullptr);
}

/// Finds the Arrow types of the columns of one file.
class TypeFinder {
 public:
  explicit TypeFinder(const std::string& location) : location_(location) {}

  std::shared_ptr<arrow::Field> FieldOf(const std::string& name, const AvroSchema& schema,
                                        std::optional<int32_t> id, const Type* wanted,
                                        int depth) {
    const auto value = NullableOf(schema);
    if (!value || depth > kMaxDepth || ++types_ > kMaxTypes) {
      Refuse(name, depth > kMaxDepth || types_ > kMaxTypes ? "too many types in one another"
                                                           : "a union of several types");
    }
    return WithId(name, TypeOf(name, *value->schema, wanted, depth),
                  value->schema != &schema || schema.kind == AvroKind::kNull, id);
  }

 private:
  [[noreturn]] void Refuse(const std::string& name, std::string_view what) const {
    throw UnsupportedError(fmt::format("column '{}' of data file {} is {}, which Iceberg has "
                                       "no type for",
                                       name, location_, what),
                           {.path = location_, .column = name});
  }

  std::shared_ptr<arrow::DataType> TypeOf(const std::string& name, const AvroSchema& schema,
                                          const Type* wanted, int depth) {
    switch (schema.kind) {
      case AvroKind::kNull:
        return arrow::null();
      case AvroKind::kBoolean:
        return arrow::boolean();
      case AvroKind::kInt:
        return schema.logical_type == "date"          ? arrow::date32()
               : schema.logical_type == "time-millis" ? arrow::time32(arrow::TimeUnit::MILLI)
                                                      : arrow::int32();
      case AvroKind::kLong:
        return LongType(schema, wanted);
      case AvroKind::kFloat:
        return arrow::float32();
      case AvroKind::kDouble:
        return arrow::float64();
      case AvroKind::kBytes:
        return schema.logical_type == "decimal" ? DecimalType(name, schema) : arrow::binary();
      case AvroKind::kString:
      case AvroKind::kEnum:
        return arrow::utf8();
      case AvroKind::kFixed:
        if (schema.logical_type == "decimal") {
          return DecimalType(name, schema);
        }
        if (schema.fixed_size < 1 || schema.fixed_size > INT32_MAX) {
          Refuse(name, "a fixed of such a size");
        }
        return arrow::fixed_size_binary(static_cast<int32_t>(schema.fixed_size));
      case AvroKind::kRecord:
        return StructType(schema, wanted, depth);
      case AvroKind::kArray:
        return ArrayType(name, schema, wanted, depth);
      case AvroKind::kMap: {
        const Type* value = wanted != nullptr && wanted->id() == TypeId::kMap
                                ? &wanted->fields()[1].type
                                : nullptr;
        return std::make_shared<arrow::MapType>(
            WithId("key", arrow::utf8(), false, schema.key_id),
            FieldOf("value", schema.element(), schema.value_id, value, depth + 1));
      }
      case AvroKind::kUnion:
        break;
    }
    Refuse(name, "a union of several types");
  }

  /// Timestamps of writers that do not know Iceberg's mark are of the zone that is wanted.
  static std::shared_ptr<arrow::DataType> LongType(const AvroSchema& schema,
                                                   const Type* wanted) {
    const std::string_view logical = schema.logical_type;
    if (logical == "time-micros") {
      return arrow::time64(arrow::TimeUnit::MICRO);
    }
    const bool local = logical.starts_with("local-timestamp-");
    if (!local && !logical.starts_with("timestamp-")) {
      return arrow::int64();
    }
    const auto unit = logical.ends_with("-millis")  ? arrow::TimeUnit::MILLI
                      : logical.ends_with("-nanos") ? arrow::TimeUnit::NANO
                                                    : arrow::TimeUnit::MICRO;
    const bool wants_zone = wanted != nullptr && (wanted->id() == TypeId::kTimestamptz ||
                                                  wanted->id() == TypeId::kTimestamptzNs);
    const bool zoned = !local && schema.adjust_to_utc.value_or(wants_zone);
    return zoned ? arrow::timestamp(unit, "UTC") : arrow::timestamp(unit);
  }

  std::shared_ptr<arrow::DataType> DecimalType(const std::string& name,
                                               const AvroSchema& schema) const {
    if (schema.precision < 1 || schema.precision > 38 || schema.scale < 0 ||
        schema.scale > schema.precision) {
      Refuse(name, fmt::format("decimal({}, {})", schema.precision, schema.scale));
    }
    return arrow::decimal128(schema.precision, schema.scale);
  }

  std::shared_ptr<arrow::DataType> StructType(const AvroSchema& schema, const Type* wanted,
                                              int depth) {
    arrow::FieldVector fields;
    for (const AvroField& field : schema.fields) {
      if (!IsDecoded(schema, field)) {
        continue;  // unknown to Iceberg
      }
      const Type* type = nullptr;
      if (wanted != nullptr && wanted->id() == TypeId::kStruct && field.field_id) {
        const auto found = std::ranges::find(wanted->fields(), *field.field_id, &Field::id);
        type = found == wanted->fields().end() ? nullptr : &found->type;
      }
      fields.push_back(FieldOf(field.name, *field.schema, field.field_id, type, depth + 1));
    }
    return arrow::struct_(fields);
  }

  std::shared_ptr<arrow::DataType> ArrayType(const std::string& name, const AvroSchema& schema,
                                             const Type* wanted, int depth) {
    if (schema.element().is_empty) {
      Refuse(name, "an array of values without bytes");
    }
    if (IsArrayOfPairs(schema)) {
      const bool is_map = wanted != nullptr && wanted->id() == TypeId::kMap;
      const AvroField& key = schema.element().fields[0];
      const AvroField& value = schema.element().fields[1];
      return std::make_shared<arrow::MapType>(
          FieldOf("key", *key.schema, key.field_id,
                  is_map ? &wanted->fields()[0].type : nullptr, depth + 1)
              ->WithNullable(false),
          FieldOf("value", *value.schema, value.field_id,
                  is_map ? &wanted->fields()[1].type : nullptr, depth + 1));
    }
    const Type* element = wanted != nullptr && wanted->id() == TypeId::kList
                              ? &wanted->fields()[0].type
                              : nullptr;
    return arrow::list(
        FieldOf("element", schema.element(), schema.element_id, element, depth + 1));
  }

  const std::string& location_;
  int types_ = 0;
};

using Step = std::function<void(AvroCursor&)>;

/// Fails as Arrow's builders do: only where memory or an offset of 32 bits is exceeded.
void Must(const arrow::Status& status) {
  ThrowIfNotOk(status, ArrowContext::Internal("building a column"));
}

template <class Builder, class Read>
Step Appending(arrow::ArrayBuilder* builder, const Read& read) {
  auto* typed = static_cast<Builder*>(builder);
  return [typed, read](AvroCursor& cursor) { Must(typed->Append(read(cursor))); };
}

Step StepFor(const AvroSchema& schema, arrow::ArrayBuilder* builder);

/// Text, which is UTF-8.
std::string_view ReadText(AvroCursor& cursor) {
  const std::string_view text = cursor.ReadBytes();
  if (!arrow::util::ValidateUTF8(text)) {
    cursor.Fail("a string is not UTF-8");
  }
  return text;
}

/// A decimal's bytes, big-endian two's complement of any length.
arrow::Decimal128 ReadDecimal(const AvroSchema& schema, int32_t precision, AvroCursor& cursor) {
  const std::string_view bytes = schema.kind == AvroKind::kFixed
                                     ? cursor.ReadFixed(static_cast<size_t>(schema.fixed_size))
                                     : cursor.ReadBytes();
  const auto value = DecimalFromBytes(bytes);
  if (!value || DecimalDigits(*value) > precision) {
    cursor.Fail("a decimal has more digits than its type");
  }
  return arrow::Decimal128(static_cast<int64_t>(*value >> 64U),
                           static_cast<uint64_t>(static_cast<UInt128>(*value)));
}

Step DecimalStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  auto* typed = static_cast<arrow::Decimal128Builder*>(builder);
  return [typed, &schema](AvroCursor& cursor) {
    Must(typed->Append(ReadDecimal(schema, schema.precision, cursor)));
  };
}

Step IntStep(arrow::ArrayBuilder* builder) {
  const auto read = [](AvroCursor& cursor) { return cursor.ReadInt(); };
  switch (builder->type()->id()) {
    case arrow::Type::DATE32:
      return Appending<arrow::Date32Builder>(builder, read);
    case arrow::Type::TIME32:
      return Appending<arrow::Time32Builder>(builder, read);
    default:
      return Appending<arrow::Int32Builder>(builder, read);
  }
}

Step LongStep(arrow::ArrayBuilder* builder) {
  const auto read = [](AvroCursor& cursor) { return cursor.ReadLong(); };
  switch (builder->type()->id()) {
    case arrow::Type::TIME64:
      return Appending<arrow::Time64Builder>(builder, read);
    case arrow::Type::TIMESTAMP:
      return Appending<arrow::TimestampBuilder>(builder, read);
    default:
      return Appending<arrow::Int64Builder>(builder, read);
  }
}

Step EnumStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  auto* typed = static_cast<arrow::StringBuilder*>(builder);
  return [typed, &schema](AvroCursor& cursor) {
    const int64_t symbol = cursor.ReadLong();
    if (symbol < 0 || symbol >= static_cast<int64_t>(schema.symbols.size())) {
      cursor.Fail("an enum's symbol does not exist");
    }
    Must(typed->Append(schema.symbols[static_cast<size_t>(symbol)]));
  };
}

Step StructStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  auto* typed = static_cast<arrow::StructBuilder*>(builder);
  std::vector<Step> steps;
  int child = 0;
  for (const AvroField& field : schema.fields) {
    if (IsDecoded(schema, field)) {
      steps.push_back(StepFor(*field.schema, typed->field_builder(child++)));
    } else {
      const AvroSchema* passed = field.schema.get();
      steps.emplace_back([passed](AvroCursor& cursor) { cursor.Skip(*passed); });
    }
  }
  return [typed, steps = std::move(steps)](AvroCursor& cursor) {
    Must(typed->Append());
    for (const Step& step : steps) {
      step(cursor);
    }
  };
}

Step ListStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  auto* typed = static_cast<arrow::ListBuilder*>(builder);
  return
      [typed, element = StepFor(schema.element(), typed->value_builder())](AvroCursor& cursor) {
        Must(typed->Append());
        while (int64_t count = cursor.ReadBlockCount()) {
          for (; count > 0; --count) {
            element(cursor);
          }
        }
      };
}

Step MapStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  auto* typed = static_cast<arrow::MapBuilder*>(builder);
  Step key;
  Step item;
  if (schema.kind == AvroKind::kMap) {
    key = Appending<arrow::StringBuilder>(typed->key_builder(), ReadText);
    item = StepFor(schema.element(), typed->item_builder());
  } else {
    key = StepFor(*schema.element().fields[0].schema, typed->key_builder());
    item = StepFor(*schema.element().fields[1].schema, typed->item_builder());
  }
  return [typed, key, item](AvroCursor& cursor) {
    Must(typed->Append());
    while (int64_t count = cursor.ReadBlockCount()) {
      for (; count > 0; --count) {
        key(cursor);
        item(cursor);
      }
    }
  };
}

Step ValueStep(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  const auto bytes = [](AvroCursor& cursor) { return cursor.ReadBytes(); };
  switch (schema.kind) {
    case AvroKind::kBoolean:
      return Appending<arrow::BooleanBuilder>(
          builder, [](AvroCursor& cursor) { return cursor.ReadBoolean(); });
    case AvroKind::kInt:
      return IntStep(builder);
    case AvroKind::kLong:
      return LongStep(builder);
    case AvroKind::kFloat:
      return Appending<arrow::FloatBuilder>(
          builder, [](AvroCursor& cursor) { return cursor.ReadFixedWidth<float>(); });
    case AvroKind::kDouble:
      return Appending<arrow::DoubleBuilder>(
          builder, [](AvroCursor& cursor) { return cursor.ReadFixedWidth<double>(); });
    case AvroKind::kBytes:
      return schema.logical_type == "decimal" ? DecimalStep(schema, builder)
                                              : Appending<arrow::BinaryBuilder>(builder, bytes);
    case AvroKind::kString:
      return Appending<arrow::StringBuilder>(builder, ReadText);
    case AvroKind::kEnum:
      return EnumStep(schema, builder);
    case AvroKind::kFixed: {
      if (schema.logical_type == "decimal") {
        return DecimalStep(schema, builder);
      }
      const auto size = static_cast<size_t>(schema.fixed_size);
      return Appending<arrow::FixedSizeBinaryBuilder>(
          builder, [size](AvroCursor& cursor) { return cursor.ReadFixed(size); });
    }
    case AvroKind::kRecord:
      return StructStep(schema, builder);
    case AvroKind::kArray:
      return IsArrayOfPairs(schema) ? MapStep(schema, builder) : ListStep(schema, builder);
    case AvroKind::kMap:
      return MapStep(schema, builder);
    case AvroKind::kNull:
    case AvroKind::kUnion:
      break;
  }
  return [builder](AvroCursor&) { Must(builder->AppendNull()); };
}

// NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks): the analyzer loses std::function
Step StepFor(const AvroSchema& schema, arrow::ArrayBuilder* builder) {
  const auto value = NullableOf(schema);
  if (!value || value->value_branch < 0) {
    return ValueStep(schema, builder);
  }
  return [builder, at = value->value_branch, count = value->branch_count,
          step = ValueStep(*value->schema, builder)](AvroCursor& cursor) {
    const int64_t branch = cursor.ReadLong();
    if (branch < 0 || branch >= count) {
      cursor.Fail("a union's branch does not exist");
    }
    if (branch == at) {
      step(cursor);
    } else {
      Must(builder->AppendNull());
    }
  };
}
// NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)

/// The type of a wanted column; null if nobody wants it.
const Type* WantedType(int32_t id, const std::vector<SchemaPtr>& wanted) {
  for (const SchemaPtr& schema : wanted) {
    if (schema == nullptr) {
      continue;
    }
    const auto found = std::ranges::find(schema->fields(), id, &Field::id);
    if (found != schema->fields().end()) {
      return &found->type;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<AvroColumn> MakeAvroColumns(const AvroSchema& file,
                                        const std::vector<SchemaPtr>& wanted,
                                        const std::string& location) {
  if (file.kind != AvroKind::kRecord || file.is_empty) {
    throw CorruptFileError(
        fmt::format(
            "data file {} has no rows: its Avro schema is that of no record with values",
            location),
        {.path = location});
  }
  TypeFinder finder(location);
  std::vector<AvroColumn> columns;
  for (const AvroField& field : file.fields) {
    const Type* type = field.field_id ? WantedType(*field.field_id, wanted) : nullptr;
    columns.push_back(
        {field.schema,
         type == nullptr ? nullptr
                         : finder.FieldOf(field.name, *field.schema, field.field_id, type, 0)});
  }
  return columns;
}

AvroRowBuilder::AvroRowBuilder(const std::vector<AvroColumn>& columns) {
  arrow::util::InitializeUTF8();
  arrow::FieldVector fields;
  for (const AvroColumn& column : columns) {
    const AvroSchema* schema = column.schema.get();
    if (column.field == nullptr) {
      steps_.emplace_back([schema](AvroCursor& cursor) { cursor.Skip(*schema); });
      continue;
    }
    fields.push_back(column.field);
    builders_.push_back(ValueOrThrow(arrow::MakeBuilder(column.field->type(), BufferPool()),
                                     ArrowContext::Internal("making the builder of a column")));
    steps_.push_back(StepFor(*schema, builders_.back().get()));
  }
  schema_ = arrow::schema(std::move(fields));
}

AvroRowBuilder::~AvroRowBuilder() = default;

void AvroRowBuilder::Append(AvroCursor& cursor) {
  for (const Step& step : steps_) {
    step(cursor);
  }
  ++row_count_;
}

std::shared_ptr<arrow::RecordBatch> AvroRowBuilder::Finish() {
  arrow::ArrayVector arrays;
  for (const auto& builder : builders_) {
    arrays.push_back(
        ValueOrThrow(builder->Finish(), ArrowContext::Internal("finishing a column")));
  }
  return arrow::RecordBatch::Make(schema_, std::exchange(row_count_, 0), std::move(arrays));
}

}  // namespace floe::inline v0
