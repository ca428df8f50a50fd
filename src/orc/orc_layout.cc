#include "orc/orc_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "orc/orc_message.h"

namespace floe::inline v0 {
namespace {

// Field numbers of ORC's protocol buffers (orc_proto.proto).
constexpr uint64_t kPostscriptOfTail = 1;
constexpr uint64_t kCodecOfPostscript = 2;
constexpr uint64_t kBlockSizeOfPostscript = 3;
constexpr uint64_t kStripesOfFooter = 3;
constexpr uint64_t kSubtypesOfType = 2;
constexpr uint64_t kStreamsOfStripe = 1;
constexpr uint64_t kEncodingsOfStripe = 2;

[[noreturn]] void ThrowCorrupt(const std::string& location, std::string_view what) {
  throw CorruptFileError(fmt::format("data file {} {}", location, what), {.path = location});
}

OrcKind KindOf(uint64_t number) {
  return number <= static_cast<uint64_t>(OrcKind::kTimestampInstant)
             ? static_cast<OrcKind>(number)
             : OrcKind::kUnknown;
}

OrcType ParseType(std::string_view bytes) {
  OrcType type;
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (entry->number == kKindOfOrcType && entry->varint) {
      type.kind = KindOf(*entry->varint);
    } else if (entry->number == kSubtypesOfType && entry->varint) {
      type.children.push_back(static_cast<uint32_t>(*entry->varint));
    } else if (entry->number == kSubtypesOfType) {
      OrcMessage packed(entry->bytes);
      while (const auto child = packed.NextVarint()) {
        type.children.push_back(static_cast<uint32_t>(*child));
      }
    }
  }
  return type;
}

OrcStripePlace ParseStripe(std::string_view bytes) {
  OrcStripePlace stripe;
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (!entry->varint) {
      continue;
    }
    switch (entry->number) {
      case 1:
        stripe.offset = *entry->varint;
        break;
      case 2:
        stripe.index_size = *entry->varint;
        break;
      case 3:
        stripe.data_size = *entry->varint;
        break;
      case 4:
        stripe.footer_size = *entry->varint;
        break;
      case 5:
        stripe.row_count = *entry->varint;
        break;
      default:
        break;
    }
  }
  return stripe;
}

void ParsePostscript(std::string_view bytes, OrcLayout* layout) {
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (entry->number == kCodecOfPostscript && entry->varint) {
      constexpr uint64_t kLzo = 3;
      const uint64_t codec = *entry->varint;
      layout->codec = codec == kLzo || codec > static_cast<uint64_t>(OrcCodec::kZstd)
                          ? OrcCodec::kOther
                          : static_cast<OrcCodec>(codec);
    } else if (entry->number == kBlockSizeOfPostscript && entry->varint) {
      layout->block_size = *entry->varint;
    }
  }
}

void ParseFooter(std::string_view bytes, OrcLayout* layout) {
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (entry->number == kTypesOfOrcFooter && !entry->varint) {
      layout->types.push_back(ParseType(entry->bytes));
    } else if (entry->number == kStripesOfFooter && !entry->varint) {
      layout->stripes.push_back(ParseStripe(entry->bytes));
    }
  }
}

/// Whether each type is followed by its children, and those by theirs. Columns are numbered
/// that way, so that streams would be taken for those of others if types were not.
bool AreInOrder(const std::vector<OrcType>& types) {
  std::vector<size_t> ends(types.size());  // of a type with all below it
  for (size_t i = types.size(); i-- > 0;) {
    size_t next = i + 1;
    for (const uint32_t child : types[i].children) {
      if (child != next || next >= types.size()) {
        return false;
      }
      next = ends[next];
    }
    ends[i] = next;
  }
  return true;
}

/// Without its offset. Unknown kinds are those of other versions of ORC.
OrcStream ParseStream(std::string_view bytes, const std::string& location) {
  OrcStream stream;
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (!entry->varint) {
      continue;
    }
    if (entry->number == 1) {
      constexpr uint64_t kDictionaryCount = 4;
      stream.kind = *entry->varint <= static_cast<uint64_t>(OrcStreamKind::kSecondary) &&
                            *entry->varint != kDictionaryCount
                        ? static_cast<OrcStreamKind>(*entry->varint)
                        : OrcStreamKind::kOther;
    } else if (entry->number == 2) {
      stream.column = static_cast<uint32_t>(*entry->varint);
    } else if (entry->number == 3) {
      stream.size = *entry->varint;
    }
  }
  if (fields.is_broken()) {
    ThrowCorrupt(location, "has a stripe whose footer has a damaged list of streams");
  }
  return stream;
}

OrcEncoding ParseEncoding(std::string_view bytes, const std::string& location) {
  uint64_t kind = 0;
  OrcEncoding encoding;
  OrcMessage fields(bytes);
  while (const auto entry = fields.Next()) {
    if (entry->number == 1 && entry->varint) {
      kind = *entry->varint;
    } else if (entry->number == 2 && entry->varint) {
      encoding.dictionary_size = static_cast<uint32_t>(*entry->varint);
    }
  }
  constexpr uint64_t kLastEncoding = 3;  // DICTIONARY_V2
  if (fields.is_broken() || kind > kLastEncoding) {
    ThrowCorrupt(location,
                 fmt::format("has a column of encoding {}, which there is not", kind));
  }
  encoding.has_dictionary = (kind & 1U) != 0;
  encoding.is_v2 = (kind & 2U) != 0;
  return encoding;
}

}  // namespace

OrcLayout ParseOrcLayout(std::string_view tail, const std::string& location) {
  OrcLayout layout;
  OrcMessage fields(tail);
  while (const auto entry = fields.Next()) {
    if (entry->number == kPostscriptOfTail && !entry->varint) {
      ParsePostscript(entry->bytes, &layout);
    } else if (entry->number == kFooterOfOrcTail && !entry->varint) {
      ParseFooter(entry->bytes, &layout);
    }
  }
  if (layout.types.empty() || !AreInOrder(layout.types)) {
    ThrowCorrupt(location, "has types that are not numbered in the order of their tree");
  }
  return layout;
}

OrcStripeFooter ParseOrcStripeFooter(std::string_view footer, const OrcStripePlace& stripe,
                                     const std::string& location) {
  OrcStripeFooter result;
  OrcMessage fields(footer);
  uint64_t offset = 0;
  const uint64_t end = stripe.index_size + stripe.data_size;
  while (const auto entry = fields.Next()) {
    if (entry->number == kStreamsOfStripe && !entry->varint) {
      OrcStream stream = ParseStream(entry->bytes, location);
      if (stream.size > end - offset) {
        ThrowCorrupt(location,
                     fmt::format("has a stream of {} bytes in column {}, but its stripe has "
                                 "only {} bytes left for it",
                                 stream.size, stream.column, end - offset));
      }
      stream.offset = offset;
      offset += stream.size;
      if (stream.kind != OrcStreamKind::kOther) {
        result.streams.push_back(stream);
      }
    } else if (entry->number == kEncodingsOfStripe && !entry->varint) {
      result.encodings.push_back(ParseEncoding(entry->bytes, location));
    }
  }
  if (fields.is_broken()) {
    ThrowCorrupt(location, "has a stripe whose footer does not parse");
  }
  std::ranges::stable_sort(result.streams, {}, [](const OrcStream& stream) {
    return std::pair(stream.column, stream.kind);
  });
  return result;
}

}  // namespace floe::inline v0
