#include "scan/equality_set.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "parquet/row_filter.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kFirstSlots = 64;
constexpr char kNullMark = '\0';
constexpr char kValueMark = '\1';

template <class ArrayType>
void AppendText(const arrow::Array& array, int64_t row, std::string* key) {
  const std::string_view text = static_cast<const ArrayType&>(array).GetView(row);
  AppendLittleEndian(static_cast<uint32_t>(text.size()), key);
  *key += text;
}

template <class T>
void AppendFixedWidth(const arrow::Array& array, int64_t row, std::string* key) {
  AppendLittleEndian(array.data()->GetValues<T>(1)[row], key);
}

/// All NaNs are one.
template <class T>
void AppendFloat(const arrow::Array& array, int64_t row, std::string* key) {
  const T value = array.data()->GetValues<T>(1)[row];
  AppendLittleEndian(std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : value, key);
}

void AppendBoolean(const arrow::Array& array, int64_t row, std::string* key) {
  key->push_back(static_cast<const arrow::BooleanArray&>(array).Value(row) ? '\1' : '\0');
}

void AppendBytes(const arrow::Array& array, int64_t row, std::string* key) {
  *key += static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row);
}

using AppendCell = void (*)(const arrow::Array& array, int64_t row, std::string* key);

AppendCell AppenderFor(arrow::Type::type type) {
  switch (type) {
    case arrow::Type::BOOL:
      return AppendBoolean;
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
      return AppendFixedWidth<int32_t>;
    case arrow::Type::INT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      return AppendFixedWidth<int64_t>;
    case arrow::Type::FLOAT:
      return AppendFloat<float>;
    case arrow::Type::DOUBLE:
      return AppendFloat<double>;
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return AppendText<arrow::BinaryArray>;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return AppendText<arrow::LargeBinaryArray>;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return AppendText<arrow::BinaryViewArray>;
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::DECIMAL128:
      return AppendBytes;
    default:
      return nullptr;
  }
}

}  // namespace

size_t KeyTable::SlotOf(uint64_t hash, std::string_view key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].number >= 0) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && std::string_view(arena_).substr(slot.offset, slot.size) == key) {
      return at;
    }
    at = (at + 1) & mask;
  }
  return at;
}

void KeyTable::Grow() {
  std::vector<Slot> old(std::max(kFirstSlots, slots_.size() * 2));
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number >= 0) {
      size_t at = slot.hash & mask;
      while (slots_[at].number >= 0) {
        at = (at + 1) & mask;
      }
      slots_[at] = slot;
    }
  }
}

void KeyTable::Insert(std::string_view key, int64_t number) {
  if (count_ * 2 >= slots_.size()) {
    Grow();
  }
  const uint64_t hash = std::hash<std::string_view>()(key);
  Slot& slot = slots_[SlotOf(hash, key)];
  if (slot.number < 0) {
    slot = {hash, arena_.size(), static_cast<uint32_t>(key.size()), number};
    arena_ += key;
    ++count_;
  } else {
    slot.number = std::max(slot.number, number);
  }
}

int64_t KeyTable::Find(std::string_view key) const {
  return slots_.empty() ? -1 : slots_[SlotOf(std::hash<std::string_view>()(key), key)].number;
}

struct RowKeys::Column {
  std::shared_ptr<arrow::Array> array;
  AppendCell append;
};

RowKeys::RowKeys(const Schema& schema, const arrow::RecordBatch& rows,
                 const std::vector<int32_t>& field_ids) {
  for (const int32_t id : field_ids) {
    std::shared_ptr<arrow::Array> array = ColumnOfBatch(schema, rows, id);
    Check(array != nullptr, "an equality column that was not read");
    if (array->type_id() == arrow::Type::EXTENSION) {
      array = static_cast<const arrow::ExtensionArray&>(*array).storage();
    }
    const AppendCell append = AppenderFor(array->type_id());
    Check(append != nullptr, "an equality column of a type that no column has");
    columns_.push_back({std::move(array), append});
  }
}

RowKeys::~RowKeys() = default;

std::string_view RowKeys::KeyOf(int64_t row) {
  key_.clear();
  for (const Column& column : columns_) {
    if (column.array->IsNull(row)) {
      key_.push_back(kNullMark);
    } else {
      key_.push_back(kValueMark);
      column.append(*column.array, row, &key_);
    }
  }
  return key_;
}

void EqualitySet::Add(const arrow::RecordBatch& rows, int64_t sequence_number) {
  RowKeys keys(*schema_, rows, field_ids_);
  const std::unique_lock lock(mutex_);
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    table_.Insert(keys.KeyOf(row), sequence_number);
  }
}

void EqualitySet::Clear(const Schema& schema, const arrow::RecordBatch& rows,
                        int64_t sequence_number, std::span<uint8_t> mask) const {
  RowKeys keys(schema, rows, field_ids_);
  const std::shared_lock lock(mutex_);
  for (size_t row = 0; row < mask.size(); ++row) {
    if (mask[row] != 0 &&
        table_.Find(keys.KeyOf(static_cast<int64_t>(row))) > sequence_number) {
      mask[row] = 0;
    }
  }
}

size_t EqualitySet::memory_bytes() const {
  const std::shared_lock lock(mutex_);
  return table_.memory_bytes();
}

}  // namespace floe::inline v0
