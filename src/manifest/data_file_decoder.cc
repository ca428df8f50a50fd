#include "manifest/data_file_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "base/text.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/expr/prune.h"
#include "floe/manifest/data_file.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/type.h"
#include "manifest/avro_field.h"
#include "manifest/manifest_fields.h"
#include "manifest/manifest_schema.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

namespace {

bool IsCountMap(int32_t id) {
  return id == ids::kColumnSizes || id == ids::kValueCounts || id == ids::kNullValueCounts ||
         id == ids::kNanValueCounts;
}
bool IsBoundMap(int32_t id) { return id == ids::kLowerBounds || id == ids::kUpperBounds; }

bool HoldsMetric(const AvroSchema& value, bool bytes) {
  return bytes ? value.kind == AvroKind::kBytes || value.kind == AvroKind::kString
               : value.kind == AvroKind::kInt || value.kind == AvroKind::kLong;
}

/// A map with int keys is an array of records of key and value, in that order; a map of Avro,
/// whose keys are texts, is taken as well.
bool IsMapOf(const AvroSchema& schema, bool bytes) {
  if (schema.kind == AvroKind::kMap) {
    return HoldsMetric(schema.element(), bytes);
  }
  if (schema.kind != AvroKind::kArray || schema.element().kind != AvroKind::kRecord ||
      schema.element().fields.size() != 2) {
    return false;
  }
  const auto& fields = schema.element().fields;
  const AvroKind key = fields[0].schema->kind;
  return fields[0].name != "value" && (key == AvroKind::kInt || key == AvroKind::kLong) &&
         HoldsMetric(*fields[1].schema, bytes);
}

bool IsArrayOfIntegers(const AvroSchema& schema) {
  return schema.kind == AvroKind::kArray &&
         (schema.element().kind == AvroKind::kInt || schema.element().kind == AvroKind::kLong);
}

/// Whether a known field has a type that the decoder can read.
bool FitsRole(const OptionalAvroField& field) {
  switch (field.field_id) {
    case ids::kFilePath:
    case ids::kFileFormat:
    case ids::kKeyMetadata:
    case ids::kReferencedDataFile:
      return field.is_bytes();
    case ids::kContent:
    case ids::kRecordCount:
    case ids::kFileSize:
    case ids::kSortOrderId:
    case ids::kFirstRowId:
    case ids::kContentOffset:
    case ids::kContentSize:
      return field.is_integer();
    case ids::kPartition:
      return field.schema->kind == AvroKind::kRecord && !field.is_union();
    case ids::kSplitOffsets:
    case ids::kEqualityIds:
      return IsArrayOfIntegers(*field.schema);
    default:
      if (IsCountMap(field.field_id) || IsBoundMap(field.field_id)) {
        return IsMapOf(*field.schema, IsBoundMap(field.field_id));
      }
      return true;
  }
}

/// Whether partition values of `type` can be written as `schema`. Day values are dates or
/// plain ints, both are met.
bool CanHold(const AvroSchema& schema, const Type& type) {
  if (schema.kind == AvroKind::kNull) {
    return true;  // as Spark writes fields whose source column is gone
  }
  switch (type.id()) {
    case TypeId::kUnknown:
      return true;
    case TypeId::kBoolean:
      return schema.kind == AvroKind::kBoolean;
    case TypeId::kInt:
    case TypeId::kDate:
      return schema.kind == AvroKind::kInt;
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return schema.kind == AvroKind::kLong || schema.kind == AvroKind::kInt;
    case TypeId::kFloat:
      return schema.kind == AvroKind::kFloat;
    case TypeId::kDouble:
      return schema.kind == AvroKind::kDouble || schema.kind == AvroKind::kFloat;
    case TypeId::kDecimal:
      return schema.kind == AvroKind::kBytes ||
             (schema.kind == AvroKind::kFixed && schema.fixed_size >= 1 &&
              schema.fixed_size <= static_cast<int64_t>(sizeof(Int128)));
    case TypeId::kUuid:
      return schema.kind == AvroKind::kFixed && schema.fixed_size == 16;
    case TypeId::kFixed:
      return schema.kind == AvroKind::kFixed && schema.fixed_size == type.length();
    default:
      return schema.kind == AvroKind::kString || schema.kind == AvroKind::kBytes;
  }
}

FileFormat ParseFormat(std::string_view name, const AvroCursor& cursor) {
  for (const FileFormat format :
       {FileFormat::kParquet, FileFormat::kAvro, FileFormat::kOrc, FileFormat::kPuffin}) {
    if (EqualsIgnoringCase(name, FileFormatName(format))) {
      return format;
    }
  }
  cursor.Fail("a file format that floe does not know");
}

FileContent ParseContent(int64_t value, const AvroCursor& cursor) {
  if (value < 0 || value > 2) {
    cursor.Fail("a file content that floe does not know");
  }
  return static_cast<FileContent>(value);
}

/// A key of a map of Avro: a column's id as text.
int64_t ReadTextKey(AvroCursor& cursor) {
  const std::string_view text = cursor.ReadBytes();
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), id);
  if (error != std::errc() || end != text.end()) {
    cursor.Fail("a map of columns with a key that is no id");
  }
  return id;
}

