#include "parquet/arrow_file.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "floe/io/file_io.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

class ArrowInput final : public arrow::io::RandomAccessFile {
 public:
  explicit ArrowInput(std::shared_ptr<InputFile> file) : file_(std::move(file)) {}
  ~ArrowInput() override = default;

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> GetSize() override { return file_->size(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(position_, size, out));
    position_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size, void* out) override {
    try {
      return static_cast<int64_t>(
          file_->ReadAt(position, {static_cast<std::byte*>(out), static_cast<size_t>(size)}));
    } catch (...) {
      return CurrentExceptionAsStatus();
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position,
                                                       int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(position, size, buffer->mutable_data()));
    if (got < size) {
      ARROW_RETURN_NOT_OK(buffer->Resize(got, /*shrink_to_fit=*/false));
    }
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  std::shared_ptr<InputFile> file_;
  int64_t position_ = 0;
  bool closed_ = false;
};

class ArrowOutput final : public arrow::io::OutputStream {
 public:
  explicit ArrowOutput(OutputFile& file) : file_(file) {}
  ~ArrowOutput() override = default;

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return file_.position(); }
  arrow::Status Write(const void* data, int64_t size) override {
    try {
      file_.Write({static_cast<const std::byte*>(data), static_cast<size_t>(size)});
      return arrow::Status::OK();
    } catch (...) {
      return CurrentExceptionAsStatus();
    }
  }

 private:
  OutputFile& file_;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<arrow::io::RandomAccessFile> MakeArrowInput(std::shared_ptr<InputFile> file) {
  return std::make_shared<ArrowInput>(std::move(file));
}

std::shared_ptr<arrow::io::OutputStream> MakeArrowOutput(OutputFile& file) {
  return std::make_shared<ArrowOutput>(file);
}

}  // namespace floe::inline v0
