#include "json_mutation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

constexpr std::array<std::string_view, 32> kLiterals = {"null",
                                                        "true",
                                                        "false",
                                                        "0",
                                                        "1",
                                                        "-1",
                                                        "2",
                                                        "3",
                                                        "1000",
                                                        "2147483647",
                                                        "2147483648",
                                                        "-2147483649",
                                                        "9223372036854775807",
                                                        "9223372036854775808",
                                                        "1.5",
                                                        "-0.0",
                                                        "1e400",
                                                        "1e2",
                                                        "\"\"",
                                                        "\"a\"",
                                                        "\"1\"",
                                                        "\"-1\"",
                                                        "\"\\u0000\"",
                                                        "\"\\ud83d\\ude00\"",
                                                        "\"00\"",
                                                        "\"2024-02-29\"",
                                                        "\"2024-02-29T23:59:59.999999+00:00\"",
                                                        "\"NaN\"",
                                                        "[]",
                                                        "{}",
                                                        "[null]",
                                                        "[1,2]"};

struct Span {
  size_t begin = 0;
  size_t end = 0;
};

/// Where the values, names and members (or elements) of a JSON text are.
class Outline {
 public:
  explicit Outline(std::string_view text)
      : text_(text), at_(std::min(text.find_first_of("{["), text.size())) {
    is_json_ = at_ < text.size() && Value(0);
  }

  [[nodiscard]] bool is_json() const { return is_json_; }
  [[nodiscard]] const std::vector<Span>& values() const { return values_; }
  [[nodiscard]] const std::vector<Span>& names() const { return names_; }
  [[nodiscard]] const std::vector<Span>& items() const { return items_; }

 private:
  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  bool Take(char wanted) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != wanted) {
      return false;
    }
    ++at_;
    return true;
  }

  bool String() {
    if (!Take('"')) {
      return false;
    }
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      at_ += text_[at_] == '\\' ? 1 : 0;
    }
    return false;
  }

  bool Item(bool is_member, int depth) {
    SkipBlanks();
    const size_t begin = at_;
    if (is_member) {
      if (!String()) {
        return false;
      }
      names_.push_back({begin, at_});
      if (!Take(':')) {
        return false;
      }
    }
    if (!Value(depth)) {
      return false;
    }
    items_.push_back({begin, at_});
    return true;
  }

  bool Items(char close, int depth) {
    if (Take(close)) {
      return true;
    }
    do {
      if (!Item(close == '}', depth)) {
        return false;
      }
    } while (Take(','));
    return Take(close);
  }

  bool Value(int depth) {
    constexpr int kDeepest = 64;
    SkipBlanks();
    const size_t begin = at_;
    if (depth == kDeepest || begin == text_.size()) {
      return false;
    }
    const char first = text_[begin];
    if (first == '{' || first == '[') {
      ++at_;
      if (!Items(first == '{' ? '}' : ']', depth + 1)) {
        return false;
      }
    } else if (first == '"') {
      if (!String()) {
        return false;
      }
    } else {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
      if (at_ == begin) {
        return false;
      }
    }
    values_.push_back({begin, at_});
    return true;
  }

  std::string_view text_;
  size_t at_;
  bool is_json_ = false;
  std::vector<Span> values_;
  std::vector<Span> names_;
  std::vector<Span> items_;
};

class Mutator {
 public:
  Mutator(std::string_view text, unsigned seed) : text_(text), random_(seed), outline_(text) {}

