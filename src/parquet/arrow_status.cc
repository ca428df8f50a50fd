#include "parquet/arrow_status.h"

#include <arrow/status.h>
#include <fmt/format.h>
#include <parquet/exception.h>

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr const char* kDetailType = "floe::Exception";

class ExceptionDetail final : public arrow::StatusDetail {
 public:
  ExceptionDetail(std::exception_ptr exception, std::string text)
      : exception_(std::move(exception)), text_(std::move(text)) {}
  const char* type_id() const override { return kDetailType; }
  std::string ToString() const override { return text_; }
  const std::exception_ptr& exception() const { return exception_; }

 private:
  std::exception_ptr exception_;
  std::string text_;
};

[[noreturn]] void ThrowByContext(const std::string& problem, const ArrowContext& context) {
  switch (context.kind) {
    case ArrowContext::Kind::kReading:
      throw CorruptFileError(fmt::format("can't read {} as the data file it should be: {}",
                                         context.subject, problem),
                             {.path = context.subject});
    case ArrowContext::Kind::kWriting:
      throw WriteError(fmt::format("can't write {}: {}", context.subject, problem),
                       {.path = context.subject});
    case ArrowContext::Kind::kInput:
      throw InvalidArgumentError(fmt::format("{}: {}", context.subject, problem));
    case ArrowContext::Kind::kInternal:
      break;
  }
  throw InternalError(
      fmt::format("internal error: {}: {}; please report this", context.subject, problem));
}

}  // namespace

std::exception_ptr ExceptionOf(const arrow::Status& status) {
  const auto& detail = status.detail();
  if (detail == nullptr || detail->type_id() != kDetailType) {
    return nullptr;
  }
  return static_cast<const ExceptionDetail&>(*detail).exception();
}

void ThrowArrow(const arrow::Status& status, const ArrowContext& context) {
  if (const std::exception_ptr carried = ExceptionOf(status)) {
    std::rethrow_exception(carried);
  }
  if (status.IsOutOfMemory()) {
    throw std::bad_alloc();
  }
  if (status.IsCancelled()) {
    throw CancelledError("the operation was cancelled; nothing was committed");
  }
  if (status.IsNotImplemented()) {
    throw UnsupportedError(
        fmt::format("{}: Arrow can't do this: {}", context.subject, status.message()),
        {.path = context.subject});
  }
  ThrowByContext(status.message(), context);
}

void WithParquetErrors(const ArrowContext& context, const std::function<void()>& work) {
  try {
    work();
  } catch (const parquet::ParquetStatusException& error) {
    ThrowArrow(error.status(), context);
  } catch (const parquet::ParquetException& error) {
    ThrowByContext(error.what(), context);
  }
}

arrow::Status CurrentExceptionAsStatus() {
  std::string text;
  try {
    throw;
  } catch (const std::exception& error) {
    text = error.what();
  } catch (...) {
    text = "unknown exception";
  }
  return arrow::Status(arrow::StatusCode::IOError, text,
                       std::make_shared<ExceptionDetail>(std::current_exception(), text));
}

}  // namespace floe::inline v0
