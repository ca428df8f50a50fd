#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "floe/io/file_io.h"
#include "object_io/store_problem.h"

namespace arrow::fs {
class FileSystem;
}  // namespace arrow::fs

namespace floe::inline v0 {

/// What is a store's own. Immutable and thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Arrow's name of the object at a location: `bucket/key`. Throws InvalidArgumentError for
  /// what names none.
  virtual std::string Path(const std::string& location) const = 0;

  /// Arrow's access to it. Does no I/O. Throws floe's errors.
  virtual std::shared_ptr<arrow::fs::FileSystem> FileSystem(
      const std::string& location) const = 0;

  /// Reads a text of Arrow's.
  virtual StoreProblem ReadProblem(std::string_view text) const = 0;

  /// Throws the error for it, which says what could not be done with what, and what to check.
  /// `text` is Arrow's, and may have secrets.
  [[noreturn]] virtual void Throw(const StoreProblem& problem, std::string_view action,
                                  const std::string& location, std::string_view text) const = 0;
};

/// Objects of a store.
std::unique_ptr<FileIO> MakeArrowFileIO(std::shared_ptr<const ObjectStore> store);

}  // namespace floe::inline v0