/// Calls `on_key(id)` for each pair; it must read the value.
template <class OnKey>
void ForEachPair(const AvroSchema& map, AvroCursor& cursor, const OnKey& on_key) {
  const bool text_keys = map.kind == AvroKind::kMap;
  while (int64_t count = cursor.ReadBlockCount()) {
    for (; count > 0; --count) {
      on_key(text_keys ? ReadTextKey(cursor) : cursor.ReadLong());
    }
  }
}

template <class Int>
void ReadIntegers(AvroCursor& cursor, std::vector<Int>* out) {
  while (int64_t count = cursor.ReadBlockCount()) {
    for (; count > 0; --count) {
      out->push_back(static_cast<Int>(cursor.ReadLong()));
    }
  }
}

/// A row id, an offset or a size.
int64_t ReadPlace(AvroCursor& cursor) {
  const int64_t value = cursor.ReadLong();
  if (value < 0) {
    cursor.Fail("a negative row id, offset or size");
  }
  return value;
}

std::optional<int64_t>* CountSlot(int32_t map_id, ColumnStatistics* column) {
  switch (map_id) {
    case ids::kValueCounts:
      return &column->value_count;
    case ids::kNullValueCounts:
      return &column->null_count;
    case ids::kNanValueCounts:
      return &column->nan_count;
    default:
      return nullptr;
  }
}

/// Gathers from one metrics map what `statistics` wants, passing over the rest.
void GatherStatistics(const OptionalAvroField& field, AvroCursor& cursor,
                      StatisticsSlots* statistics) {
  if (IsBoundMap(field.field_id)) {
    ForEachPair(*field.schema, cursor, [&](int64_t id) {
      const std::string_view bytes = cursor.ReadBytes();
      if (ColumnStatistics* column = statistics->Find(id)) {
        (field.field_id == ids::kLowerBounds ? column->lower_bound : column->upper_bound) =
            bytes;
      }
    });
    return;
  }
  ForEachPair(*field.schema, cursor, [&](int64_t id) {
    ColumnStatistics* column = statistics->Find(id);
    std::optional<int64_t>* slot =
        column == nullptr ? nullptr : CountSlot(field.field_id, column);
    if (slot == nullptr) {
      cursor.SkipLong();
    } else {
      *slot = cursor.ReadLong();
    }
  });
}

/// Passes over a metrics map.
void SkipMetricMap(const OptionalAvroField& field, AvroCursor& cursor) {
  const bool bounds = IsBoundMap(field.field_id);
  ForEachPair(*field.schema, cursor, [&](int64_t) {
    if (bounds) {
      cursor.ReadBytes();
    } else {
      cursor.SkipLong();
    }
  });
}

}  // namespace

std::string_view FileFormatName(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet:
      return "PARQUET";
    case FileFormat::kAvro:
      return "AVRO";
    case FileFormat::kOrc:
      return "ORC";
    case FileFormat::kPuffin:
      return "PUFFIN";
  }
  throw InternalError("file format without a name");
}

void FileOutline::Clear() {
  std::vector<int32_t> kept = std::move(equality_ids);
  kept.clear();
  *this = {};
  equality_ids = std::move(kept);
}

DataFileDecoder::DataFileDecoder(AvroSchemaPtr owner, const AvroSchema& record,
                                 const Type& partition_type, int32_t spec_id,
                                 const std::string& location)
    : owner_(std::move(owner)), partition_type_(partition_type), spec_id_(spec_id) {
  fields_ = FieldsOf(record, KnownDataFileFields());
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!FitsRole(fields_[i])) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: field '{}' (id {}) of its data files has a type "
                      "that the Iceberg specification does not allow",
                      location, record.fields[i].name, fields_[i].field_id),
          {.path = location});
    }
    if (fields_[i].field_id == ids::kPartition) {
      AddPartitionSlots(*fields_[i].schema, location);
    }
  }
  for (const int32_t required :
       {ids::kFilePath, ids::kFileFormat, ids::kRecordCount, ids::kFileSize}) {
    if (std::ranges::none_of(fields_, [&](const OptionalAvroField& field) {
          return field.field_id == required;
        })) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: its data files lack the field with id {}", location,
                      required),
          {.path = location});
    }
  }
}

