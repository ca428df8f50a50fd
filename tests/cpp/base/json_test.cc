#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kFile = "file:///t/v1.metadata.json";

void Read(std::string text, const std::function<void(JsonValue&)>& read) {
  JsonDocument(std::move(text), kFile, JsonOrigin::kFile).Read(read);
}

/// Reads every value of a document by its kind, and returns it written again.
void Copy(JsonValue& value, JsonWriter* out) {
  if (value.IsObject()) {
    out->BeginObject();
    value.ForEachMember([&](std::string_view name, JsonValue& member) {
      out->Key(name);
      Copy(member, out);
    });
    out->EndObject();
  } else if (value.IsArray()) {
    out->BeginArray();
    value.ForEachElement([&](JsonValue& element) { Copy(element, out); });
    out->EndArray();
  } else if (value.IsString()) {
    out->String(value.AsString());
  } else {
    out->Raw(value.AsRaw());
  }
}

std::string Copied(std::string text) {
  JsonWriter out;
  Read(std::move(text), [&](JsonValue& root) { Copy(root, &out); });
  return std::move(out).Take();
}

struct BadText {
  const char* name;
  std::string text;
  const char* problem;
};

TEST(JsonReader, MalformedTextIsACorruptFileThatNamesItself) {
  const std::vector<BadText> all = {
      {"empty", "", "the text is empty"},
      {"blank", " \n\t", ""},
      {"not JSON", "hello", ""},
      {"cut off in an object", R"({"a": 1)", ""},
      {"cut off in an array", "[1, 2", ""},
      {"cut off in a string", R"({"a": "b)", ""},
      {"cut off in an escape", R"(["\u00)", ""},
      {"no comma", R"({"a": 1 "b": 2})", ""},
      {"no colon", R"({"a" 1})", ""},
      {"comma at the end", R"({"a": 1,})", ""},
      {"unquoted key", "{a: 1}", ""},
      {"two values", "{} {}", "goes on after the end"},
      {"two numbers", "[1] 2", "goes on after the end"},
      {"wrong bracket", "[1}", ""},
      {"bad literal", "[nul]", ""},
      {"bad literal that begins well", "[nullx]", ""},
      {"leading zero", "[01]", ""},
      {"number without digits", "[-]", ""},
      {"plus sign", "[+1]", ""},
      {"NaN", "[NaN]", ""},
      {"raw control character", std::string("[\"a\nb\"]"), ""},
      {"NUL in a string", std::string("[\"a\0b\"]", 7), ""},
      {"unknown escape", R"(["\q"])", ""},
      {"lone surrogate", R"(["\ud800"])", ""},
      {"invalid UTF-8", "[\"\xff\"]", ""},
      {"overlong UTF-8", "[\"\xc0\x80\"]", ""},
      {"surrogate in UTF-8", "[\"\xed\xa0\x80\"]", ""},
      {"invalid UTF-8 outside strings", "{}\xff", ""},
      {"byte order mark of UTF-16", std::string("\xff\xfe{\0}", 5), ""},
  };
  for (const BadText& bad : all) {
    SCOPED_TRACE(bad.name);
    const Thrown thrown = WhatThrows([&] { Copied(bad.text); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError");
    EXPECT_EQ(thrown.details.path, kFile);
    EXPECT_THAT(thrown.message, HasSubstr(kFile));
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
  }
}

TEST(JsonReader, ACallersTextIsAParseErrorInstead) {
  const Thrown thrown = WhatThrows([] {
    JsonDocument("[1", "schema", JsonOrigin::kArgument).Read([](JsonValue& root) {
      root.ForEachElement([](JsonValue& element) { element.AsInt64(); });
    });
  });
  EXPECT_EQ(thrown.class_name, "ParseError");
  EXPECT_THAT(thrown.message, HasSubstr("bad schema JSON"));
}

TEST(JsonReader, NestingHasALimitAndNeverOverflowsTheStack) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Copied(nested(kMaxJsonDepth)), nested(kMaxJsonDepth));
  for (const size_t depth : {size_t{202}, size_t{1'000}, size_t{2'000}, size_t{200'000}}) {
    const Thrown thrown = WhatThrows([&] { Copied(nested(depth)); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << depth;
    EXPECT_THAT(thrown.message, HasSubstr("nested deeper than 200 levels"));
  }
  // Passed over as a whole, by two ways.
  const std::string deep = R"({"x": )" + nested(200'000) + "}";
  Read(deep, [](JsonValue& root) { root.ForEachMember([](std::string_view, JsonValue&) {}); });
  const Thrown raw = WhatThrows([&] {
    Read(deep, [](JsonValue& root) {
      root.ForEachMember([](std::string_view, JsonValue& member) { member.AsRaw(); });
    });
  });
  EXPECT_EQ(raw.class_name, "CorruptFileError") << raw;
}

TEST(JsonReader, IntegersBeyondTheirTypeFailInsteadOfWrapping) {
  struct Number {
    const char* text;
    bool fits64;
    bool fits32;
  };
  for (const Number& number :
       {Number{"0", true, true}, Number{"-0", true, true}, Number{"2147483647", true, true},
        Number{"-2147483648", true, true}, Number{"2147483648", true, false},
        Number{"-2147483649", true, false}, Number{"9223372036854775807", true, false},
        Number{"-9223372036854775808", true, false},
        Number{"9223372036854775808", false, false},
        Number{"18446744073709551616", false, false},
        Number{"123456789012345678901234567890", false, false}, Number{"1.0", false, false},
        Number{"1e2", false, false}, Number{"1e999", false, false},
        Number{"\"1\"", false, false}, Number{"null", false, false},
        Number{"true", false, false}, Number{"[1]", false, false}}) {
    const auto as = [&](const std::function<void(JsonValue&)>& read) {
      return WhatThrows([&] {
        Read("{\"n\": " + std::string(number.text) + "}", [&](JsonValue& root) {
          root.ForEachMember([&](std::string_view, JsonValue& member) { read(member); });
        });
      });
    };
    const Thrown wide = as([](JsonValue& v) { v.AsInt64(); });
    EXPECT_EQ(wide.class_name, number.fits64 ? "" : "CorruptFileError") << number.text;
    const Thrown narrow = as([](JsonValue& v) { v.AsInt32(); });
    EXPECT_EQ(narrow.class_name, number.fits32 ? "" : "CorruptFileError") << number.text;
    if (!number.fits64) {
      EXPECT_THAT(wide.message, HasSubstr("$.n: expected a 64-bit integer"));
    }
  }
}

TEST(JsonReader, ErrorsNameThePlace) {
  const Thrown thrown = WhatThrows([] {
    Read(R"({"a": [{"b": 1}, {"b": {"c": "x"}}]})", [](JsonValue& root) {
      root.ForEachMember([](std::string_view, JsonValue& a) {
        a.ForEachElement([](JsonValue& element) {
          element.ForEachMember([](std::string_view, JsonValue& b) {
            if (b.IsObject()) {
              b.ForEachMember([](std::string_view, JsonValue& c) { c.AsBool(); });
            }
          });
        });
      });
    });
  });
  EXPECT_THAT(thrown.message, HasSubstr("$.a[1].b.c: expected true or false, found a string"));
}

TEST(JsonReader, MembersNotReadArePassedOverAndDuplicatesAreSeenTwice) {
  std::vector<std::string> names;
  Read(R"({"a": {"deep": [1, {"x": "}"}]}, "b\u0031": 1, "a": 2, "": 3})", [&](JsonValue& r) {
    r.ForEachMember([&](std::string_view name, JsonValue&) { names.emplace_back(name); });
  });
  EXPECT_THAT(names, ElementsAre("a", "b1", "a", ""));
}

TEST(JsonReader, RawSlicesAreTheTextAsItStands) {
  const std::string text =
      "{ \"o\" : { \"x\" : [ 1.50 , null ] } , \"a\":[ ]\n, \"s\": \"\\u00e9}\" ,"
      "\"n\": -1.50e+3 ,\"t\": true\t}";
  std::vector<std::string> raw;
  std::string whole;
  Read(text, [&](JsonValue& root) {
    whole = root.ForEachMember(
        [&](std::string_view, JsonValue& member) { raw.emplace_back(member.AsRaw()); });
  });
  EXPECT_THAT(raw, ElementsAre("{ \"x\" : [ 1.50 , null ] }", "[ ]", "\"\\u00e9}\"", "-1.50e+3",
                               "true"));
  EXPECT_EQ(whole, text);
}

TEST(JsonReader, ObjectsOfAnArrayReturnTheirOwnText) {
  std::vector<std::string> texts;
  Read(R"({"l": [ {"a":"}"} , {}, {"b":{"c":1}}]})", [&](JsonValue& root) {
    root.ForEachMember([&](std::string_view, JsonValue& list) {
      list.ForEachElement([&](JsonValue& element) {
        texts.emplace_back(
            element.ForEachMember([](std::string_view, JsonValue& v) { v.IsNull(); }));
      });
    });
  });
  EXPECT_THAT(texts, ElementsAre(R"({"a":"}"})", "{}", R"({"b":{"c":1}})"));
}

TEST(JsonReader, DamageInWhatIsKeptRawIsFound) {
  for (const char* inner :
       {"{\"a\": 1 2}", "[1,,2]", "{\"a\":tru}", "[01]", "\"\\x\"", "1.e5"}) {
    const Thrown thrown = WhatThrows([&] {
      Read("{\"x\": " + std::string(inner) + "}", [](JsonValue& root) {
        root.ForEachMember([](std::string_view, JsonValue& member) { member.AsRaw(); });
      });
    });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << inner;
  }
}

TEST(JsonWriter, EveryCharacterSurvivesTheRoundTrip) {
  std::string text;
  for (int c = 0; c < 0x80; ++c) {
    text.push_back(static_cast<char>(c));
  }
  text += "é中\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF";
  JsonWriter writer;
  writer.BeginObject().Member(text, text).EndObject();
  Read(std::move(writer).Take(), [&](JsonValue& root) {
    root.ForEachMember([&](std::string_view name, JsonValue& member) {
      EXPECT_EQ(name, text);
      EXPECT_EQ(member.AsString(), text);
    });
  });
}

TEST(JsonWriter, CommasAreItsConcern) {
  JsonWriter w;
  w.BeginObject().Key("a").BeginArray().Int(std::numeric_limits<int64_t>::min()).Null();
  w.BeginObject().EndObject().EndArray().Key("b").Bool(true).Key("c").Raw("[1]");
  w.Extras({{"x", "{}"}, {"y", "2"}}).Member("d", "").EndObject();
  EXPECT_EQ(std::move(w).Take(),
            R"({"a":[-9223372036854775808,null,{}],"b":true,"c":[1],"x":{},"y":2,"d":""})");
}

}  // namespace
}  // namespace floe::testing
