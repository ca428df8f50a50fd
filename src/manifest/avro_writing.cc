#include "manifest/avro_writing.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// Big-endian two's complement in as many bytes as all values of the decimal type need.
std::string DecimalAsFixed(const Literal& decimal) {
  const auto value = decimal.get<Int128>();
  const auto size = static_cast<size_t>(DecimalRequiredBytes(decimal.type().precision()));
  const std::string bytes = DecimalToBytes(value);
  if (bytes.size() > size) {
    throw UnsupportedError(fmt::format(
        "a partition value has more digits than {}, which the truncate transform may lead to; "
        "give the column a higher precision or partition by something else",
        decimal.type().ToString()));
  }
  return std::string(size - bytes.size(), value < 0 ? '\xff' : '\0') + bytes;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void PutLiteral(const Literal& value, std::string* out) {
  switch (value.type().id()) {
    case TypeId::kBoolean:
      PutBoolean(value.get<bool>(), out);
      return;
    case TypeId::kInt:
    case TypeId::kDate:
      PutLong(value.get<int32_t>(), out);
      return;
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      PutLong(value.get<int64_t>(), out);
      return;
    case TypeId::kFloat:
      AppendLittleEndian(value.get<float>(), out);
      return;
    case TypeId::kDouble:
      AppendLittleEndian(value.get<double>(), out);
      return;
    case TypeId::kDecimal:
      out->append(DecimalAsFixed(value));
      return;
    case TypeId::kUuid:
    case TypeId::kFixed:
      out->append(value.get<std::string>());
      return;
    default:
      PutBytes(value.get<std::string>(), out);
  }
}

std::string AvroTypeJson(const Type& type, std::string_view name_suffix) {
  switch (type.id()) {
    case TypeId::kDate:
      return R"({"type":"int","logicalType":"date"})";
    case TypeId::kTime:
      return R"({"type":"long","logicalType":"time-micros"})";
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return fmt::format(
          R"({{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":{}}})",
          type.id() == TypeId::kTimestamptz);
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return fmt::format(
          R"({{"type":"long","logicalType":"timestamp-nanos","adjust-to-utc":{}}})",
          type.id() == TypeId::kTimestamptzNs);
    case TypeId::kDecimal:
      return fmt::format(
          R"({{"type":"fixed","name":"decimal_{0}_{1}{3}","size":{2},"logicalType":"decimal","precision":{0},"scale":{1}}})",
          type.precision(), type.scale(), DecimalRequiredBytes(type.precision()), name_suffix);
    case TypeId::kUuid:
      return fmt::format(
          R"({{"type":"fixed","name":"uuid_fixed{}","size":16,"logicalType":"uuid"}})",
          name_suffix);
    case TypeId::kFixed:
      return fmt::format(R"({{"type":"fixed","name":"fixed_{0}{1}","size":{0}}})",
                         type.length(), name_suffix);
    case TypeId::kBinary:
      return R"("bytes")";
    case TypeId::kUnknown:
      return R"("int")";  // of an optional field that is always null
    default:
      Check(type.is_primitive(), "a partition value is a primitive");
      return "\"" + type.ToString() + "\"";
  }
}

std::string AvroName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (IsLetter(c) || (IsDigit(c) && !out.empty())) {
      out.push_back(c);
    } else if (IsDigit(c)) {
      out += fmt::format("_{}", c);
    } else {
      out += fmt::format("_x{:X}", static_cast<uint8_t>(c));
    }
  }
  return out.empty() ? "_" : out;
}

void AvroSchemaWriter::Begin(std::string_view record_name) {
  writer_.BeginObject().Member("type", "record").Member("name", record_name);
  writer_.Key("fields").BeginArray();
}

void AvroSchemaWriter::Field(std::string_view name, int32_t field_id,
                             std::string_view type_json, std::string_view doc) {
  writer_.BeginObject().Member("name", name).Key("type").Raw(type_json);
  EndField(field_id, doc);
}

void AvroSchemaWriter::OptionalField(std::string_view name, int32_t field_id,
                                     std::string_view type_json, std::string_view doc) {
  writer_.BeginObject().Member("name", name).Key("type").BeginArray();
  writer_.String("null").Raw(type_json).EndArray().Key("default").Null();
  EndField(field_id, doc);
}

void AvroSchemaWriter::EndField(int32_t field_id, std::string_view doc) {
  if (!doc.empty()) {
    writer_.Member("doc", doc);
  }
  writer_.Member("field-id", field_id).EndObject();
}

std::string AvroSchemaWriter::Finish() {
  writer_.EndArray().EndObject();
  return std::exchange(writer_, JsonWriter()).Take();
}

std::string AvroSchemaWriter::MapJson(int32_t key_id, int32_t value_id,
                                      std::string_view value_type) {
  AvroSchemaWriter pair;
  pair.Begin(fmt::format("k{}_v{}", key_id, value_id));
  pair.Field("key", key_id, "\"int\"");
  pair.Field("value", value_id, value_type);
  return fmt::format(R"({{"type":"array","logicalType":"map","items":{}}})", pair.Finish());
}

std::string AvroSchemaWriter::ListJson(int32_t element_id, std::string_view element_type) {
  return fmt::format(R"({{"type":"array","items":{},"element-id":{}}})", element_type,
                     element_id);
}

}  // namespace floe::inline v0
