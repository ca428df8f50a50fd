// Variants in parts, as parquet-format's VariantShredding.md stores them, put together again.

#include "parquet/variant_columns.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/variant/variant.h"
#include "variant/variant_encoding.h"

namespace floe::testing {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

/// Encoded values of JSON texts without objects; nothing for a null.
ArrayPtr Values(const std::vector<std::optional<std::string>>& json) {
  arrow::BinaryBuilder builder;
  for (const auto& text : json) {
    const arrow::Status status =
        text ? builder.Append(VariantFromJson(*text).value) : builder.AppendNull();
    EXPECT_TRUE(status.ok());
  }
  return builder.Finish().ValueOrDie();
}

ArrayPtr Repeated(const std::string& bytes, int64_t count) {
  arrow::BinaryBuilder builder;
  for (int64_t i = 0; i < count; ++i) {
    EXPECT_TRUE(builder.Append(bytes).ok());
  }
  return builder.Finish().ValueOrDie();
}

ArrayPtr FromText(const std::shared_ptr<arrow::DataType>& type, std::string_view json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

ArrayPtr Group(const std::vector<std::string>& names, const arrow::ArrayVector& arrays,
               const std::vector<bool>& valid = {}) {
  std::shared_ptr<arrow::Buffer> validity;
  if (!valid.empty()) {
    arrow::TypedBufferBuilder<bool> bits;
    for (const bool bit : valid) {
      EXPECT_TRUE(bits.Append(bit).ok());
    }
    validity = bits.Finish().ValueOrDie();
  }
  return arrow::StructArray::Make(arrays, names, validity).ValueOrDie();
}

/// What is stored, as JSON; "NULL" for rows that are null.
std::vector<std::string> Assembled(const ArrayPtr& stored) {
  const ArrayPtr variants = AssembleVariants(stored);
  EXPECT_TRUE(variants->type()->Equals(*VariantArrowType()));
  EXPECT_TRUE(variants->ValidateFull().ok());
  const auto storage = std::static_pointer_cast<arrow::StructArray>(variants);
  const auto& metadata = static_cast<const arrow::BinaryArray&>(*storage->field(0));
  const auto& values = static_cast<const arrow::BinaryArray&>(*storage->field(1));
  std::vector<std::string> rows;
  for (int64_t i = 0; i < storage->length(); ++i) {
    rows.push_back(storage->IsNull(i) ? "NULL"
                                      : VariantToJson(metadata.GetView(i), values.GetView(i)));
  }
  return rows;
}

const Variant kNoNames = VariantFromJson("null");

TEST(VariantColumns, TakesValuesThatAreNotShredded) {
  const ArrayPtr stored = Group(
      {"metadata", "value"}, {Repeated(kNoNames.metadata, 3), Values({"1", "[true]", "null"})},
      {true, false, true});
  EXPECT_THAT(Assembled(stored), ::testing::ElementsAre("1", "NULL", "null"));
}

TEST(VariantColumns, TakesPrimitivesFromEitherPart) {
  // The measurements of VariantShredding.md, and one that is missing.
  const ArrayPtr stored =
      Group({"metadata", "value", "typed_value"},
            {Repeated(kNoNames.metadata, 5),
             Values({std::nullopt, "null", "\"n/a\"", std::nullopt, std::nullopt}),
             FromText(arrow::int64(), "[34, null, null, 100, null]")});
  EXPECT_THAT(Assembled(stored),
              ::testing::ElementsAre("34", "null", "\"n/a\"", "100", "null"));
}

struct TypedCase {
  std::shared_ptr<arrow::DataType> type;
  std::string_view arrow_json;
  std::string_view json;
};

TEST(VariantColumns, TakesEveryTypeThatVariantsHave) {
  for (const TypedCase& test : std::vector<TypedCase>{
           {arrow::boolean(), "[true]", "true"},
           {arrow::int8(), "[-5]", "-5"},
           {arrow::int16(), "[-500]", "-500"},
           {arrow::int32(), "[5]", "5"},
           {arrow::int64(), "[5]", "5"},
           {arrow::float32(), "[1.5]", "1.5"},
           {arrow::float64(), "[0.1]", "0.1"},
           {arrow::decimal128(5, 2), "[\"-1.25\"]", "-1.25"},
           {arrow::decimal128(18, 0), "[\"123456789012345678\"]", "123456789012345678"},
           {arrow::decimal128(38, 2), "[\"1234567890123456789.01\"]", "1234567890123456789.01"},
           {arrow::date32(), "[19753]", "\"2024-01-31\""},
           {arrow::time64(arrow::TimeUnit::MICRO), "[1000001]", "\"00:00:01.000001\""},
           {arrow::timestamp(arrow::TimeUnit::MICRO), "[1]", "\"1970-01-01T00:00:00.000001\""},
           {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[0]",
            "\"1970-01-01T00:00:00+00:00\""},
           {arrow::timestamp(arrow::TimeUnit::NANO), "[1]",
            "\"1970-01-01T00:00:00.000000001\""},
           {arrow::timestamp(arrow::TimeUnit::NANO, "UTC"), "[-1]",
            "\"1969-12-31T23:59:59.999999999+00:00\""},
           {arrow::binary(), "[\"abc\"]", "\"YWJj\""},
           {arrow::utf8(), "[\"abc\"]", "\"abc\""},
           {arrow::fixed_size_binary(16), "[\"0123456789abcdef\"]",
            "\"30313233-3435-3637-3839-616263646566\""},
       }) {
    const ArrayPtr stored =
        Group({"metadata", "typed_value"},
              {Repeated(kNoNames.metadata, 1), FromText(test.type, test.arrow_json)});
    EXPECT_THAT(Assembled(stored), ::testing::ElementsAre(test.json)) << test.type->ToString();
  }
}

TEST(VariantColumns, RefusesTypesThatVariantsLack) {
  const ArrayPtr stored =
      Group({"metadata", "typed_value"},
            {Repeated(kNoNames.metadata, 1), FromText(arrow::uint64(), "[1]")});
  EXPECT_THROW(AssembleVariants(stored), VariantDataError);
}

TEST(VariantColumns, PutsArraysTogether) {
  const ArrayPtr elements =
      Group({"value", "typed_value"},
            {Values({std::nullopt, std::nullopt, std::nullopt, "null", std::nullopt}),
             FromText(arrow::utf8(), R"(["comedy", "drama", "horror", null, "last"])")});
  const ArrayPtr offsets = FromText(arrow::int32(), "[0, 2, null, 4, 5]");
  const ArrayPtr lists = arrow::ListArray::FromArrays(*offsets, *elements).ValueOrDie();
  const ArrayPtr stored =
      Group({"metadata", "value", "typed_value"},
            {Repeated(kNoNames.metadata, 4),
             Values({std::nullopt, std::nullopt, "\"no array\"", std::nullopt}), lists});
  EXPECT_THAT(Assembled(stored),
              ::testing::ElementsAre(R"(["comedy","drama"])", R"(["horror",null])",
                                     R"("no array")", R"(["last"])"));
}

/// The events of VariantShredding.md: `event_type` and `event_ts` are shredded.
ArrayPtr Events(const std::vector<std::optional<std::string>>& values,
                const std::vector<bool>& has_typed, std::string_view types,
                const std::vector<std::optional<std::string>>& type_values,
                std::string_view times) {
  const Variant names = VariantFromJson(R"({"click":0,"email":0,"event_ts":0,"event_type":0})");
  const auto count = static_cast<int64_t>(values.size());
  arrow::BinaryBuilder encoded;
  for (const auto& value : values) {
    if (!value) {
      EXPECT_TRUE(encoded.AppendNull().ok());
    } else if (*value == "email") {
      std::string object;
      std::string text;
      AppendVariantString("me", &text);
      AppendVariantObject({{1, text}}, &object);
      EXPECT_TRUE(encoded.Append(object).ok());
    } else {
      EXPECT_TRUE(encoded.Append(VariantFromJson(*value).value).ok());
    }
  }
  const ArrayPtr type =
      Group({"value", "typed_value"}, {Values(type_values), FromText(arrow::utf8(), types)});
  const ArrayPtr time = Group({"value", "typed_value"},
                              {arrow::MakeArrayOfNull(arrow::binary(), count).ValueOrDie(),
                               FromText(arrow::int64(), times)});
  return Group({"metadata", "value", "typed_value"},
               {Repeated(names.metadata, count), encoded.Finish().ValueOrDie(),
                Group({"event_type", "event_ts"}, {type, time}, has_typed)});
}

TEST(VariantColumns, PutsObjectsTogether) {
  const ArrayPtr stored = Events(
      {std::nullopt, "email", "\"no object\"", std::nullopt, std::nullopt, std::nullopt},
      {true, true, false, true, true, true}, R"(["noop", "login", null, null, null, null])",
      {std::nullopt, std::nullopt, std::nullopt, std::nullopt, "null", std::nullopt},
      "[1, 2, null, 3, 4, null]");
  EXPECT_THAT(Assembled(stored),
              ::testing::ElementsAre(R"({"event_ts":1,"event_type":"noop"})",
                                     R"({"email":"me","event_ts":2,"event_type":"login"})",
                                     R"("no object")", R"({"event_ts":3})",
                                     R"({"event_ts":4,"event_type":null})", "{}"));
}

TEST(VariantColumns, RefusesPartsThatContradictEachOther) {
  // A shredded number beside a value, and an object whose value is none.
  EXPECT_THROW(AssembleVariants(Group({"metadata", "value", "typed_value"},
                                      {Repeated(kNoNames.metadata, 1), Values({"1"}),
                                       FromText(arrow::int32(), "[1]")})),
               VariantDataError);
  EXPECT_THROW(AssembleVariants(Events({"\"text\""}, {true}, "[null]", {std::nullopt}, "[1]")),
               VariantDataError);
}

TEST(VariantColumns, RefusesFieldsWithoutAName) {
  const ArrayPtr field = Group({"typed_value"}, {FromText(arrow::int32(), "[1]")});
  EXPECT_THROW(AssembleVariants(Group({"metadata", "typed_value"},
                                      {Repeated(kNoNames.metadata, 1), Group({"a"}, {field})})),
               VariantDataError);
}

TEST(VariantColumns, TakesSlices) {
  const ArrayPtr stored = Group(
      {"metadata", "value", "typed_value"},
      {Repeated(kNoNames.metadata, 4), Values({std::nullopt, "\"a\"", std::nullopt, "\"b\""}),
       FromText(arrow::int64(), "[1, null, 3, null]")},
      {true, false, true, true});
  EXPECT_THAT(Assembled(stored->Slice(1)), ::testing::ElementsAre("NULL", "3", "\"b\""));
}

}  // namespace
}  // namespace floe::testing
