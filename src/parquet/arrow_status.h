#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "floe/base/error.h"

namespace floe::inline v0 {

/// What was being done when Arrow returned a status; decides the class of the error.
struct ArrowContext {
  enum class Kind : uint8_t {
    kReading,   ///< a file: what does not decode is CorruptFileError
    kWriting,   ///< a file: WriteError
    kInput,     ///< a caller's data: InvalidArgumentError
    kInternal,  ///< our own arrays: a failure is a bug
  };
  Kind kind;
  std::string subject;  ///< location of the file, or what the data is

  static ArrowContext Reading(std::string location) {
    return {Kind::kReading, std::move(location)};
  }
  static ArrowContext Writing(std::string location) {
    return {Kind::kWriting, std::move(location)};
  }
  static ArrowContext Input(std::string what) { return {Kind::kInput, std::move(what)}; }
  static ArrowContext Internal(std::string what) { return {Kind::kInternal, std::move(what)}; }
};

/// Throws the floe error that `status` stands for: the one that it carries, if it came from
/// our own code, else one by context.
[[noreturn]] void ThrowArrow(const arrow::Status& status, const ArrowContext& context);

inline void ThrowIfNotOk(const arrow::Status& status, const ArrowContext& context) {
  if (!status.ok()) [[unlikely]] {
    ThrowArrow(status, context);
  }
}

/// The border from Arrow to floe.
template <class T>
T ValueOrThrow(arrow::Result<T> result, const ArrowContext& context) {
  if (!result.ok()) [[unlikely]] {
    ThrowArrow(result.status(), context);
  }
  return std::move(result).ValueUnsafe();
}

/// Runs `work`, which uses Parquet's exceptions, and turns them into floe's.
void WithParquetErrors(const ArrowContext& context, const std::function<void()>& work);

/// The border from floe to Arrow: a status that carries the current exception, so that
/// ThrowArrow() throws it again on the other side.
arrow::Status CurrentExceptionAsStatus();

/// The exception that a status carries; null if it came from Arrow itself.
std::exception_ptr ExceptionOf(const arrow::Status& status);

}  // namespace floe::inline v0
