#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/expression_json.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

/// Parses a text: it is a filter whose own text is stable, or an error within the text.
void ParseAnything(const std::string& text) {
  std::string printed;
  const Thrown thrown = WhatThrows([&] { printed = ParseExpression(text)->ToString(); });
  if (!thrown.class_name.empty()) {
    EXPECT_TRUE(thrown.class_name == "ParseError" || thrown.class_name == "UnsupportedError")
        << thrown << " in " << text;
    ASSERT_TRUE(thrown.details.position) << thrown << " in " << text;
    EXPECT_GE(*thrown.details.position, 0);
    EXPECT_LE(*thrown.details.position, static_cast<int64_t>(text.size())) << text;
    return;
  }
  EXPECT_EQ(ParseExpression(printed)->ToString(), printed) << text;
}

TEST(ParseExpression, OfRandomTokensFailsInPlaceOrIsStable) {
  const std::vector<std::string> tokens = {"a",
                                           "b.c",
                                           "\"a b\"",
                                           "`q`",
                                           "\"a\".\"b\"",
                                           "and",
                                           "or",
                                           "not",
                                           "is",
                                           "null",
                                           "nan",
                                           "in",
                                           "like",
                                           "between",
                                           "true",
                                           "(",
                                           ")",
                                           ",",
                                           "=",
                                           "!=",
                                           "<>",
                                           "<=",
                                           ">",
                                           "1",
                                           "-2",
                                           "1.50",
                                           "1e3",
                                           "1e400",
                                           "'x'",
                                           "'x%'",
                                           "'a_%'",
                                           "'\\_%'",
                                           "''''",
                                           "X'0aFF'",
                                           "x'0'",
                                           "-",
                                           "'",
                                           "\"",
                                           ".",
                                           "é",
                                           "\xff",
                                           ";",
                                           "9223372036854775808",
                                           "99999999999999999999999999999999999999999",
                                           "0.00000000000000000000000000000000000000001"};
  for (const uint64_t seed : Seeds(4)) {
    Rng rng(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int i = 0; i < 5'000; ++i) {
      std::string text;
      for (size_t left = rng.Index(10); left > 0; --left) {
        text += rng.Pick(tokens) + (rng.OneIn(4) ? "" : " ");
      }
      ParseAnything(text);
    }
  }
}

TEST(ParseExpression, OfFiltersWithDamageFailsInPlaceOrIsStable) {
  const std::vector<std::string> filters = {
      "a > 3 and (b in ('x', 'y''z') or not c is null)",
      "\"a\".\"b c\" between -1.5 and 1e10 or `q` not like '50\\% %'",
      "not (ts >= '2024-01-31T10:00:00+01:00') and x <> X'00ff' and true"};
  for (const uint64_t seed : Seeds(4)) {
    Rng rng(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int i = 0; i < 3'000; ++i) {
      std::string text = rng.Pick(filters);
      for (size_t left = 1 + rng.Index(3); left > 0; --left) {
        const size_t at = rng.Index(text.size());
        switch (rng.Below(4)) {
          case 0:
            text.erase(at, 1 + rng.Index(4));
            break;
          case 1:
            text.insert(at, 1, static_cast<char>(rng.Next()));
            break;
          case 2:
            text.insert(at, text.substr(rng.Index(text.size()), rng.Index(8)));
            break;
          default:
            text[at] = static_cast<char>(rng.Next());
        }
        if (text.empty()) {
          break;
        }
      }
      ParseAnything(text);
    }
  }
}

TEST(ParseExpression, LongTextsAreNoDanger) {
  constexpr size_t kMany = 100'000;
  const auto repeat = [](std::string_view part, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i) {
      text += part;
    }
    return text;
  };
  EXPECT_EQ(ParseExpression(repeat("a = 1 and ", kMany) + "b = 2")->children().size(),
            kMany + 1);
  EXPECT_EQ(ParseExpression("a in (" + repeat("1,", kMany) + "2)")->literals().size(),
            kMany + 1);
  EXPECT_EQ(ParseExpression(repeat("\"a\".", kMany) + "\"b\" = 1")->column().size(),
            2 * kMany + 1);
  EXPECT_EQ(ParseExpression("s = '" + repeat("''", kMany) + "'")->literals()[0],
            Literal::String(std::string(kMany, '\'')));
  for (const char* nested : {"not ", "(", "not (", "(not "}) {
    const Thrown thrown = WhatThrows([&] { ParseExpression(repeat(nested, kMany)); });
    EXPECT_EQ(thrown.class_name, "ParseError") << nested;
    EXPECT_THAT(thrown.message, HasSubstr("nested deeper than 200 levels"));
  }
  const Thrown digits = WhatThrows([&] { ParseExpression("a = " + repeat("9", kMany)); });
  EXPECT_EQ(digits.class_name, "ParseError");
  EXPECT_THAT(digits.message, HasSubstr("a number that a double can hold"));
  EXPECT_LT(digits.message.size(), 1'000U) << "messages don't repeat all of a long text";
}

TEST(ParseExpression, ReadsBackWhatAFilterOfEachTypePrints) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      const Field field{1, "c " + RandomText(rng, 4) + "\"`", type, false, "", {}};
      const Schema schema({field});
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 150; ++i) {
        const ExpressionPtr made = RandomFilter(rng, field, {});
        const std::string printed = made->ToString();
        // There is no text for infinity, and −0 is written as 0, which is the same to a filter.
        if (::testing::Value(printed, ::testing::ContainsRegex("inf|-0[^.0-9]|-0$"))) {
          continue;
        }
        const std::string bound = Bind(*made, schema)->ToString();
        EXPECT_EQ(Bind(*ParseExpression(printed), schema)->ToString(), bound) << printed;
      }
    }
  }
}

TEST(ExpressionJson, ReadsBackWhatItWrites) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      const Field field{1, "c \"" + RandomText(rng, 4), type, false, "", {}};
      const Schema schema({field});
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 150; ++i) {
        const ExpressionPtr made = RandomFilter(rng, field, {});
        const BoundExpressionPtr bound = Bind(*made, schema);
        std::string json;
        std::string bound_json;
        const Thrown thrown = WhatThrows([&] {
          json = ExpressionToJson(*made);
          bound_json = ExpressionToJson(*bound);
        });
        if (thrown.class_name == "InvalidArgumentError") {
          continue;  // there is no JSON for infinity
        }
        EXPECT_EQ(Bind(*ExpressionFromJson(json, schema), schema)->ToString(),
                  bound->ToString())
            << json;
        EXPECT_EQ(Bind(*ExpressionFromJson(bound_json, schema), schema)->ToString(),
                  bound->ToString())
            << bound_json;
      }
    }
  }
}

TEST(ExpressionJson, OfManyPartsIsShallow) {
  std::vector<ExpressionPtr> parts;
  for (int64_t i = 0; i < 10'000; ++i) {
    parts.push_back(Expression::Predicate(Operation::kEqual, "a", {Literal::Long(i)}));
  }
  const ExpressionPtr filter = Expression::Or(std::move(parts));
  EXPECT_EQ(ExpressionFromJson(ExpressionToJson(*filter))->ToString(), filter->ToString());
}

}  // namespace
}  // namespace floe::testing
