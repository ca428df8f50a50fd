#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/export.h"

namespace floe::inline v0 {

/// Facts about a failure, beside its message. Only what applies is set. The Python twin of
/// every error has an attribute of the same name for each.
struct ErrorDetails {
  std::optional<std::string> table;           ///< identifier, dotted
  std::optional<std::string> namespace_name;  ///< dotted; `namespace` in Python
  std::optional<std::string> path;            ///< location of the file
  std::optional<std::string> column;          ///< full dotted name
  std::optional<int64_t> snapshot_id;
  std::optional<int64_t> http_status;
  std::optional<int64_t> position;     ///< byte offset in a text or file, 0-based
  std::optional<int64_t> errno_value;  ///< `errno` in Python, on IoError
};

/// One field of an input that does not fit the table.
struct SchemaProblem {
  std::string column;    ///< full dotted name
  std::string found;     ///< what the input has ("string", "missing", "null")
  std::string expected;  ///< what the table wants
  bool operator==(const SchemaProblem&) const = default;
};

/// The root of everything floe throws. A class says what the caller can do about it; the
/// facts are in details(). Copies are cheap and do not throw.
///
/// The tree (the same in Python, `floe_core.errors`):
///
///     Error
///     ├ InvalidArgumentError  ├ ParseError  └ SchemaMismatchError
///     ├ NotFoundError         ├ NoSuchNamespaceError ├ NoSuchTableError ├ NoSuchViewError
///     │                       └ NoSuchSnapshotError
///     ├ AlreadyExistsError    ├ NamespaceAlreadyExistsError └ TableAlreadyExistsError
///     ├ NamespaceNotEmptyError
///     ├ SchemaEvolutionError  └ IncompatibleSchemaChangeError
///     ├ WriteError            ├ CommitConflictError └ CommitStateUnknownError
///     ├ CatalogConnectionError ├ CatalogAuthenticationError ├ PermissionDeniedError
///     ├ StorageAccessError
///     ├ IoError ├ CorruptFileError ├ UnsupportedError ├ CancelledError └ InternalError
class FLOE_EXPORT Error : public std::exception {
 public:
  explicit Error(std::string message, ErrorDetails details = {});

  const char* what() const noexcept override;
  const std::string& message() const noexcept;
  const ErrorDetails& details() const noexcept;
  /// Name of the most derived class; the Python class of the same name is raised for it.
  virtual std::string_view class_name() const noexcept = 0;
  /// Throws a copy of *this with its dynamic type (to rethrow on another thread or later).
  [[noreturn]] virtual void Rethrow() const = 0;

