#include "parquet/encoder_input.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace floe::testing {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

template <class Builder>
ArrayPtr TextsOf(const std::vector<std::string>& texts) {
  Builder builder;
  EXPECT_TRUE(builder.Append("before what is looked at").ok());
  for (const std::string& text : texts) {
    EXPECT_TRUE(builder.Append(text).ok());
  }
  return builder.Finish().ValueOrDie()->Slice(1);
}

ArrayPtr DecimalsOf(int digits, const std::vector<int64_t>& values) {
  arrow::Decimal128Builder builder(arrow::decimal128(digits, 2));
  EXPECT_TRUE(builder.Append(arrow::Decimal128(99)).ok());
  for (const int64_t value : values) {
    EXPECT_TRUE(builder.Append(arrow::Decimal128(value)).ok());
  }
  return builder.Finish().ValueOrDie()->Slice(1);
}

/// What a dictionary array stands for.
std::vector<std::string> Meant(const arrow::Array& array) {
  const auto& encoded = static_cast<const arrow::DictionaryArray&>(array);
  const auto& dictionary = static_cast<const arrow::StringArray&>(*encoded.dictionary());
  std::vector<std::string> texts;
  for (int64_t i = 0; i < encoded.length(); ++i) {
    texts.push_back(dictionary.GetString(encoded.GetValueIndex(i)));
  }
  return texts;
}

std::vector<std::string> Different(int count, const std::string& before = "") {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    texts.push_back(before + std::to_string(i));
  }
  return texts;
}

bool HasDictionary(const std::vector<std::string>& texts) {
  const ArrayPtr array = TextsOf<arrow::StringBuilder>(texts);
  const ArrayPtr input = EncoderInput({array}, /*has_dictionary=*/true).front();
  if (input->type_id() != arrow::Type::DICTIONARY) {
    EXPECT_EQ(input, array);
    return false;
  }
  EXPECT_EQ(Meant(*input), texts);
  return true;
}

TEST(EncoderInput, DecimalsAreTheirIntegers) {
  const std::vector<int64_t> values = {0, -1, 12'345, -999'999'999, 999'999'999};
  const ArrayPtr narrow = EncoderInput({DecimalsOf(9, values)}, false).front();
  ASSERT_EQ(narrow->type_id(), arrow::Type::INT32);
  const std::vector<int64_t> large = {0, -1, 999'999'999'999'999'999, -999'999'999'999'999'999};
  const ArrayPtr wide = EncoderInput({DecimalsOf(18, large)}, true).front();
  ASSERT_EQ(wide->type_id(), arrow::Type::INT64);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(static_cast<const arrow::Int32Array&>(*narrow).Value(static_cast<int64_t>(i)),
              values[i]);
  }
  for (size_t i = 0; i < large.size(); ++i) {
    EXPECT_EQ(static_cast<const arrow::Int64Array&>(*wide).Value(static_cast<int64_t>(i)),
              large[i]);
  }
  const ArrayPtr longest = DecimalsOf(19, large);
  EXPECT_EQ(EncoderInput({longest}, false).front(), longest);
}

TEST(EncoderInput, FewTextsHaveOneDictionary) {
  const arrow::ArrayVector input = EncoderInput(
      {TextsOf<arrow::StringBuilder>({"b", "a", "", "b"}), TextsOf<arrow::StringBuilder>({}),
       TextsOf<arrow::LargeStringBuilder>(
           {"a", "a text that is longer", "a text that is long"}),
       TextsOf<arrow::StringViewBuilder>({"é", "b", "a text that is longer"})},
      true);
  ASSERT_EQ(input.size(), 4);
  EXPECT_EQ(Meant(*input[0]), (std::vector<std::string>{"b", "a", "", "b"}));
  EXPECT_EQ(Meant(*input[1]), (std::vector<std::string>{}));
  EXPECT_EQ(Meant(*input[2]),
            (std::vector<std::string>{"a", "a text that is longer", "a text that is long"}));
  EXPECT_EQ(Meant(*input[3]), (std::vector<std::string>{"é", "b", "a text that is longer"}));
  const auto dictionary_of = [](const ArrayPtr& array) {
    return static_cast<const arrow::DictionaryArray&>(*array).dictionary();
  };
  for (const ArrayPtr& array : input) {
    EXPECT_TRUE(dictionary_of(array)->Equals(dictionary_of(input[0])));
  }
}

TEST(EncoderInput, ManyOrLongTextsStay) {
  EXPECT_TRUE(HasDictionary(Different(127)));
  EXPECT_FALSE(HasDictionary(Different(128)));
  EXPECT_TRUE(HasDictionary(Different(127, "with the same eight bytes first and last: ")));
  EXPECT_TRUE(HasDictionary({std::string(64, 'x'), "y"}));
  EXPECT_FALSE(HasDictionary({"y", std::string(65, 'x')}));
}

TEST(EncoderInput, OthersStay) {
  const ArrayPtr texts = TextsOf<arrow::StringBuilder>({"a", "a"});
  EXPECT_EQ(EncoderInput({texts}, /*has_dictionary=*/false).front(), texts);
  const ArrayPtr binary = TextsOf<arrow::BinaryBuilder>({"a", "a"});
  EXPECT_EQ(EncoderInput({texts, binary}, true).front(), texts);
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append("a").ok());
  ASSERT_TRUE(builder.AppendNull().ok());
  const ArrayPtr with_null = builder.Finish().ValueOrDie();
  EXPECT_EQ(EncoderInput({texts, with_null}, true).back(), with_null);
  EXPECT_TRUE(EncoderInput({}, true).empty());
}

}  // namespace
}  // namespace floe::testing
