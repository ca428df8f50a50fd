#include "floe/base/error.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace floe::inline v0 {

Error::Error(std::string message, ErrorDetails details)
    : state_(std::make_shared<const State>(State{std::move(message), std::move(details)})) {}

const char* Error::what() const noexcept { return state_->message.c_str(); }
const std::string& Error::message() const noexcept { return state_->message; }
const ErrorDetails& Error::details() const noexcept { return state_->details; }

SchemaMismatchError::SchemaMismatchError(std::string message,
                                         std::vector<SchemaProblem> problems,
                                         ErrorDetails details)
    : ErrorOf(std::move(message), std::move(details)),
      problems_(std::make_shared<const std::vector<SchemaProblem>>(std::move(problems))) {}

SchemaMismatchError::SchemaMismatchError(std::string message, ErrorDetails details)
    : SchemaMismatchError(std::move(message), std::vector<SchemaProblem>{},
                          std::move(details)) {}

namespace {

template <class E>
constexpr ErrorClass Describe() {
  std::string_view parent;
  if constexpr (!std::is_same_v<typename E::ParentError, Error>) {
    parent = E::ParentError::kClassName;
  }
  return {E::kClassName, parent, [](const std::string& message, const ErrorDetails& details) {
            throw E(message, details);
          }};
}

template <class... E>
constexpr std::array<ErrorClass, sizeof...(E)> DescribeAll() {
  return {Describe<E>()...};
}

constexpr auto kErrorClasses =
    DescribeAll<InvalidArgumentError, ParseError, SchemaMismatchError, NotFoundError,
                NoSuchNamespaceError, NoSuchTableError, NoSuchViewError, NoSuchSnapshotError,
                AlreadyExistsError, NamespaceAlreadyExistsError, TableAlreadyExistsError,
                NamespaceNotEmptyError, SchemaEvolutionError, IncompatibleSchemaChangeError,
                WriteError, CommitConflictError, CommitStateUnknownError,
                CatalogConnectionError, CircuitOpenError, CatalogAuthenticationError,
                PermissionDeniedError, StorageAccessError, IoError, CorruptFileError,
                UnsupportedError, CancelledError, InternalError>();

}  // namespace

std::span<const ErrorClass> ErrorClasses() { return kErrorClasses; }

void Check(bool condition, std::string_view why, std::source_location where) {
  if (!condition) {
    throw InternalError(fmt::format("internal error: {} ({}:{}); please report this", why,
                                    where.file_name(), where.line()));
  }
}

}  // namespace floe::inline v0