 private:
  struct State {
    std::string message;
    ErrorDetails details;
  };
  std::shared_ptr<const State> state_;
};

/// Gives `Self` its name and its place under `Parent`.
template <class Self, class Parent>
class FLOE_EXPORT ErrorOf : public Parent {
 public:
  using ParentError = Parent;
  using Parent::Parent;
  std::string_view class_name() const noexcept override { return Self::kClassName; }
  [[noreturn]] void Rethrow() const override { throw static_cast<const Self&>(*this); }
};

/// The caller passed something wrong; the message says what, and what would be right.
class FLOE_EXPORT InvalidArgumentError : public ErrorOf<InvalidArgumentError, Error> {
 public:
  static constexpr std::string_view kClassName = "InvalidArgumentError";
  using ErrorOf::ErrorOf;
};

/// A text (filter, transform, type) does not parse; details().position says where.
class FLOE_EXPORT ParseError : public ErrorOf<ParseError, InvalidArgumentError> {
 public:
  static constexpr std::string_view kClassName = "ParseError";
  using ErrorOf::ErrorOf;
};

/// Input data does not fit the table's schema; problems() lists every field that does not.
class FLOE_EXPORT SchemaMismatchError
    : public ErrorOf<SchemaMismatchError, InvalidArgumentError> {
 public:
  static constexpr std::string_view kClassName = "SchemaMismatchError";
  SchemaMismatchError(std::string message, std::vector<SchemaProblem> problems,
                      ErrorDetails details = {});
  explicit SchemaMismatchError(std::string message, ErrorDetails details = {});
  const std::vector<SchemaProblem>& problems() const noexcept { return *problems_; }

 private:
  std::shared_ptr<const std::vector<SchemaProblem>> problems_;
};

class FLOE_EXPORT NotFoundError : public ErrorOf<NotFoundError, Error> {
 public:
  static constexpr std::string_view kClassName = "NotFoundError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NoSuchNamespaceError : public ErrorOf<NoSuchNamespaceError, NotFoundError> {
 public:
  static constexpr std::string_view kClassName = "NoSuchNamespaceError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NoSuchTableError : public ErrorOf<NoSuchTableError, NotFoundError> {
 public:
  static constexpr std::string_view kClassName = "NoSuchTableError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NoSuchViewError : public ErrorOf<NoSuchViewError, NotFoundError> {
 public:
  static constexpr std::string_view kClassName = "NoSuchViewError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NoSuchSnapshotError : public ErrorOf<NoSuchSnapshotError, NotFoundError> {
 public:
  static constexpr std::string_view kClassName = "NoSuchSnapshotError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT AlreadyExistsError : public ErrorOf<AlreadyExistsError, Error> {
 public:
  static constexpr std::string_view kClassName = "AlreadyExistsError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NamespaceAlreadyExistsError
    : public ErrorOf<NamespaceAlreadyExistsError, AlreadyExistsError> {
 public:
  static constexpr std::string_view kClassName = "NamespaceAlreadyExistsError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT TableAlreadyExistsError
    : public ErrorOf<TableAlreadyExistsError, AlreadyExistsError> {
 public:
  static constexpr std::string_view kClassName = "TableAlreadyExistsError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT NamespaceNotEmptyError : public ErrorOf<NamespaceNotEmptyError, Error> {
 public:
  static constexpr std::string_view kClassName = "NamespaceNotEmptyError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT SchemaEvolutionError : public ErrorOf<SchemaEvolutionError, Error> {
 public:
  static constexpr std::string_view kClassName = "SchemaEvolutionError";
  using ErrorOf::ErrorOf;
};

/// The change would make old data unreadable or wrong; names column, from and to.
class FLOE_EXPORT IncompatibleSchemaChangeError
    : public ErrorOf<IncompatibleSchemaChangeError, SchemaEvolutionError> {
 public:
  static constexpr std::string_view kClassName = "IncompatibleSchemaChangeError";
  using ErrorOf::ErrorOf;
};

class FLOE_EXPORT WriteError : public ErrorOf<WriteError, Error> {
 public:
  static constexpr std::string_view kClassName = "WriteError";
  using ErrorOf::ErrorOf;
};

/// Someone else's commit got in the way and retries are spent. Nothing of this change is in
/// the table. Refresh and try again.
class FLOE_EXPORT CommitConflictError : public ErrorOf<CommitConflictError, WriteError> {
 public:
  static constexpr std::string_view kClassName = "CommitConflictError";
  using ErrorOf::ErrorOf;
};

/// The commit may or may not have happened. Never retry blindly, never delete its files:
/// look for details().snapshot_id in the table.
class FLOE_EXPORT CommitStateUnknownError
    : public ErrorOf<CommitStateUnknownError, WriteError> {
 public:
  static constexpr std::string_view kClassName = "CommitStateUnknownError";
  using ErrorOf::ErrorOf;
};

/// The catalog can't be reached or does not answer.
class FLOE_EXPORT CatalogConnectionError : public ErrorOf<CatalogConnectionError, Error> {
 public:
  static constexpr std::string_view kClassName = "CatalogConnectionError";
  using ErrorOf::ErrorOf;
};

/// The catalog's server failed so often that it is not asked for a while; nothing was sent.
class FLOE_EXPORT CircuitOpenError : public ErrorOf<CircuitOpenError, CatalogConnectionError> {
 public:
  static constexpr std::string_view kClassName = "CircuitOpenError";
  using ErrorOf::ErrorOf;
};

/// The catalog does not believe who asks: wrong credentials, an expired token.
class FLOE_EXPORT CatalogAuthenticationError
    : public ErrorOf<CatalogAuthenticationError, Error> {
 public:
  static constexpr std::string_view kClassName = "CatalogAuthenticationError";
  using ErrorOf::ErrorOf;
};

/// The catalog knows who asks, and does not let them do this.
class FLOE_EXPORT PermissionDeniedError : public ErrorOf<PermissionDeniedError, Error> {
 public:
  static constexpr std::string_view kClassName = "PermissionDeniedError";
  using ErrorOf::ErrorOf;
};

/// The storage refuses access to details().path.
class FLOE_EXPORT StorageAccessError : public ErrorOf<StorageAccessError, Error> {
 public:
  static constexpr std::string_view kClassName = "StorageAccessError";
  using ErrorOf::ErrorOf;
};

/// Reading or writing details().path failed (disk full, file missing, device error).
class FLOE_EXPORT IoError : public ErrorOf<IoError, Error> {
 public:
  static constexpr std::string_view kClassName = "IoError";
  using ErrorOf::ErrorOf;
};

/// details().path is not what it should be: truncated, damaged, or not of its format.
class FLOE_EXPORT CorruptFileError : public ErrorOf<CorruptFileError, Error> {
 public:
  static constexpr std::string_view kClassName = "CorruptFileError";
  using ErrorOf::ErrorOf;
};

/// Legal, but floe can't do it; the message names the feature (docs/status.md lists all).
class FLOE_EXPORT UnsupportedError : public ErrorOf<UnsupportedError, Error> {
 public:
  static constexpr std::string_view kClassName = "UnsupportedError";
  using ErrorOf::ErrorOf;
};

/// The caller's StopToken asked the work to end. Nothing was committed.
class FLOE_EXPORT CancelledError : public ErrorOf<CancelledError, Error> {
 public:
  static constexpr std::string_view kClassName = "CancelledError";
  using ErrorOf::ErrorOf;
};

/// A bug in floe. Never thrown for what a user did.
class FLOE_EXPORT InternalError : public ErrorOf<InternalError, Error> {
 public:
  static constexpr std::string_view kClassName = "InternalError";
  using ErrorOf::ErrorOf;
};

/// A class of the tree, for the test that compares it with Python's.
struct ErrorClass {
  std::string_view name;
  std::string_view parent;  ///< empty for those directly under Error
  /// Throws an instance with the given message and details.
  void (*raise)(const std::string& message, const ErrorDetails& details);
};

/// Every class that can be thrown.
std::span<const ErrorClass> ErrorClasses();

/// Throws InternalError when `condition` is false: for what only a bug in floe can break.
/// Kept in release builds. Never for user input.
void Check(bool condition, std::string_view why,
           std::source_location where = std::source_location::current());

}  // namespace floe::inline v0
