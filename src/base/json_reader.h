#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"

namespace floe::inline v0 {

/// Deepest nesting that is read.
inline constexpr int kMaxJsonDepth = 200;

/// Who is to blame when the text is wrong.
enum class JsonOrigin : uint8_t {
  kFile,      ///< a stored file: CorruptFileError with its path
  kArgument,  ///< a caller's text: ParseError
};

class JsonDocument;

/// A place in a document, read once and in order: a view for the duration of the callback
/// it was handed to. Every accessor throws the document's error class, naming the place
/// (`$.schemas[1].fields[0].id`), what was expected and what was found.
class JsonValue {
 public:
  bool IsNull();
  int64_t AsInt64();
  int32_t AsInt32();
  bool AsBool();
  std::string AsString();
  /// The same without a copy: valid until the document reads something else.
  std::string_view AsStringView();
  /// Calls `read` for each member in document order; a member it does not read is skipped.
  /// Returns the object's text as it stands in the document.
  std::string_view ForEachMember(
      const std::function<void(std::string_view name, JsonValue& value)>& read);
  void ForEachElement(const std::function<void(JsonValue& value)>& read);
  bool IsObject();
  bool IsArray();
  bool IsString();
  /// The value's text as it stands in the document, which it lives as long as. Checked to be
  /// well-formed JSON.
  std::string_view AsRaw();
  /// Like AsRaw, without the check: for what is read as well, or is to be checked later.
  std::string_view AsRawUnchecked();

  /// Throws the document's error about this place.
  [[noreturn]] void Fail(std::string_view problem) const;
  /// Throws UnsupportedError about this place: legal, but not for this version of floe.
  [[noreturn]] void FailUnsupported(std::string_view problem) const;
  /// Whether the text is a stored file, that another writer may have made, or a caller's.
  bool is_in_file() const;
  /// Fails unless `member` has been found.
  template <class T>
  const T& Require(const std::optional<T>& member, std::string_view name) const {
    if (!member.has_value()) {
      FailMissing(name);
    }
    return *member;
  }
  /// `$.a.b[2]`
  std::string Path() const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument& document, const JsonValue* parent, std::string_view key,
            size_t index);
  [[noreturn]] void FailMissing(std::string_view name) const;
  /// Fails at the root, which is an object or an array, as simdjson would assert there.
  void FailIfRoot(std::string_view expected);
  [[noreturn]] void FailWith(std::string_view expected, int simdjson_error);
  template <class Simd>
  void Store(const Simd& value);
  std::string_view FoundType();

  const JsonDocument* document_;
  const JsonValue* parent_;  // on the callers' stack
  std::string_view key_;
  size_t index_;
  int depth_;
  // A simdjson::ondemand::value, whose header is too heavy to be included here.
  alignas(8) std::array<std::byte, 32> storage_;
};

/// A JSON text being read. Owns the text, which can be shared with slices of it.
class JsonDocument {
 public:
  /// `source` names the text in messages: a file's location, or "schema".
  JsonDocument(std::string text, std::string source, JsonOrigin origin);
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  /// Reads the root. Throws if anything but white space follows it.
  void Read(const std::function<void(JsonValue& root)>& read);

  /// A reader of slices of the same text, for this thread or another.
  JsonDocument Sibling() const { return {text_, source_, origin_}; }
  /// Reads an object or array that AsRawUnchecked() gave, of this document or a sibling, again
  /// and again if need be. `place` names it in errors, as Path() of its value did.
  void ReadSlice(std::string_view slice, std::string_view place,
                 const std::function<void(JsonValue& value)>& read);
  /// Throws the document's error about a place.
  [[noreturn]] void Fail(std::string_view place, std::string_view problem) const;

  /// The text, which raw slices point into.
  std::shared_ptr<const std::string> text() const { return text_; }

 private:
  friend class JsonValue;
  JsonDocument(std::shared_ptr<std::string> text, std::string source, JsonOrigin origin);
  void ReadPart(std::string_view part, std::string_view place,
                const std::function<void(JsonValue& root)>& read);
  /// The text from `start` to the last character before the parser's place that is `last`.
  std::string_view TextFrom(const char* start, char last) const;

  std::shared_ptr<std::string> text_;
  std::string source_;
  JsonOrigin origin_;
  std::string_view part_;  ///< of the text, that is being read
  std::string_view place_;
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Reads `value` into `extras`: for the last `else` of a member switch.
void KeepExtra(std::string_view name, JsonValue& value, JsonExtras* extras);

}  // namespace floe::inline v0
