#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/variant/variant.h"
#include "schema/uuid.h"
#include "variant/variant_encoding.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kNanosPerMicro = 1'000;

std::string FormatNanos(int64_t nanos, bool zoned) {
  const int64_t micros = FloorDivide(nanos, kNanosPerMicro);
  const int64_t rest = nanos - micros * kNanosPerMicro;
  std::string text = FormatTimestamp(micros, /*zoned=*/false);
  if (rest != 0) {
    const bool has_fraction = text.find('.') != std::string::npos;
    text += fmt::format("{}{:03}", has_fraction ? "" : ".000000", rest);
  }
  return zoned ? text + "+00:00" : text;
}

class JsonPrinter {
 public:
  explicit JsonPrinter(const VariantMetadata& metadata) : metadata_(metadata) {}

  void Print(const VariantValue& value, int depth) {
    if (depth > kMaxVariantDepth) {
      throw VariantDataError(
          fmt::format("a variant nests deeper than {} levels", kMaxVariantDepth));
    }
    switch (value.basic_type()) {
      case VariantBasicType::kPrimitive:
        PrintPrimitive(value);
        return;
      case VariantBasicType::kShortString:
        writer_.String(value.Bytes());
        return;
      case VariantBasicType::kObject:
        writer_.BeginObject();
        for (const VariantValue::Member& member : value.Members()) {
          writer_.Key(metadata_.name(member.name_id));
          Print(member.value, depth + 1);
        }
        writer_.EndObject();
        return;
      case VariantBasicType::kArray:
        writer_.BeginArray();
        for (const VariantValue& element : value.Elements()) {
          Print(element, depth + 1);
        }
        writer_.EndArray();
        return;
    }
  }

  std::string Take() && { return std::move(writer_).Take(); }

 private:
  template <class Number>
  void PrintFloat(Number number) {
    if (std::isfinite(number)) {
      writer_.Raw(fmt::format("{}", number));
    } else if (std::isnan(number)) {
      writer_.String("NaN");
    } else {
      writer_.String(number > 0 ? "Infinity" : "-Infinity");
    }
  }

  void PrintPrimitive(const VariantValue& value) {
    switch (value.primitive()) {
      case VariantPrimitive::kNull:
        writer_.Null();
        return;
      case VariantPrimitive::kTrue:
      case VariantPrimitive::kFalse:
        writer_.Bool(value.primitive() == VariantPrimitive::kTrue);
        return;
      case VariantPrimitive::kInt8:
        writer_.Int(value.Fixed<int8_t>());
        return;
      case VariantPrimitive::kInt16:
        writer_.Int(value.Fixed<int16_t>());
        return;
      case VariantPrimitive::kInt32:
        writer_.Int(value.Fixed<int32_t>());
        return;
      case VariantPrimitive::kInt64:
        writer_.Int(value.Fixed<int64_t>());
        return;
      case VariantPrimitive::kDouble:
        PrintFloat(value.Fixed<double>());
        return;
      case VariantPrimitive::kFloat:
        PrintFloat(value.Fixed<float>());
        return;
      case VariantPrimitive::kDecimal4:
      case VariantPrimitive::kDecimal8:
      case VariantPrimitive::kDecimal16:
        writer_.Raw(DecimalToString(value.decimal_unscaled(), value.decimal_scale()));
        return;
      case VariantPrimitive::kBinary:
        writer_.String(ToBase64(value.Bytes()));
        return;
      case VariantPrimitive::kString:
        writer_.String(value.Bytes());
        return;
      case VariantPrimitive::kUuid:
        writer_.String(FormatUuid(value.Bytes()));
        return;
      default:
        PrintTime(value);
    }
  }

  void PrintTime(const VariantValue& value) {
    switch (value.primitive()) {
      case VariantPrimitive::kDate:
        writer_.String(FormatDate(value.Fixed<int32_t>()));
        return;
      case VariantPrimitive::kTime:
        writer_.String(FormatTime(value.Fixed<int64_t>()));
        return;
      case VariantPrimitive::kTimestamptz:
      case VariantPrimitive::kTimestamp:
        writer_.String(FormatTimestamp(value.Fixed<int64_t>(),
                                       value.primitive() == VariantPrimitive::kTimestamptz));
        return;
      default:
        writer_.String(FormatNanos(value.Fixed<int64_t>(),
                                   value.primitive() == VariantPrimitive::kTimestamptzNs));
    }
  }

  const VariantMetadata& metadata_;
  JsonWriter writer_;
};

