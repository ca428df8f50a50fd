#include "avro/avro_cursor.h"

#include <cstddef>
#include <cstdint>
#include <limits>

#include "avro/avro_schema.h"
#include "base/varint.h"

namespace floe::inline v0 {
namespace {

constexpr int kMaxDepth = 64;

}  // namespace

void AvroCursor::Fail(const char* problem) const { throw AvroDataError{problem, offset()}; }

int64_t AvroCursor::ReadLongSlow() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint8_t>(*Take(1));
    if (shift == 63 && byte > 1) {
      break;
    }
    value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) {
      return ZigZagDecode(value);
    }
  }
  Fail("a number has more than 64 bits");
}

int32_t AvroCursor::ReadInt() {
  const int64_t value = ReadLong();
  if (value < std::numeric_limits<int32_t>::min() ||
      value > std::numeric_limits<int32_t>::max()) {
    Fail("an int has more than 32 bits");
  }
  return static_cast<int32_t>(value);
}

int64_t AvroCursor::ReadBlockCount() {
  int64_t count = ReadLong();
  if (count < 0) {
    SkipLong();  // the block's size in bytes, which readers in order don't need
    if (count == std::numeric_limits<int64_t>::min()) {
      Fail("a block count is out of range");
    }
    count = -count;
  }
  return count;
}

void AvroCursor::SkipBlocks(const AvroSchema& schema, int depth) {
  while (true) {
    int64_t count = ReadLong();
    if (count == 0) {
      return;
    }
    if (count < 0) {
      ReadBytes();  // its length in bytes comes first, so that it can be skipped as a whole
      continue;
    }
    if (schema.kind == AvroKind::kArray && schema.element().is_empty) {
      continue;  // there is nothing to pass over, however many
    }
    for (; count > 0; --count) {
      if (schema.kind == AvroKind::kMap) {
        ReadBytes();
      }
      Skip(schema.element(), depth + 1);
    }
  }
}

void AvroCursor::Skip(const AvroSchema& schema, int depth) {
  if (schema.is_empty) {
    return;
  }
  if (depth > kMaxDepth) {
    Fail("values are nested too deep");
  }
  switch (schema.kind) {
    case AvroKind::kNull:
      return;
    case AvroKind::kBoolean:
      Take(1);
      return;
    case AvroKind::kInt:
    case AvroKind::kLong:
    case AvroKind::kEnum:
      SkipLong();
      return;
    case AvroKind::kFloat:
      Take(sizeof(float));
      return;
    case AvroKind::kDouble:
      Take(sizeof(double));
      return;
    case AvroKind::kBytes:
    case AvroKind::kString:
      ReadBytes();
      return;
    case AvroKind::kFixed:
      Take(static_cast<size_t>(schema.fixed_size));
      return;
    case AvroKind::kRecord:
      for (const AvroField& field : schema.fields) {
        Skip(*field.schema, depth + 1);
      }
      return;
    case AvroKind::kArray:
    case AvroKind::kMap:
      SkipBlocks(schema, depth);
      return;
    case AvroKind::kUnion: {
      const int64_t branch = ReadLong();
      if (branch < 0 || branch >= static_cast<int64_t>(schema.branches.size())) {
        Fail("a union's branch does not exist");
      }
      Skip(*schema.branches[static_cast<size_t>(branch)], depth + 1);
      return;
    }
  }
}

}  // namespace floe::inline v0
