#include "floe/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

const std::map<std::string_view, std::string_view> kTree = {
    {"InvalidArgumentError", ""},
    {"ParseError", "InvalidArgumentError"},
    {"SchemaMismatchError", "InvalidArgumentError"},
    {"NotFoundError", ""},
    {"NoSuchNamespaceError", "NotFoundError"},
    {"NoSuchTableError", "NotFoundError"},
    {"NoSuchViewError", "NotFoundError"},
    {"NoSuchSnapshotError", "NotFoundError"},
    {"AlreadyExistsError", ""},
    {"NamespaceAlreadyExistsError", "AlreadyExistsError"},
    {"TableAlreadyExistsError", "AlreadyExistsError"},
    {"NamespaceNotEmptyError", ""},
    {"SchemaEvolutionError", ""},
    {"IncompatibleSchemaChangeError", "SchemaEvolutionError"},
    {"WriteError", ""},
    {"CommitConflictError", "WriteError"},
    {"CommitStateUnknownError", "WriteError"},
    {"CatalogConnectionError", ""},
    {"CircuitOpenError", "CatalogConnectionError"},
    {"CatalogAuthenticationError", ""},
    {"PermissionDeniedError", ""},
    {"StorageAccessError", ""},
    {"IoError", ""},
    {"CorruptFileError", ""},
    {"UnsupportedError", ""},
    {"CancelledError", ""},
    {"InternalError", ""},
};

TEST(Error, TheTreeIsTheDocumentedOne) {
  std::map<std::string_view, std::string_view> found;
  for (const ErrorClass& error : ErrorClasses()) {
    EXPECT_TRUE(found.emplace(error.name, error.parent).second) << error.name << " is twice";
  }
  EXPECT_EQ(found, kTree);
}

TEST(Error, EveryClassKeepsItsNameMessageAndDetails) {
  const ErrorDetails details{.table = "db.t",
                             .namespace_name = "db",
                             .path = "/a/b",
                             .column = "c",
                             .snapshot_id = 7,
                             .http_status = 503,
                             .position = 11,
                             .errno_value = 2};
  for (const ErrorClass& error : ErrorClasses()) {
    SCOPED_TRACE(error.name);
    try {
      error.raise("what failed", details);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& thrown) {
      EXPECT_EQ(thrown.class_name(), error.name);
      EXPECT_STREQ(thrown.what(), "what failed");
      EXPECT_EQ(thrown.details().table, "db.t");
      EXPECT_EQ(thrown.details().namespace_name, "db");
      EXPECT_EQ(thrown.details().path, "/a/b");
      EXPECT_EQ(thrown.details().column, "c");
      EXPECT_EQ(thrown.details().snapshot_id, 7);
      EXPECT_EQ(thrown.details().http_status, 503);
      EXPECT_EQ(thrown.details().position, 11);
      EXPECT_EQ(thrown.details().errno_value, 2);
    }
  }
}

/// Which of the listed classes a thrown error is caught as.
template <class... E>
std::set<std::string_view> CaughtAs(const Error& error) {
  std::set<std::string_view> names;
  (void)std::initializer_list<int>{
      (dynamic_cast<const E*>(&error) != nullptr ? (names.insert(E::kClassName), 0) : 0)...};
  return names;
}

TEST(Error, EveryClassIsCaughtAsItselfAndItsParentsOnly) {
  for (const ErrorClass& error : ErrorClasses()) {
    SCOPED_TRACE(error.name);
    std::set<std::string_view> expected;
    for (std::string_view name = error.name; !name.empty(); name = kTree.at(name)) {
      expected.insert(name);
    }
    try {
      error.raise("", {});
    } catch (const Error& thrown) {
      const auto caught =
          CaughtAs<InvalidArgumentError, ParseError, SchemaMismatchError, NotFoundError,
                   NoSuchNamespaceError, NoSuchTableError, NoSuchViewError, NoSuchSnapshotError,
                   AlreadyExistsError, NamespaceAlreadyExistsError, TableAlreadyExistsError,
                   NamespaceNotEmptyError, SchemaEvolutionError, IncompatibleSchemaChangeError,
                   WriteError, CommitConflictError, CommitStateUnknownError,
                   CatalogConnectionError, CircuitOpenError, CatalogAuthenticationError,
                   PermissionDeniedError, StorageAccessError, IoError, CorruptFileError,
                   UnsupportedError, CancelledError, InternalError>(thrown);
      EXPECT_EQ(caught, expected);
    }
  }
}

TEST(Error, RethrowKeepsTheDynamicType) {
  for (const ErrorClass& error : ErrorClasses()) {
    SCOPED_TRACE(error.name);
    const Thrown thrown = WhatThrows([&] {
      try {
        error.raise("kept", {.path = "/p"});
      } catch (const Error& caught) {
        caught.Rethrow();
      }
    });
    EXPECT_EQ(thrown.class_name, error.name);
    EXPECT_EQ(thrown.message, "kept");
    EXPECT_EQ(thrown.details.path, "/p");
  }
}

TEST(Error, SchemaMismatchListsItsProblemsInEveryCopy) {
  const std::vector<SchemaProblem> problems = {{"a.b", "string", "long"},
                                               {"c", "missing", "int"}};
  const SchemaMismatchError original("does not fit", problems, {.table = "db.t"});
  const SchemaMismatchError copy =
      original;  // NOLINT(performance-unnecessary-copy-initialization)
  try {
    copy.Rethrow();
  } catch (const SchemaMismatchError& thrown) {
    EXPECT_EQ(thrown.problems(), problems);
    EXPECT_EQ(thrown.details().table, "db.t");
  }
}

TEST(Error, CheckNamesThePlaceAndAsksForAReport) {
  const Thrown thrown = WhatThrows([] { Check(false, "two is three"); });
  EXPECT_EQ(thrown.class_name, "InternalError");
  EXPECT_THAT(thrown.message, HasSubstr("two is three"));
  EXPECT_THAT(thrown.message, HasSubstr("error_test.cc:"));
  EXPECT_THAT(thrown.message, HasSubstr("please report"));
  Check(true, "nothing happens");
}

}  // namespace
}  // namespace floe::testing