void DataFileDecoder::AddPartitionSlots(const AvroSchema& record, const std::string& location) {
  for (const AvroField& field : record.fields) {
    const auto& wanted = partition_type_.fields();
    const auto match = std::ranges::find_if(wanted, [&](const Field& candidate) {
      return field.field_id ? candidate.id == *field.field_id : candidate.name == field.name;
    });
    PartitionSlot slot{OptionalAvroField::Of(field),
                       static_cast<size_t>(match - wanted.begin()), match != wanted.end()};
    if (slot.known && match->type.id() == TypeId::kUnknown) {
      // Of a transform that is not known: good for telling partitions apart, if it can be.
      slot.known = slot.field.schema->kind < AvroKind::kEnum;
    }
    const bool fits = !slot.known || CanHold(*slot.field.schema, match->type);
    // A column whose type was unknown is an int in manifests, until it is promoted.
    slot.is_null = !fits && slot.field.schema->kind == AvroKind::kInt;
    if (!fits && !slot.is_null) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: partition field '{}' has an Avro type that can't "
                      "hold {}",
                      location, field.name, match->type.ToString()),
          {.path = location});
    }
    partition_slots_.push_back(slot);
  }
}

RawPartitionValue DataFileDecoder::ReadPartitionValue(const OptionalAvroField& field,
                                                      AvroCursor& cursor) const {
  using Kind = RawPartitionValue::Kind;
  RawPartitionValue value;
  if (!field.HasValue(cursor) || field.schema->kind == AvroKind::kNull) {
    return value;
  }
  switch (field.schema->kind) {
    case AvroKind::kBoolean:
      value.kind = Kind::kInteger;
      value.integer = cursor.ReadBoolean() ? 1 : 0;
      return value;
    case AvroKind::kInt:
      value.kind = Kind::kInteger;
      value.integer = cursor.ReadInt();
      return value;
    case AvroKind::kLong:
      value.kind = Kind::kInteger;
      value.integer = cursor.ReadLong();
      return value;
    case AvroKind::kFloat:
      value.kind = Kind::kDouble;
      value.floating = static_cast<double>(cursor.ReadFixedWidth<float>());
      return value;
    case AvroKind::kDouble:
      value.kind = Kind::kDouble;
      value.floating = cursor.ReadFixedWidth<double>();
      return value;
    case AvroKind::kFixed:
      value.kind = Kind::kBytes;
      value.bytes = cursor.ReadFixed(static_cast<size_t>(field.schema->fixed_size));
      return value;
    case AvroKind::kNull:
      return value;
    default:
      value.kind = Kind::kBytes;
      value.bytes = cursor.ReadBytes();
      return value;
  }
}

void DataFileDecoder::ReadPartition(AvroCursor& cursor,
                                    std::vector<RawPartitionValue>* partition) const {
  for (const PartitionSlot& slot : partition_slots_) {
    if (!slot.known) {
      if (slot.field.HasValue(cursor)) {
        cursor.Skip(*slot.field.schema);
      }
    } else if (slot.is_null) {
      if (slot.field.HasValue(cursor)) {
        cursor.Fail("a partition value of another type than its field's");
      }
    } else {
      (*partition)[slot.index] = ReadPartitionValue(slot.field, cursor);
    }
  }
}

void DataFileDecoder::DecodeOutline(AvroCursor& cursor, FileOutline* outline,
                                    std::vector<RawPartitionValue>* partition,
                                    StatisticsSlots* statistics) const {
  outline->Clear();
  partition->assign(partition_type_.fields().size(), {});
  statistics->Clear();
  for (const OptionalAvroField& field : fields_) {
    if (!field.HasValue(cursor)) {
      continue;
    }
    switch (field.field_id) {
      case ids::kContent:
        outline->content = ParseContent(cursor.ReadLong(), cursor);
        break;
      case ids::kFilePath:
        outline->path = cursor.ReadBytes();
        break;
      case ids::kFileFormat:
        outline->format = ParseFormat(cursor.ReadBytes(), cursor);
        break;
      case ids::kPartition:
        ReadPartition(cursor, partition);
        break;
      case ids::kRecordCount:
        outline->record_count = cursor.ReadLong();
        break;
      case ids::kFileSize:
        outline->file_size = cursor.ReadLong();
        break;
      case ids::kFirstRowId:
        outline->first_row_id = ReadPlace(cursor);
        break;
      case ids::kReferencedDataFile:
        outline->referenced_data_file = cursor.ReadBytes();
        break;
      case ids::kContentOffset:
        outline->content_offset = ReadPlace(cursor);
        break;
      case ids::kContentSize:
        outline->content_size_in_bytes = ReadPlace(cursor);
        break;
      case ids::kEqualityIds:
        ReadIntegers(cursor, &outline->equality_ids);
        break;
      default:
        if (!IsCountMap(field.field_id) && !IsBoundMap(field.field_id)) {
          cursor.Skip(*field.schema);
        } else if (statistics->empty() || field.field_id == ids::kColumnSizes) {
          SkipMetricMap(field, cursor);
        } else {
          GatherStatistics(field, cursor, statistics);
        }
    }
  }
  if (outline->path.empty()) {
    cursor.Fail("a data file without a path");
  }
  if (outline->record_count < 0 || outline->file_size < 0) {
    cursor.Fail("a data file with a negative number of rows or bytes");
  }
  statistics->Reset(outline->record_count);
}

