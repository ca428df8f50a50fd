#pragma once

#include <arrow/type_fwd.h>
#include <nanobind/nanobind.h>

#include <memory>
#include <mutex>

#include "bindings.h"
#include "engine_call.h"
#include "floe/base/stop_token.h"

namespace floe::bindings {

/// The schema of any object with `__arrow_c_schema__`.
std::shared_ptr<arrow::Schema> ImportSchema(nb::handle object);

/// A reader of `data`: an object with `__arrow_c_stream__`, or an iterator of objects with
/// `__arrow_c_array__` or `__arrow_c_stream__`. An iterator is iterated under the GIL, and what
/// it raises passes through the engine unchanged. `fallback` is the schema of an iterator that
/// yields nothing.
std::shared_ptr<arrow::RecordBatchReader> ImportData(
    nb::handle data, const std::shared_ptr<arrow::Schema>& fallback);

/// A record batch that Python takes by `__arrow_c_array__`.
struct PyBatch {
  std::shared_ptr<arrow::RecordBatch> batch;
};

/// Batches that Python takes one by one or, once, by `__arrow_c_stream__`.
class PyStream {
 public:
  PyStream(std::shared_ptr<arrow::RecordBatchReader> reader, EngineCall call)
      : reader_(std::move(reader)), call_(std::move(call)) {}

  std::shared_ptr<arrow::Schema> schema() const;
  /// The next batch; throws nb::stop_iteration at the end, and floe's errors.
  PyBatch Next();
  nb::object ExportStream();
  void Close();

 private:
  void CheckOpen() const;

  std::shared_ptr<arrow::RecordBatchReader> reader_;
  EngineCall call_;
  bool consumed_ = false;
};

nb::object ExportSchema(const arrow::Schema& schema);

}  // namespace floe::bindings
