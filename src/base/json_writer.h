#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace floe::inline v0 {

/// Members of a JSON object that floe does not know, kept to be written back: name and raw
/// value text.
using JsonExtras = std::vector<std::pair<std::string, std::string>>;

/// Appends `text` as a JSON string, quoted and escaped.
void AppendJsonString(std::string_view text, std::string* out);

/// Builds compact JSON text from begin to end; commas are its concern, balance is the
/// caller's. Not thread-safe.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Shut('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Shut(']'); }
  JsonWriter& Key(std::string_view name);

  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null() { return Raw("null"); }
  /// Text that is JSON already.
  JsonWriter& Raw(std::string_view json);

  JsonWriter& Member(std::string_view name, std::string_view value) {
    return Key(name).String(value);
  }
  JsonWriter& Member(std::string_view name, int64_t value) { return Key(name).Int(value); }
  JsonWriter& Extras(const JsonExtras& extras);

  /// Makes room for a text of about `size` bytes.
  void Reserve(size_t size) { text_.reserve(size); }
  std::string Take() && { return std::move(text_); }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Shut(char bracket);
  void Separate();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace floe::inline v0
