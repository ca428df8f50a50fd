#include "base/json_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/json_writer.h"
#include "floe/base/error.h"

namespace floe::inline v0 {

namespace od = simdjson::ondemand;

struct JsonDocument::Parser {
  od::parser parser;
  od::document document;
};

namespace {

static_assert(std::is_trivially_copyable_v<od::value>);

od::value& Value(void* storage) { return *std::launder(static_cast<od::value*>(storage)); }

std::string_view TypeName(od::json_type type) {
  switch (type) {
    case od::json_type::array:
      return "an array";
    case od::json_type::object:
      return "an object";
    case od::json_type::number:
      return "a number";
    case od::json_type::string:
      return "a string";
    case od::json_type::boolean:
      return "a boolean";
    case od::json_type::null:
      return "null";
  }
  return "something else";
}

bool IsJsonSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

JsonDocument::JsonDocument(std::string text, std::string source, JsonOrigin origin)
    : JsonDocument(std::make_shared<std::string>(std::move(text)), std::move(source), origin) {
  text_->reserve(text_->size() + simdjson::SIMDJSON_PADDING);
}

JsonDocument::JsonDocument(std::shared_ptr<std::string> text, std::string source,
                           JsonOrigin origin)
    : text_(std::move(text)),
      source_(std::move(source)),
      origin_(origin),
      parser_(std::make_unique<Parser>()) {}

JsonDocument::~JsonDocument() = default;

void JsonDocument::Fail(std::string_view place, std::string_view problem) const {
  if (origin_ == JsonOrigin::kFile) {
    throw CorruptFileError(fmt::format("corrupt JSON in {} at {}: {}", source_, place, problem),
                           {.path = source_});
  }
  throw ParseError(fmt::format("bad {} JSON at {}: {}", source_, place, problem));
}

void JsonDocument::Read(const std::function<void(JsonValue& root)>& read) {
  ReadPart(*text_, "$", read);
}

void JsonDocument::ReadSlice(std::string_view slice, std::string_view place,
                             const std::function<void(JsonValue& value)>& read) {
  Check(slice.data() >= text_->data() &&
            slice.data() + slice.size() <= text_->data() + text_->size(),
        "a slice of another text");
  ReadPart(slice, place, read);
}

void JsonDocument::ReadPart(std::string_view part, std::string_view place,
                            const std::function<void(JsonValue& root)>& read) {
  part_ = part;
  place_ = place;
  od::document& document = parser_->document;
  const auto padded = static_cast<size_t>(text_->data() + text_->capacity() - part.data());
  auto error =
      parser_->parser.iterate(simdjson::padded_string_view(part.data(), part.size(), padded))
          .get(document);
  if (error != simdjson::SUCCESS) {
    Fail(place, part.empty() ? "the text is empty" : simdjson::error_message(error));
  }
  od::value root;
  error = document.get_value().get(root);
  if (error == simdjson::SCALAR_DOCUMENT_AS_VALUE) {
    Fail(place, "expected an object, found a single value");
  }
  if (error != simdjson::SUCCESS) {
    Fail(place, fmt::format("expected an object, {}", simdjson::error_message(error)));
  }
  JsonValue value(*this, nullptr, "", 0);
  value.Store(root);
  read(value);
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    Fail(place, "the text goes on after the end of its value");
  }
}

std::string_view JsonDocument::TextFrom(const char* start, char last) const {
  const char* next = nullptr;
  if (parser_->document.current_location().get(next) != simdjson::SUCCESS) {
    next = part_.data() + part_.size();
  }
  const std::string_view text(start, static_cast<size_t>(next - start));
  return text.substr(0, text.rfind(last) + 1);
}

JsonValue::JsonValue(const JsonDocument& document, const JsonValue* parent,
                     std::string_view key, size_t index)
    : document_(&document),
      parent_(parent),
      key_(key),
      index_(index),
      depth_(parent == nullptr ? 0 : parent->depth_ + 1),
      storage_{} {
  if (depth_ > kMaxJsonDepth) {
    document.Fail(document.place_, fmt::format("nested deeper than {} levels", kMaxJsonDepth));
  }
}

template <class Simd>
void JsonValue::Store(const Simd& value) {
  static_assert(sizeof(Simd) <= sizeof(storage_));
  new (storage_.data()) Simd(value);
}

std::string JsonValue::Path() const {
  if (parent_ == nullptr) {
    return std::string(document_->place_);
  }
  if (key_.data() == nullptr) {
    return fmt::format("{}[{}]", parent_->Path(), index_);
  }
  return fmt::format("{}.{}", parent_->Path(), key_);
}

void JsonValue::Fail(std::string_view problem) const { document_->Fail(Path(), problem); }

void JsonValue::FailUnsupported(std::string_view problem) const {
  ErrorDetails details;
  if (is_in_file()) {
    details.path = document_->source_;
  }
  throw UnsupportedError(fmt::format("{} at {}: {}", document_->source_, Path(), problem),
                         std::move(details));
}

bool JsonValue::is_in_file() const { return document_->origin_ == JsonOrigin::kFile; }

void JsonValue::FailMissing(std::string_view name) const {
  Fail(fmt::format("member '{}' is missing", name));
}

std::string_view JsonValue::FoundType() {
  od::json_type type = od::json_type::null;
  if (Value(storage_.data()).type().get(type) != simdjson::SUCCESS) {
    return "malformed text";
  }
  return TypeName(type);
}

void JsonValue::FailWith(std::string_view expected, int simdjson_error) {
  const auto code = static_cast<simdjson::error_code>(simdjson_error);
  if (code == simdjson::INCORRECT_TYPE) {
    Fail(fmt::format("expected {}, found {}", expected, FoundType()));
  }
  Fail(fmt::format("expected {}; {}", expected, simdjson::error_message(code)));
}

void JsonValue::FailIfRoot(std::string_view expected) {
  if (parent_ == nullptr) {
    FailWith(expected, simdjson::INCORRECT_TYPE);
  }
}

bool JsonValue::IsNull() {
  if (parent_ == nullptr) {
    return false;
  }
  bool is_null = false;
  const auto error = Value(storage_.data()).is_null().get(is_null);
  if (error != simdjson::SUCCESS) {
    FailWith("a value", error);
  }
  return is_null;
}

int64_t JsonValue::AsInt64() {
  FailIfRoot("a 64-bit integer");
  int64_t out = 0;
  const auto error = Value(storage_.data()).get_int64().get(out);
  if (error != simdjson::SUCCESS) {
    FailWith("a 64-bit integer", error);
  }
  return out;
}

int32_t JsonValue::AsInt32() {
  const int64_t wide = AsInt64();
  if (wide < std::numeric_limits<int32_t>::min() ||
      wide > std::numeric_limits<int32_t>::max()) {
    Fail(fmt::format("expected a 32-bit integer, found {}", wide));
  }
  return static_cast<int32_t>(wide);
}

bool JsonValue::AsBool() {
  FailIfRoot("true or false");
  bool out = false;
  const auto error = Value(storage_.data()).get_bool().get(out);
  if (error != simdjson::SUCCESS) {
    FailWith("true or false", error);
  }
  return out;
}

std::string JsonValue::AsString() { return std::string(AsStringView()); }

std::string_view JsonValue::AsStringView() {
  FailIfRoot("a string");
  std::string_view out;
  const auto error = Value(storage_.data()).get_string().get(out);
  if (error != simdjson::SUCCESS) {
    FailWith("a string", error);
  }
  return out;
}

std::string_view JsonValue::ForEachMember(
    const std::function<void(std::string_view name, JsonValue& value)>& read) {
  const char* start = Value(storage_.data()).raw_json_token().data();
  od::object object;
  auto error = Value(storage_.data()).get_object().get(object);
  if (error != simdjson::SUCCESS) {
    FailWith("an object", error);
  }
  for (auto result : object) {
    od::field field;
    std::string_view name;
    error = std::move(result).get(field);
    if (error == simdjson::SUCCESS) {
      error = field.unescaped_key().get(name);
    }
    if (error != simdjson::SUCCESS) {
      FailWith("a member", error);
    }
    JsonValue member(*document_, this, name, 0);
    member.Store(field.value());
    read(name, member);
  }
  return document_->TextFrom(start, '}');
}

void JsonValue::ForEachElement(const std::function<void(JsonValue& value)>& read) {
  od::array array;
  auto error = Value(storage_.data()).get_array().get(array);
  if (error != simdjson::SUCCESS) {
    FailWith("an array", error);
  }
  size_t index = 0;
  for (auto result : array) {
    od::value value;
    error = std::move(result).get(value);
    if (error != simdjson::SUCCESS) {
      FailWith("an element", error);
    }
    JsonValue element(*document_, this, {}, index++);
    element.Store(value);
    read(element);
  }
}

namespace {

bool HasType(void* storage, od::json_type wanted) {
  od::json_type type = od::json_type::null;
  return Value(storage).type().get(type) == simdjson::SUCCESS && type == wanted;
}

}  // namespace

bool JsonValue::IsObject() { return HasType(storage_.data(), od::json_type::object); }
bool JsonValue::IsArray() { return HasType(storage_.data(), od::json_type::array); }
bool JsonValue::IsString() { return HasType(storage_.data(), od::json_type::string); }

std::string_view JsonValue::AsRawUnchecked() {
  od::value& value = Value(storage_.data());
  std::string_view raw;
  auto error = simdjson::SUCCESS;
  if (IsObject()) {
    od::object object;
    error = value.get_object().get(object);
    if (error == simdjson::SUCCESS) {
      error = object.raw_json().get(raw);
    }
  } else if (IsArray()) {
    od::array array;
    error = value.get_array().get(array);
    if (error == simdjson::SUCCESS) {
      error = array.raw_json().get(raw);
    }
  } else {
    raw = value.raw_json_token();
  }
  if (error != simdjson::SUCCESS) {
    FailWith("a value", error);
  }
  while (!raw.empty() && IsJsonSpace(raw.back())) {
    raw.remove_suffix(1);
  }
  return raw;
}

std::string_view JsonValue::AsRaw() {
  const std::string_view raw = AsRawUnchecked();
  simdjson::dom::parser checker;
  const auto error = checker.parse(raw.data(), raw.size()).error();
  if (error != simdjson::SUCCESS) {
    Fail(simdjson::error_message(error));
  }
  return raw;
}

void KeepExtra(std::string_view name, JsonValue& value, JsonExtras* extras) {
  extras->emplace_back(std::string(name), std::string(value.AsRaw()));
}

}  // namespace floe::inline v0