  /// A changed text; nothing where libFuzzer's own mutations are to be used.
  std::optional<std::string> Change() {
    constexpr int kWays = 9;
    const int way = static_cast<int>(random_() % kWays);
    if (!outline_.is_json() || way == 0) {
      return std::nullopt;
    }
    if (way == 1) {
      return Put(Any(outline_.values()), kLiterals.at(random_() % kLiterals.size()));
    }
    if (way == 2) {
      return Put(Any(outline_.values()), Of(text_, Any(outline_.values())));
    }
    if (way == 3) {
      return MutateText(Any(outline_.values()));
    }
    if (outline_.items().empty()) {
      return std::nullopt;
    }
    if (way == 4) {
      return Remove(Any(outline_.items()));
    }
    if (way == 5) {
      return Insert(Any(outline_.items()), Of(text_, Any(outline_.items())));
    }
    if (outline_.names().empty()) {
      return std::nullopt;
    }
    if (way == 6) {
      return Put(Any(outline_.names()), Of(text_, Any(outline_.names())));
    }
    return way == 7 ? MutateText(Any(outline_.names())) : Swap();
  }

  /// The text with a value or an item of another one.
  std::optional<std::string> Cross(std::string_view other_text) {
    const Outline other(other_text);
    if (!outline_.is_json() || !other.is_json()) {
      return std::nullopt;
    }
    if (random_() % 2 == 0 || outline_.items().empty() || other.items().empty()) {
      return Put(Any(outline_.values()), Of(other_text, Any(other.values())));
    }
    return Insert(Any(outline_.items()), Of(other_text, Any(other.items())));
  }

 private:
  static std::string_view Of(std::string_view text, Span span) {
    return text.substr(span.begin, span.end - span.begin);
  }

  Span Any(const std::vector<Span>& spans) { return spans[random_() % spans.size()]; }

  std::string Put(Span span, std::string_view replacement) const {
    std::string changed(text_.substr(0, span.begin));
    changed += replacement;
    changed += text_.substr(span.end);
    return changed;
  }

  std::string Insert(Span before, std::string_view item) const {
    return Put({before.begin, before.begin}, std::string(item) + ",");
  }

  std::string Remove(Span item) const {
    const size_t after = text_.find_first_not_of(" \t\r\n", item.end);
    if (after != std::string_view::npos && text_[after] == ',') {
      item.end = after + 1;
    } else {
      const size_t before = text_.find_last_not_of(" \t\r\n", item.begin - 1);
      item.begin =
          before != std::string_view::npos && text_[before] == ',' ? before : item.begin;
    }
    return Put(item, "");
  }

  /// Two values change places, if none is within the other.
  std::optional<std::string> Swap() {
    Span a = Any(outline_.values());
    Span b = Any(outline_.values());
    if (b.begin < a.begin) {
      std::swap(a, b);
    }
    if (b.begin < a.end) {
      return std::nullopt;
    }
    const std::string later = Put(b, Of(text_, a));
    return later.substr(0, a.begin) + std::string(Of(text_, b)) + later.substr(a.end);
  }

  /// Changes the bytes of a value or name; those of a string stay between its quotes.
  std::string MutateText(Span span) const {
    if (text_[span.begin] == '"') {
      ++span.begin;
      --span.end;
    }
    return Put(span, ChangeBytes(Of(text_, span)));
  }

  std::string_view text_;
  std::minstd_rand random_;
  Outline outline_;
};

}  // namespace

std::optional<std::string> ChangeJson(std::string_view text, unsigned seed) {
  return Mutator(text, seed).Change();
}

std::optional<std::string> CrossJson(std::string_view text, std::string_view other,
                                     unsigned seed) {
  return Mutator(text, seed).Cross(other);
}

std::string ChangeBytes(std::string_view text) {
  constexpr size_t kRoom = 24;
  std::vector<uint8_t> bytes(text.begin(), text.end());
  bytes.resize(text.size() + kRoom);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), text.size(), bytes.size()));
  return std::string(TextOf(bytes.data(), bytes.size()));
}

size_t Give(const std::optional<std::string>& text, uint8_t* out, size_t max_size) {
  if (!text || text->empty() || text->size() > max_size) {
    return 0;
  }
  std::ranges::copy(*text, out);
  return text->size();
}

}  // namespace floe::fuzz
