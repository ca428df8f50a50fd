// Runs the case files under tests/cases; tests/python/floe_iceberg/test_cases.py runs the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/expression_json.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update_json.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/case_files.h"

namespace floe::testing {
namespace {

using simdjson::dom::element;

std::string TextOf(element value) { return std::string(std::string_view(value.get_string())); }

/// A JSON value as a literal of `type`; nothing for null.
std::optional<Literal> LiteralOf(const Type& type, element value) {
  Literal written = Literal::Boolean(false);
  switch (value.type()) {
    case simdjson::dom::element_type::NULL_VALUE:
      return std::nullopt;
    case simdjson::dom::element_type::BOOL:
      written = Literal::Boolean(value.get_bool());
      break;
    case simdjson::dom::element_type::INT64:
      written = Literal::Long(value.get_int64());
      break;
    case simdjson::dom::element_type::DOUBLE:
      written = Literal::Double(value.get_double());
      break;
    case simdjson::dom::element_type::STRING:
      written = Literal::String(TextOf(value));
      break;
    default:
      written = Literal::Binary(FromHex(TextOf(value["hex"])));
  }
  const auto converted = ConvertLiteral(written, type);
  EXPECT_TRUE(converted && converted->value) << "bad value in a case";
  return converted->value;
}

/// Runs `run` on the case's input and compares its text with `out`, or what it throws with
/// `error`.
void Check(const Case& test, const std::function<void(element in, element out)>& run) {
  SCOPED_TRACE(test.name);
  simdjson::dom::parser parser;
  const element line = parser.parse(test.json);
  element error;
  element out;
  if (line["out"].get(out) == simdjson::SUCCESS) {
    EXPECT_NO_THROW(run(line["in"], out)) << test.json;
    return;
  }
  error = line["error"];
  try {
    run(line["in"], /*out, which is not looked at=*/line["in"]);
    ADD_FAILURE() << "no error";
  } catch (const Error& thrown) {
    EXPECT_EQ(thrown.class_name(), TextOf(error["class"]));
    EXPECT_THAT(thrown.message(), ::testing::HasSubstr(TextOf(error["contains"])));
    element detail;
    if (error["position"].get(detail) == simdjson::SUCCESS) {
      EXPECT_EQ(thrown.details().position, detail.get_int64().value());
    }
    if (error["column"].get(detail) == simdjson::SUCCESS) {
      EXPECT_EQ(thrown.details().column, TextOf(detail));
    }
  }
}

// requirement: S-FR-013
TEST(Cases, Transform) {
  for (const Case& test : LoadCases("transform")) {
    Check(test, [](element in, element out) {
      const Transform transform = Transform::Parse(TextOf(in["transform"]));
      const Type source = ParsePrimitiveType(TextOf(in["type"]));
      element human;
      if (in["human"].get(human) == simdjson::SUCCESS) {
        const Type result = transform.ResultType(source);
        EXPECT_EQ(transform.ToHumanString(LiteralOf(result, in["value"])), TextOf(out));
        return;
      }
      if (!transform.CanApplyTo(source)) {
        throw InvalidArgumentError("transform can't be applied to " + source.ToString());
      }
      const auto value = LiteralOf(source, in["value"]);
      const auto made = value ? transform.Apply(*value) : std::nullopt;
      EXPECT_EQ(made, LiteralOf(transform.ResultType(source), out));
    });
  }
}

// requirement: S-FR-023
TEST(Cases, FilterParse) {
  for (const Case& test : LoadCases("filter_parse")) {
    Check(test, [](element in, element out) {
      EXPECT_EQ(ParseExpression(TextOf(in))->ToString(), TextOf(out));
    });
  }
}

// requirement: S-FR-023
TEST(Cases, FilterBind) {
  const Schema schema = SchemaFromJson(ReadTestFile("cases/filter_bind/schema.json"));
  for (const Case& test : LoadCases("filter_bind")) {
    Check(test, [&](element in, element out) {
      EXPECT_EQ(Bind(*ParseExpression(TextOf(in)), schema)->ToString(), TextOf(out));
    });
  }
}

TEST(Cases, ExpressionJson) {
  const Schema schema = SchemaFromJson(ReadTestFile("cases/filter_bind/schema.json"));
  for (const Case& test : LoadCases("expression_json")) {
    Check(test, [&](element in, element out) {
      const ExpressionPtr filter = ExpressionFromJson(TextOf(in), schema);
      const BoundExpressionPtr bound = Bind(*filter, schema);
      EXPECT_EQ(bound->ToString(), TextOf(out));
      for (const std::string& json : {ExpressionToJson(*filter), ExpressionToJson(*bound)}) {
        EXPECT_EQ(Bind(*ExpressionFromJson(json, schema), schema)->ToString(), TextOf(out))
            << json;
      }
    });
  }
}

TEST(Cases, TypeParse) {
  for (const Case& test : LoadCases("type_parse")) {
    Check(test, [](element in, element out) {
      EXPECT_EQ(ParsePrimitiveType(TextOf(in)).ToString(), TextOf(out));
    });
  }
}

TEST(Cases, TableUpdate) {
  for (const Case& test : LoadCases("table_update")) {
    Check(test, [](element in, element out) {
      EXPECT_EQ(TableUpdateToJson(TableUpdateFromJson(TextOf(in))), TextOf(out));
    });
  }
}

TEST(Cases, TableRequirement) {
  for (const Case& test : LoadCases("table_requirement")) {
    Check(test, [](element in, element out) {
      EXPECT_EQ(TableRequirementToJson(TableRequirementFromJson(TextOf(in))), TextOf(out));
    });
  }
}

TEST(Cases, SchemaJson) {
  for (const Case& test : LoadCases("schema_json")) {
    Check(test, [](element in, element out) {
      EXPECT_EQ(SchemaToJson(SchemaFromJson(TextOf(in))), TextOf(out));
    });
  }
}

TEST(Cases, SingleValue) {
  for (const Case& test : LoadCases("single_value")) {
    Check(test, [](element in, element out) {
      const Type type = ParsePrimitiveType(TextOf(in["type"]));
      const auto literal = LiteralOf(type, in["value"]);
      const std::string bytes = FromHex(TextOf(out["hex"]));
      EXPECT_EQ(ToHex(literal->ToBytes()), ToHex(bytes));
      EXPECT_EQ(LiteralFromBytes(type, bytes), literal);
    });
  }
}

/// Metadata with the case's replacements made: of base.json, or of the file it names.
std::string EditedMetadata(element in) {
  std::string base = "base";
  if (element name; in["base"].get(name) == simdjson::SUCCESS) {
    base = TextOf(name);
    in = in["edits"];
  }
  std::string text = ReadTestFile("cases/table_metadata/" + base + ".json");
  for (const element edit : in.get_array()) {
    const std::string old_text = TextOf(edit.at(0));
    const size_t at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), TextOf(edit.at(1)));
  }
  return text;
}

TEST(Cases, TableMetadata) {
  constexpr const char* kLocation = "file:///warehouse/db/t/metadata/v3.metadata.json";
  for (const Case& test : LoadCases("table_metadata")) {
    Check(test, [&](element in, element out) {
      try {
        const auto metadata = ParseTableMetadata(EditedMetadata(in), kLocation);
        const std::string written = TableMetadataToJson(*metadata);
        for (const element fragment : out.get_array()) {
          EXPECT_THAT(written, ::testing::HasSubstr(TextOf(fragment)));
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.details().path, kLocation);
        EXPECT_THAT(error.message(), ::testing::HasSubstr(kLocation));
        throw;
      }
    });
  }
}

TEST(Cases, EveryFolderIsRun) {
  std::set<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(TestsFolder() / "cases")) {
    folders.insert(entry.path().filename().string());
  }
  EXPECT_THAT(folders, ::testing::UnorderedElementsAre(
                           "transform", "filter_parse", "filter_bind", "expression_json",
                           "type_parse", "schema_json", "single_value", "table_metadata",
                           "table_update", "table_requirement"));
}

}  // namespace
}  // namespace floe::testing
