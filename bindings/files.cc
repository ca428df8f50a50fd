#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "bindings.h"
#include "engine_call.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "floe/object_io/object_storage.h"

namespace floe::bindings {
namespace {

/// The bytes of an object that has some, such as bytes or a memoryview.
class Buffer {
 public:
  Buffer(nb::handle object, int flags) {
    if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) {
      throw nb::python_error();
    }
  }
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<std::byte> bytes() const {
    return {static_cast<std::byte*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_ = {};
};

/// A file that is written: OutputFile, for any number of threads, and durable when closed.
class Writer {
 public:
  Writer(std::shared_ptr<FileIO> io, const std::string& location)
      : io_(std::move(io)), location_(location), file_(io_->Create(location)) {}

  void Write(std::span<const std::byte> data) {
    const std::lock_guard lock(mutex_);
    Open().Write(data);
    written_ += static_cast<int64_t>(data.size());
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    Open();
    const std::unique_ptr<OutputFile> file = std::move(file_);
    file->Close();
    io_->Sync(std::span(&location_, 1));
  }

  void Abort() {
    const std::lock_guard lock(mutex_);
    if (file_ != nullptr) {
      file_->Abort();
      file_ = nullptr;
    }
  }

  int64_t position() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  OutputFile& Open() {
    if (file_ == nullptr) {
      throw InvalidArgumentError("file " + location_ + " is closed", {.path = location_});
    }
    return *file_;
  }

  const std::shared_ptr<FileIO> io_;
  const std::string location_;
  std::mutex mutex_;                  // guards what follows
  std::unique_ptr<OutputFile> file_;  // null: closed
  int64_t written_ = 0;
};

std::shared_ptr<FileIO> MakeFileIO(StorageProperties properties) {
  const EngineCall call;
  return call.Run([&] {
    return MakeObjectStorage({.local = {}, .properties = std::move(properties)})->FileIOFor({});
  });
}

size_t ReadInto(InputFile& file, int64_t offset, nb::handle into) {
  const Buffer buffer(into, PyBUF_WRITABLE);
  const EngineCall call;
  return call.Run([&] { return file.ReadAt(offset, buffer.bytes()); });
}

void WriteBuffer(Writer& writer, nb::handle data) {
  const Buffer buffer(data, PyBUF_SIMPLE);
  const EngineCall call;
  call.Run([&] { writer.Write(buffer.bytes()); });
}

}  // namespace

void RegisterFiles(nb::module_& module) {
  using nb::arg;
  using Release = nb::call_guard<EngineCallGuard>;
  nb::class_<InputFile>(module, "InputFile", "A file open for reading. Thread-safe.")
      .def_prop_ro("size", &InputFile::size)
      .def("read_into", &ReadInto, arg("offset"), arg("buffer"),
           nb::sig("def read_into(self, offset: int, buffer: object) -> int"),
           "Fills a writable buffer; fewer bytes come only at the end of the file.");
  nb::class_<Writer>(module, "OutputFile", "A file that is written. Thread-safe.")
      .def("write", &WriteBuffer, arg("data"), nb::sig("def write(self, data: object) -> None"),
           "Appends what a buffer has.")
      .def("close", &Writer::Close, Release(), "Makes it a file that stays.")
      .def("abort", &Writer::Abort, Release(), "Gives it up, and removes what was written.")
      .def_prop_ro("position", &Writer::position);
  nb::class_<FileIO>(module, "FileIO", "Access to files by location. Thread-safe.")
      .def(
          "open_input",
          [](FileIO& self, const std::string& location) {
            const EngineCall call;
            return call.Run([&] { return self.OpenInput(location); });
          },
          arg("location"))
      .def(
          "create",
          [](std::shared_ptr<FileIO> self, const std::string& location) {
            const EngineCall call;
            return call.Run([&] { return std::make_unique<Writer>(self, location); });
          },
          arg("location"))
      .def("delete", &FileIO::Delete, arg("location"), Release())
      .def("exists", &FileIO::Exists, arg("location"), Release());
  module.def("make_file_io", &MakeFileIO, arg("properties"),
             "Files of this machine and objects of stores, by properties of storages.");
}

}  // namespace floe::bindings