void DataFileDecoder::DecodeMetric(const OptionalAvroField& field, AvroCursor& cursor,
                                   MetricsById* metrics) const {
  ForEachPair(*field.schema, cursor, [&](int64_t id) {
    ColumnMetrics& column = (*metrics)[static_cast<int32_t>(id)];
    switch (field.field_id) {
      case ids::kColumnSizes:
        column.size_bytes = cursor.ReadLong();
        return;
      case ids::kValueCounts:
        column.value_count = cursor.ReadLong();
        return;
      case ids::kNullValueCounts:
        column.null_count = cursor.ReadLong();
        return;
      case ids::kNanValueCounts:
        column.nan_count = cursor.ReadLong();
        return;
      case ids::kLowerBounds:
        column.lower_bound = cursor.ReadBytes();
        return;
      default:
        column.upper_bound = cursor.ReadBytes();
    }
  });
}

// NOLINTNEXTLINE(readability-function-size): a case for each field
DataFile DataFileDecoder::Decode(std::string_view bytes) const {
  AvroCursor cursor(bytes);
  DataFile file;
  file.spec_id = spec_id_;
  file.partition.resize(partition_type_.fields().size());
  std::vector<RawPartitionValue> partition;
  for (const OptionalAvroField& field : fields_) {
    if (!field.HasValue(cursor)) {
      continue;
    }
    switch (field.field_id) {
      case ids::kContent:
        file.content = ParseContent(cursor.ReadLong(), cursor);
        break;
      case ids::kFilePath:
        file.file_path = cursor.ReadBytes();
        break;
      case ids::kFileFormat:
        file.file_format = ParseFormat(cursor.ReadBytes(), cursor);
        break;
      case ids::kPartition:
        partition.assign(file.partition.size(), {});
        ReadPartition(cursor, &partition);
        for (size_t i = 0; i < partition.size(); ++i) {
          file.partition[i] = PartitionLiteral(partition_type_.fields()[i].type, partition[i]);
        }
        break;
      case ids::kRecordCount:
        file.record_count = cursor.ReadLong();
        break;
      case ids::kFileSize:
        file.file_size_in_bytes = cursor.ReadLong();
        break;
      case ids::kKeyMetadata:
        file.key_metadata = cursor.ReadBytes();
        break;
      case ids::kSplitOffsets:
        ReadIntegers(cursor, &file.split_offsets);
        break;
      case ids::kEqualityIds:
        ReadIntegers(cursor, &file.equality_ids);
        break;
      case ids::kSortOrderId:
        file.sort_order_id = cursor.ReadInt();
        break;
      case ids::kFirstRowId:
        file.first_row_id = ReadPlace(cursor);
        break;
      case ids::kReferencedDataFile:
        file.referenced_data_file = cursor.ReadBytes();
        break;
      case ids::kContentOffset:
        file.content_offset = ReadPlace(cursor);
        break;
      case ids::kContentSize:
        file.content_size_in_bytes = ReadPlace(cursor);
        break;
      default:
        if (IsCountMap(field.field_id) || IsBoundMap(field.field_id)) {
          DecodeMetric(field, cursor, &file.metrics);
        } else {
          cursor.Skip(*field.schema);
        }
    }
  }
  return file;
}

std::optional<Literal> PartitionLiteral(const Type& type, const RawPartitionValue& value) {
  if (value.kind == RawPartitionValue::Kind::kNull) {
    return std::nullopt;
  }
  switch (type.id()) {
    case TypeId::kUnknown:
      // Good for telling partitions apart.
      return value.kind == RawPartitionValue::Kind::kInteger ? Literal::Long(value.integer)
             : value.kind == RawPartitionValue::Kind::kDouble
                 ? Literal::Double(value.floating)
                 : Literal::Binary(std::string(value.bytes));
    case TypeId::kBoolean:
      return Literal::Boolean(value.integer != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      return Literal::Of(type, static_cast<int32_t>(value.integer));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Literal::Of(type, value.integer);
    case TypeId::kFloat:
      return Literal::Float(static_cast<float>(value.floating));
    case TypeId::kDouble:
      return Literal::Double(value.floating);
    default: {
      auto literal = LiteralFromBytes(type, value.bytes);
      if (!literal) {
        throw AvroDataError{"a partition value has a length that its type does not allow", 0};
      }
      return literal;
    }
  }
}

}  // namespace floe::inline v0
