#include "arrow_interop.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.h"
#include "floe/base/error.h"
#include "gil.h"
#include "parquet/arrow_status.h"

namespace floe::bindings {
namespace {

constexpr const char* kStreamName = "arrow_array_stream";
constexpr const char* kSchemaName = "arrow_schema";
constexpr const char* kArrayName = "arrow_array";

/// A capsule that owns a struct of the C data interface and releases it, unless a consumer
/// has moved it out.
template <class CStruct>
nb::capsule MakeCapsule(std::unique_ptr<CStruct> content, const char* name) {
  return nb::capsule(content.release(), name, [](void* pointer) noexcept {
    auto* owned = static_cast<CStruct*>(pointer);
    if (owned->release != nullptr) {
      owned->release(owned);
    }
    delete owned;
  });
}

template <class CStruct>
CStruct* Unwrap(nb::handle capsule, const char* name) {
  void* pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) {
    throw nb::python_error();
  }
  return static_cast<CStruct*>(pointer);
}

/// Rows are structs in the C data interface; a single column, such as a series, is no table.
void RequireRows(ArrowSchema* schema, nb::handle data) {
  if (std::string_view(schema->format) != "+s") {
    const auto type =
        ValueOrThrow(arrow::ImportType(schema), ArrowContext::Input("importing Arrow data"));
    throw InvalidArgumentError(
        fmt::format("an object of type {} is a single column of {}, not rows of named columns; "
                    "put it into a table or a frame",
                    nb::cast<std::string>(data.type().attr("__name__")), type->ToString()));
  }
}

/// The schema of a stream, released with its owner.
class StreamSchema {
 public:
  explicit StreamSchema(ArrowArrayStream* stream)
      : code_(stream->get_schema(stream, &schema_)) {}
  ~StreamSchema() {
    if (schema_.release != nullptr) {
      schema_.release(&schema_);
    }
  }
  StreamSchema(const StreamSchema&) = delete;
  StreamSchema& operator=(const StreamSchema&) = delete;
  /// nullptr if the stream failed, as it will again when it is imported.
  ArrowSchema* get() { return code_ == 0 ? &schema_ : nullptr; }

 private:
  ArrowSchema schema_{};
  int code_;
};

/// What a method without arguments returns.
nb::object Called(nb::handle object, const char* method) {
  const nb::str name(method);
  PyObject* result =
      CallPython([&] { return PyObject_CallMethodNoArgs(object.ptr(), name.ptr()); });
  if (result == nullptr) {
    throw nb::python_error();
  }
  return nb::steal(result);
}

std::shared_ptr<arrow::RecordBatchReader> ImportStream(nb::handle data) {
  const nb::object capsule = Called(data, "__arrow_c_stream__");
  auto* stream = Unwrap<ArrowArrayStream>(capsule, kStreamName);
  if (stream->release == nullptr) {
    throw InvalidArgumentError("the Arrow stream was consumed already; make a new one");
  }
  if (StreamSchema schema(stream); schema.get() != nullptr) {
    RequireRows(schema.get(), data);
  }
  return ValueOrThrow(arrow::ImportRecordBatchReader(stream),
                      ArrowContext::Input("importing Arrow data"));
}

std::shared_ptr<arrow::RecordBatch> ImportBatch(nb::handle data) {
  const nb::tuple pair = nb::cast<nb::tuple>(Called(data, "__arrow_c_array__"));
  RequireRows(Unwrap<ArrowSchema>(pair[0], kSchemaName), data);
  return ValueOrThrow(arrow::ImportRecordBatch(Unwrap<ArrowArray>(pair[1], kArrayName),
                                               Unwrap<ArrowSchema>(pair[0], kSchemaName)),
                      ArrowContext::Input("importing an Arrow batch"));
}

std::string ColumnsOf(const arrow::Schema& schema) {
  std::vector<std::string> columns;
  for (const auto& field : schema.fields()) {
    columns.push_back(fmt::format("{} {}", field->name(), field->type()->ToString()));
  }
  return fmt::format("({})", fmt::join(columns, ", "));
}

[[noreturn]] void ThrowTwoSchemas(const arrow::Schema& first, const arrow::Schema& then) {
  throw InvalidArgumentError(fmt::format(
      "the iterator yielded batches of two schemas: first {}, then {}; cast them to "
      "one",
      ColumnsOf(first), ColumnsOf(then)));
}

/// Iterates a Python iterator, which may yield batches, tables and frames.
class IteratorReader final : public arrow::RecordBatchReader {
 public:
  /// The GIL is held.
  IteratorReader(nb::object iterator, std::shared_ptr<arrow::Schema> fallback)
      : iterator_(std::move(iterator)) {
    Fetch();
    schema_ = waiting_.empty() ? std::move(fallback) : waiting_.front()->schema();
  }
  ~IteratorReader() override {
    const GilAcquire acquire;
    iterator_.reset();
  }
  IteratorReader(const IteratorReader&) = delete;
  IteratorReader& operator=(const IteratorReader&) = delete;

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    try {
      if (waiting_.empty()) {
        const GilAcquire acquire;
        Fetch();
      }
      if (waiting_.empty()) {
        batch->reset();
        return arrow::Status::OK();
      }
      *batch = std::move(waiting_.front());
      waiting_.pop_front();
      if (!(*batch)->schema()->Equals(*schema_, /*check_metadata=*/false)) {
        ThrowTwoSchemas(*schema_, *(*batch)->schema());
      }
      return arrow::Status::OK();
    } catch (...) {
      return CurrentExceptionAsStatus();
    }
  }

