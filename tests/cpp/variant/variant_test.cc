#include "floe/variant/variant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

struct Encoded {
  std::string_view name;
  std::string_view json;
  std::string_view metadata_hex;
  std::string_view value_hex;
};

class VariantOfJson : public ::testing::TestWithParam<Encoded> {};

TEST_P(VariantOfJson, HasTheBytesOfTheSpecification) {
  const Variant variant = VariantFromJson(GetParam().json);
  EXPECT_EQ(ToHex(variant.metadata), GetParam().metadata_hex);
  EXPECT_EQ(ToHex(variant.value), GetParam().value_hex);
  EXPECT_EQ(VariantToJson(variant.metadata, variant.value), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Values, VariantOfJson,
    ::testing::Values(Encoded{"Null", "null", "110000", "00"},
                      Encoded{"True", "true", "110000", "04"},
                      Encoded{"False", "false", "110000", "08"},
                      Encoded{"Int8", "34", "110000", "0c22"},
                      Encoded{"NegativeInt8", "-1", "110000", "0cff"},
                      Encoded{"Int16", "300", "110000", "102c01"},
                      Encoded{"Int32", "70000", "110000", "1470110100"},
                      Encoded{"Int64", "5000000000", "110000", "1800f2052a01000000"},
                      Encoded{"Decimal4", "1.25", "110000", "20027d000000"},
                      Encoded{"NegativeDecimal4", "-0.01", "110000", "2002ffffffff"},
                      Encoded{"Decimal8", "12345678901.5", "110000", "2401171a99be1c000000"},
                      Encoded{"ShortText", "\"n/a\"", "110000", "0d6e2f61"},
                      Encoded{"EmptyText", "\"\"", "110000", "01"},
                      Encoded{"EmptyArray", "[]", "110000", "030000"},
                      Encoded{"EmptyObject", "{}", "110000", "020000"},
                      Encoded{"Array", "[1,\"a\"]", "110000", "03020002040c010561"},
                      // Names are sorted, and so are members, whatever their order in the text.
                      Encoded{"Object", R"({"a":1,"b":[2]})",
                              "110200010261"
                              "62",
                              "02020001000208"
                              "0c01"
                              "030100020c02"}),
    [](const auto& encoded) { return std::string(encoded.param.name); });

TEST(Variant, HoldsNumbersBeyondDecimalsAsDoubles) {
  const auto round_trip = [](std::string_view json) {
    const Variant variant = VariantFromJson(json);
    return VariantToJson(variant.metadata, variant.value);
  };
  EXPECT_EQ(round_trip("1e300"), "1e+300");
  EXPECT_EQ(round_trip("99999999999999999999"), "99999999999999999999");
  EXPECT_EQ(round_trip("0.12345678901234567890123456789012345678901"), "0.12345678901234568");
}

TEST(Variant, SortsMembersByName) {
  const Variant variant = VariantFromJson(R"({"c":3,"a":{"b":1},"b":2})");
  EXPECT_EQ(VariantToJson(variant.metadata, variant.value), R"({"a":{"b":1},"b":2,"c":3})");
}

TEST(Variant, HoldsLongTextAndManyElements) {
  std::string json = "[";
  for (int i = 0; i < 1'000; ++i) {
    json += (i == 0 ? "" : ",") + std::to_string(i);
  }
  json += ",\"" + std::string(70'000, 'x') + "\"]";
  const Variant variant = VariantFromJson(json);
  EXPECT_EQ(VariantToJson(variant.metadata, variant.value), json);
}

TEST(Variant, RefusesTextThatIsNoJson) {
  EXPECT_THROW(VariantFromJson("{"), ParseError);
  for (const std::string_view text : {"", "1 2", "1,2", "01", "1.", ".5", "1e", "tru", "-"}) {
    EXPECT_THROW(VariantFromJson(text), ParseError) << text;
  }
  EXPECT_THROW(VariantFromJson(R"({"a":1,"a":2})"), ParseError);
  EXPECT_THROW(VariantFromJson(std::string(300, '[') + std::string(300, ']')), ParseError);
}

std::string ErrorOf(std::string_view metadata_hex, std::string_view value_hex) {
  try {
    VariantToJson(FromHex(std::string(metadata_hex)), FromHex(std::string(value_hex)));
  } catch (const InvalidArgumentError& error) {
    return error.message();
  }
  return "no error";
}

TEST(Variant, RefusesDamage) {
  EXPECT_THAT(ErrorOf("", "00"), HasSubstr("no metadata"));
  EXPECT_THAT(ErrorOf("02", "00"), HasSubstr("version 2"));
  EXPECT_THAT(ErrorOf("11ff00", "00"), HasSubstr("claims 255 names"));
  EXPECT_THAT(ErrorOf("110000", ""), HasSubstr("cut off"));
  EXPECT_THAT(ErrorOf("110000", "0d6e2f"), HasSubstr("cut off"));
  EXPECT_THAT(ErrorOf("110000", "fc"), HasSubstr("primitive type 63"));
  EXPECT_THAT(ErrorOf("110000",
                      "020105000200"
                      "0c01"),
              HasSubstr("name 5"));
  EXPECT_THAT(ErrorOf("110000", "03ff"), HasSubstr("cut off"));
}

TEST(Variant, RefusesElementsThatShareBytes) {
  // Each array twice has the one below it: 2^60 values in some hundred bytes.
  std::string value = FromHex("00");
  for (int i = 0; i < 60; ++i) {
    std::string outer = FromHex("0302");
    outer += std::string("\0\0", 2);
    outer.push_back(static_cast<char>(value.size()));
    value = outer + value;
  }
  EXPECT_THAT(ErrorOf("110000", ToHex(value)), HasSubstr("overlap"));
}

TEST(Variant, SurvivesAnyBytes) {
  const Variant whole = VariantFromJson(
      R"({"a":[1,2.5,"text",null,true],"b":{"c":{"a":[[],{}]}},"long":5000000000})");
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same bytes each time
  size_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    Variant damaged = whole;
    std::string& part = i % 3 == 0 ? damaged.metadata : damaged.value;
    part[random() % part.size()] = static_cast<char>(random());
    if (i % 5 == 0) {
      part.resize(random() % part.size());
    }
    try {
      VariantToJson(damaged.metadata, damaged.value);
    } catch (const InvalidArgumentError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000U);
}

}  // namespace
}  // namespace floe::testing