/// Whether `text` is a number as JSON writes it.
bool IsJsonNumber(std::string_view text) {
  const auto skip_digits = [&] {
    const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  const auto skip = [&](std::string_view any_of) {
    const bool found = !text.empty() && any_of.find(text[0]) != std::string_view::npos;
    text.remove_prefix(found ? 1 : 0);
    return found;
  };
  skip("-");
  const bool has_whole = skip("0") || skip_digits();
  const bool has_fraction = !skip(".") || skip_digits();
  bool has_exponent = true;
  if (skip("eE")) {
    skip("+-");
    has_exponent = skip_digits();
  }
  return has_whole && has_fraction && has_exponent && text.empty();
}

/// Encodes JSON in two passes over the text: the names, then the values.
class JsonEncoder {
 public:
  void CollectNames(JsonValue& value) {
    if (value.IsObject()) {
      value.ForEachMember([&](std::string_view name, JsonValue& member) {
        names_.emplace(name);
        CollectNames(member);
      });
    } else if (value.IsArray()) {
      value.ForEachElement([&](JsonValue& element) { CollectNames(element); });
    }
  }

  /// After all names are known.
  std::string EncodeMetadata() {
    std::vector<std::string_view> names;
    for (const std::string& name : names_) {
      ids_.emplace(name, names.size());
      names.push_back(name);
    }
    return EncodeVariantMetadata(names);
  }

  void Encode(JsonValue& value, std::string* out) {
    if (value.IsObject()) {
      EncodeObject(value, out);
    } else if (value.IsArray()) {
      std::vector<std::string> elements;
      value.ForEachElement(
          [&](JsonValue& element) { Encode(element, &elements.emplace_back()); });
      AppendVariantArray(elements, out);
    } else if (value.IsString()) {
      AppendVariantString(value.AsString(), out);
    } else {
      EncodeScalar(value, out);
    }
  }

 private:
  void EncodeObject(JsonValue& value, std::string* out) {
    std::vector<std::pair<size_t, std::string>> members;
    value.ForEachMember([&](std::string_view name, JsonValue& member) {
      members.emplace_back(ids_.find(name)->second, std::string());
      Encode(member, &members.back().second);
    });
    // Ids are in the order of the names.
    std::ranges::sort(members, {}, &std::pair<size_t, std::string>::first);
    if (std::ranges::adjacent_find(members, {}, &std::pair<size_t, std::string>::first) !=
        members.end()) {
      value.Fail("an object has a name twice");
    }
    AppendVariantObject(members, out);
  }

  static void EncodeScalar(JsonValue& value, std::string* out) {
    // Unchecked: simdjson knows no numbers beyond 64 bits.
    std::string_view text = value.AsRawUnchecked();
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    if (text == "null") {
      AppendVariantNull(out);
    } else if (text == "true" || text == "false") {
      AppendVariantBoolean(text == "true", out);
    } else if (!IsJsonNumber(text)) {
      value.Fail("expected a JSON value");
    } else if (const auto integer = Parse<int64_t>(text)) {
      AppendVariantInteger(*integer, out);
    } else if (!EncodeDecimal(text, out)) {
      const auto number = Parse<double>(text);
      if (!number) {
        value.Fail("the number is too large for a double");
      }
      AppendVariantFixed(VariantPrimitive::kDouble, *number, out);
    }
  }

  /// False if `text` has an exponent or more digits than a decimal can hold.
  static bool EncodeDecimal(std::string_view text, std::string* out) {
    if (text.find_first_of("eE") != std::string_view::npos) {
      return false;
    }
    const size_t point = text.find('.');
    const size_t scale = point == std::string_view::npos ? 0 : text.size() - point - 1;
    if (scale > size_t{kMaxDecimalPrecision}) {
      return false;
    }
    const auto unscaled = ParseDecimal(text, static_cast<int>(scale));
    if (!unscaled) {
      return false;
    }
    const int precision = std::max(DecimalDigits(*unscaled), static_cast<int>(scale));
    AppendVariantDecimal(*unscaled, precision, static_cast<int>(scale), out);
    return true;
  }

  template <class Number>
  static std::optional<Number> Parse(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
  }

  std::set<std::string, std::less<>> names_;
  std::map<std::string_view, size_t, std::less<>> ids_;
};

}  // namespace

Variant VariantFromJson(std::string_view json) {
  Variant variant;
  JsonEncoder encoder;
  // simdjson reads values that are no object or array as a part of one only.
  const auto read = [&](const std::function<void(JsonValue&)>& use) {
    JsonDocument document(fmt::format("[{}]", json), "JSON for a variant",
                          JsonOrigin::kArgument);
    document.Read([&](JsonValue& root) {
      size_t count = 0;
      root.ForEachElement([&](JsonValue& value) {
        use(value);
        ++count;
      });
      if (count != 1) {
        root.Fail(fmt::format("expected one value, found {}", count));
      }
    });
  };
  read([&](JsonValue& root) { encoder.CollectNames(root); });
  variant.metadata = encoder.EncodeMetadata();
  read([&](JsonValue& root) { encoder.Encode(root, &variant.value); });
  return variant;
}

std::string VariantToJson(std::string_view metadata, std::string_view value) {
  try {
    const VariantMetadata names(metadata);
    JsonPrinter printer(names);
    printer.Print(VariantValue(value), 1);
    return std::move(printer).Take();
  } catch (const VariantDataError& error) {
    throw InvalidArgumentError(fmt::format("not a variant: {}", error.what()));
  }
}

}  // namespace floe::inline v0