 private:
  /// Takes objects until there are rows; leaves nothing waiting at the end.
  void Fetch() {
    while (waiting_.empty() && iterator_.is_valid()) {
      const nb::object item =
          nb::steal(CallPython([this] { return PyIter_Next(iterator_.ptr()); }));
      if (!item.is_valid()) {
        if (PyErr_Occurred() != nullptr) {
          throw nb::python_error();
        }
        iterator_.reset();
        return;
      }
      if (nb::hasattr(item, "__arrow_c_array__")) {
        waiting_.push_back(ImportBatch(item));
      } else if (nb::hasattr(item, "__arrow_c_stream__")) {
        TakeStream(item);
      } else {
        throw InvalidArgumentError(
            "the iterator yielded an object of type " +
            nb::cast<std::string>(item.type().attr("__name__")) +
            ", which is no Arrow data; expected record batches, tables or frames");
      }
    }
  }

  void TakeStream(nb::handle item) {
    const auto reader = ImportStream(item);
    std::shared_ptr<arrow::RecordBatch> batch;
    while (true) {
      ThrowIfNotOk(reader->ReadNext(&batch), ArrowContext::Input("importing Arrow data"));
      if (batch == nullptr) {
        break;
      }
      waiting_.push_back(std::move(batch));
    }
    if (waiting_.empty() && schema_ == nullptr) {  // no rows, but it tells the schema
      waiting_.push_back(ValueOrThrow(arrow::RecordBatch::MakeEmpty(reader->schema()),
                                      ArrowContext::Input("importing Arrow data")));
    }
  }

  nb::object iterator_;
  std::shared_ptr<arrow::Schema> schema_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> waiting_;
};

}  // namespace

std::shared_ptr<arrow::Schema> ImportSchema(nb::handle object) {
  const nb::object capsule = Called(object, "__arrow_c_schema__");
  return ValueOrThrow(arrow::ImportSchema(Unwrap<ArrowSchema>(capsule, kSchemaName)),
                      ArrowContext::Input("importing an Arrow schema"));
}

std::shared_ptr<arrow::RecordBatchReader> ImportData(
    nb::handle data, const std::shared_ptr<arrow::Schema>& fallback) {
  if (nb::hasattr(data, "__next__")) {
    return std::make_shared<IteratorReader>(nb::borrow(data), fallback);
  }
  return ImportStream(data);
}

nb::object ExportSchema(const arrow::Schema& schema) {
  auto exported = std::make_unique<ArrowSchema>();
  ThrowIfNotOk(arrow::ExportSchema(schema, exported.get()),
               ArrowContext::Internal("exporting a schema"));
  return MakeCapsule(std::move(exported), kSchemaName);
}

std::shared_ptr<arrow::Schema> PyStream::schema() const {
  CheckOpen();
  return reader_->schema();
}

void PyStream::CheckOpen() const {
  if (consumed_) {
    throw InvalidArgumentError("this stream was consumed already; scan again for another one");
  }
}

PyBatch PyStream::Next() {
  CheckOpen();
  std::shared_ptr<arrow::RecordBatch> batch;
  call_.Run([&] {
    ThrowIfNotOk(reader_->ReadNext(&batch), ArrowContext::Internal("reading a scan"));
  });
  if (batch == nullptr) {
    throw nb::stop_iteration();
  }
  return {std::move(batch)};
}

nb::object PyStream::ExportStream() {
  CheckOpen();
  consumed_ = true;
  auto exported = std::make_unique<ArrowArrayStream>();
  ThrowIfNotOk(arrow::ExportRecordBatchReader(std::move(reader_), exported.get()),
               ArrowContext::Internal("exporting a stream"));
  return MakeCapsule(std::move(exported), kStreamName);
}

void PyStream::Close() {
  consumed_ = true;
  const GilRelease release;
  reader_.reset();
}

void RegisterArrow(nb::module_& module) {
  nb::class_<PyBatch>(module, "RecordBatch", "Rows; any Arrow consumer takes them.")
      .def_prop_ro("num_rows", [](const PyBatch& self) { return self.batch->num_rows(); })
      .def(
          "__arrow_c_array__",
          [](const PyBatch& self, nb::object /*requested_schema*/) {
            auto schema = std::make_unique<ArrowSchema>();
            auto array = std::make_unique<ArrowArray>();
            ThrowIfNotOk(arrow::ExportRecordBatch(*self.batch, array.get(), schema.get()),
                         ArrowContext::Internal("exporting a batch"));
            return nb::make_tuple(MakeCapsule(std::move(schema), kSchemaName),
                                  MakeCapsule(std::move(array), kArrayName));
          },
          nb::arg("requested_schema") = nb::none(),
          nb::sig("def __arrow_c_array__(self, requested_schema: object = None) -> "
                  "tuple[object, object]"));

  nb::class_<PyStream>(module, "RecordBatchStream",
                       "Batches, one by one or as an Arrow stream. One thread at a time.")
      .def(
          "__iter__", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def __iter__(self) -> RecordBatchStream"))
      .def("__next__", &PyStream::Next)
      .def("close", &PyStream::Close, "Ends the work behind the stream.")
      .def(
          "__arrow_c_schema__",
          [](const PyStream& self) { return ExportSchema(*self.schema()); },
          nb::sig("def __arrow_c_schema__(self) -> object"))
      .def(
          "__arrow_c_stream__",
          [](PyStream& self, nb::object /*requested_schema*/) { return self.ExportStream(); },
          nb::arg("requested_schema") = nb::none(),
          nb::sig("def __arrow_c_stream__(self, requested_schema: object = None) -> object"));
}

}  // namespace floe::bindings
