// Names of tables and namespaces as texts.

#include "floe/table/identifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

TEST(TableIdentifier, IsParsedAtItsDots) {
  const TableIdentifier plain = TableIdentifier::Parse("bronze.flights");
  EXPECT_EQ(plain.levels, Namespace{"bronze"});
  EXPECT_EQ(plain.name, "flights");
  const TableIdentifier nested = TableIdentifier::Parse("a.b c.Ä/%");
  EXPECT_EQ(nested, (TableIdentifier{{"a", "b c"}, "Ä/%"}));
  EXPECT_EQ(nested.ToString(), "a.b c.Ä/%");
}

TEST(TableIdentifier, WithoutNamespaceIsRefused) {
  const Thrown thrown = WhatThrows([] { TableIdentifier::Parse("flights"); });
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr("'flights' is not a table identifier"));
  EXPECT_THAT(thrown.message, HasSubstr("'bronze.flights'"));
}

TEST(Namespace, WithAnEmptyLevelIsRefused) {
  EXPECT_EQ(ParseNamespace("a.b"), (Namespace{"a", "b"}));
  for (const std::string text : {"", ".", "a.", ".a", "a..b"}) {
    const Thrown thrown = WhatThrows([&] { ParseNamespace(text); });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << text << thrown;
    EXPECT_THAT(thrown.message, HasSubstr("'" + text + "' is not a namespace"));
  }
}

}  // namespace
}  // namespace floe::testing
