#include "floe/expr/expression_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "expr/number_literal.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"

namespace floe::inline v0 {
namespace {

struct NamedOperation {
  std::string_view name;
  Operation operation;
};

constexpr std::array kOperations = {
    NamedOperation{"true", Operation::kTrue},
    NamedOperation{"false", Operation::kFalse},
    NamedOperation{"and", Operation::kAnd},
    NamedOperation{"or", Operation::kOr},
    NamedOperation{"not", Operation::kNot},
    NamedOperation{"is-null", Operation::kIsNull},
    NamedOperation{"not-null", Operation::kNotNull},
    NamedOperation{"is-nan", Operation::kIsNan},
    NamedOperation{"not-nan", Operation::kNotNan},
    NamedOperation{"lt", Operation::kLess},
    NamedOperation{"lt-eq", Operation::kLessOrEqual},
    NamedOperation{"gt", Operation::kGreater},
    NamedOperation{"gt-eq", Operation::kGreaterOrEqual},
    NamedOperation{"eq", Operation::kEqual},
    NamedOperation{"not-eq", Operation::kNotEqual},
    NamedOperation{"in", Operation::kIn},
    NamedOperation{"not-in", Operation::kNotIn},
    NamedOperation{"starts-with", Operation::kStartsWith},
    NamedOperation{"not-starts-with", Operation::kNotStartsWith},
};

bool IsSet(Operation operation) {
  return operation == Operation::kIn || operation == Operation::kNotIn;
}

void WriteTerm(const std::string& column, const std::optional<Transform>& transform,
               JsonWriter* out) {
  out->Key("term");
  if (!transform) {
    out->String(column);
    return;
  }
  out->BeginObject().Member("type", "transform").Member("transform", transform->ToString());
  out->Member("term", column).EndObject();
}

enum class Values : uint8_t { kShown, kHidden };

void WriteHidden(Operation operation, const std::vector<Literal>& literals, JsonWriter* out) {
  if (IsSet(operation)) {
    out->Key("values").BeginArray();
    out->String(fmt::format("({} values)", literals.size())).EndArray();
  } else if (!literals.empty()) {
    out->Member("value", "(value)");
  }
}

void WritePredicate(Operation operation, const std::string& column,
                    const std::optional<Transform>& transform,
                    const std::vector<Literal>& literals, Values values, JsonWriter* out) {
  const auto json = [](const Literal& literal) { return ValueToJson(literal, literal.type()); };
  out->BeginObject().Member("type", OperationName(operation));
  WriteTerm(column, transform, out);
  if (values == Values::kHidden) {
    WriteHidden(operation, literals, out);
  } else if (IsSet(operation)) {
    out->Key("values").BeginArray();
    for (const Literal& literal : literals) {
      out->Raw(json(literal));
    }
    out->EndArray();
  } else if (!literals.empty()) {
    out->Key("value").Raw(json(literals[0]));
  }
  out->EndObject();
}

/// Writes `count` children from `first` on as a balanced tree, so that many do not nest deeply.
template <class Write>
void WriteTree(std::string_view name, size_t first, size_t count, const Write& write,
               JsonWriter* out) {
  if (count == 1) {
    write(first);
    return;
  }
  out->BeginObject().Member("type", name).Key("left");
  WriteTree(name, first, count / 2, write, out);
  out->Key("right");
  WriteTree(name, first + count / 2, count - count / 2, write, out);
  out->EndObject();
}

const std::optional<Transform>& TransformOf(const Expression& predicate) {
  return predicate.transform();
}
const std::optional<Transform>& TransformOf(const BoundExpression& predicate) {
  return predicate.bucket();
}

template <class Node>
void Write(const Node& filter, Values values, JsonWriter* out) {
  const auto& children = filter.children();
  switch (filter.operation()) {
    case Operation::kTrue:
    case Operation::kFalse:
      out->Bool(filter.operation() == Operation::kTrue);
      return;
    case Operation::kNot:
      out->BeginObject().Member("type", "not").Key("child");
      Write(*children[0], values, out);
      out->EndObject();
      return;
    case Operation::kAnd:
    case Operation::kOr:
      WriteTree(
          OperationName(filter.operation()), 0, children.size(),
          [&](size_t i) { Write(*children[i], values, out); }, out);
      return;
    default:
      WritePredicate(filter.operation(), filter.column(), TransformOf(filter),
                     filter.literals(), values, out);
  }
}

struct Term {
  std::string column;
  std::optional<Transform> transform;
};

class Reader {
 public:
  Reader(const Schema* schema, bool case_sensitive)
      : schema_(schema), case_sensitive_(case_sensitive) {}

  ExpressionPtr Read(JsonValue& node) const {
    if (!node.IsObject()) {
      return node.AsBool() ? Expression::True() : Expression::False();
    }
    Parts parts;
    node.ForEachMember(
        [&](std::string_view name, JsonValue& value) { ReadMember(name, value, &parts); });
    const std::string& type = node.Require(parts.type, "type");
    if (EqualsIgnoringCase(type, "literal")) {
      return parts.value_json == "true"    ? Expression::True()
             : parts.value_json == "false" ? Expression::False()
                                           : ThrowAt(node, "value is not true or false");
    }
    for (const NamedOperation& named : kOperations) {
      if (EqualsIgnoringCase(named.name, type)) {
        return Make(named.operation, parts, node);
      }
    }
    node.Fail(fmt::format("'{}' is not an expression type", Abbreviate(type, kShownBytes)));
  }

 private:
  static constexpr size_t kShownBytes = 100;

  struct Parts {
    std::optional<std::string> type;
    std::optional<Term> term;
    ExpressionPtr left;
    ExpressionPtr right;
    ExpressionPtr child;
    std::string value_json;  ///< empty: none
    std::optional<std::vector<std::string>> values_json;
  };

  [[noreturn]] static ExpressionPtr ThrowAt(const JsonValue& node, std::string_view problem) {
    node.Fail(problem);
  }

  void ReadMember(std::string_view name, JsonValue& value, Parts* parts) const {
    if (name == "type") {
      parts->type = value.AsString();
    } else if (name == "left") {
      parts->left = Read(value);
    } else if (name == "right") {
      parts->right = Read(value);
    } else if (name == "child") {
      parts->child = Read(value);
    } else if (name == "term") {
      parts->term = ReadTerm(value);
    } else if (name == "value") {
      parts->value_json = std::string(value.AsRaw());
    } else if (name == "values") {
      parts->values_json.emplace();
      value.ForEachElement(
          [&](JsonValue& element) { parts->values_json->emplace_back(element.AsRaw()); });
    }
  }

  static Term ReadTerm(JsonValue& value) {
    if (!value.IsObject()) {
      return {value.AsString(), std::nullopt};
    }
    std::optional<std::string> type;
    std::optional<std::string> column;
    std::optional<Transform> transform;
    value.ForEachMember([&](std::string_view name, JsonValue& member) {
      if (name == "type") {
        type = member.AsString();
      } else if (name == "term") {
        column = ReadTerm(member).column;
      } else if (name == "transform") {
        transform = ReadTransform(member);
      }
    });
    const bool is_transform = value.Require(type, "type") == "transform";
    if (!is_transform && *type != "reference") {
      value.Fail(fmt::format("'{}' is not a type of term; expected reference or transform",
                             Abbreviate(*type, kShownBytes)));
    }
    return {value.Require(column, "term"),
            is_transform ? std::optional(value.Require(transform, "transform")) : std::nullopt};
  }

  static Transform ReadTransform(JsonValue& value) {
    const std::string text = value.AsString();
    try {
      return Transform::Parse(text);
    } catch (const Error& error) {
      value.Fail(error.message());
    }
  }

  ExpressionPtr Make(Operation operation, Parts& parts, const JsonValue& node) const {
    const auto need = [&](const ExpressionPtr& part, std::string_view name) {
      return part != nullptr ? part : ThrowAt(node, fmt::format("has no {}", name));
    };
    switch (operation) {
      case Operation::kTrue:
        return Expression::True();
      case Operation::kFalse:
        return Expression::False();
      case Operation::kNot:
        return Expression::Not(need(parts.child, "child"));
      case Operation::kAnd:
      case Operation::kOr: {
        std::vector<ExpressionPtr> both = {need(parts.left, "left"),
                                           need(parts.right, "right")};
        return operation == Operation::kAnd ? Expression::And(std::move(both))
                                            : Expression::Or(std::move(both));
      }
      default:
        return MakePredicate(operation, parts, node);
    }
  }

  ExpressionPtr MakePredicate(Operation operation, const Parts& parts,
                              const JsonValue& node) const {
    const Term& term = node.Require(parts.term, "term");
    std::vector<Literal> literals;
    if (IsSet(operation)) {
      const std::optional<Type> type = TypeOf(term);
      for (const std::string& json : node.Require(parts.values_json, "values")) {
        literals.push_back(ReadLiteral(json, type, node));
      }
    } else if (operation >= Operation::kLess) {
      if (parts.value_json.empty()) {
        node.Fail("has no value");
      }
      literals.push_back(ReadLiteral(parts.value_json, TypeOf(term), node));
    }
    return term.transform ? Expression::TransformPredicate(operation, *term.transform,
                                                           term.column, std::move(literals))
                          : Expression::Predicate(operation, term.column, std::move(literals));
  }

  /// Type of the values that a term has; nothing if there is no such column.
  std::optional<Type> TypeOf(const Term& term) const {
    const Schema::Place* place =
        schema_ == nullptr ? nullptr : schema_->Find(term.column, case_sensitive_);
    if (place == nullptr || !place->field->type.is_primitive()) {
      return std::nullopt;
    }
    const Type& type = place->field->type;
    if (!term.transform) {
      return type;
    }
    return term.transform->CanApplyTo(type) ? std::optional(term.transform->ResultType(type))
                                            : std::nullopt;
  }

  static Literal ReadLiteral(const std::string& json, const std::optional<Type>& type,
                             const JsonValue& node) {
    if (type) {
      try {
        const Value value = ValueFromJson(json, *type);
        if (value.literal()) {
          return *value.literal();
        }
      } catch (const Error& error) {
        if (type->id() == TypeId::kBinary || type->id() == TypeId::kFixed) {
          node.Fail(error.message());  // as a text, it would be taken for other bytes
        }
      }
    }
    if (auto literal = UntypedLiteral(json)) {
      return *std::move(literal);
    }
    node.Fail(
        fmt::format("{} is not a value to compare with; expected a text, a number, true "
                    "or false",
                    Abbreviate(json, kShownBytes)));
  }

  static std::optional<Literal> UntypedLiteral(const std::string& json) {
    if (json == "true" || json == "false") {
      return Literal::Boolean(json == "true");
    }
    if (json.starts_with('"')) {
      return ValueFromJson(json, Type::Of(TypeId::kString)).literal();
    }
    return NumberLiteral(json);
  }

  const Schema* schema_;
  bool case_sensitive_;
};

ExpressionPtr ReadDocument(std::string text, const Schema* schema, bool case_sensitive) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t start = std::min(text.find_first_not_of(kSpace), text.size());
  const std::string_view trimmed =
      std::string_view(text).substr(start, text.find_last_not_of(kSpace) + 1 - start);
  if (trimmed == "true" || trimmed == "false") {  // JsonDocument reads objects and arrays
    return trimmed == "true" ? Expression::True() : Expression::False();
  }
  ExpressionPtr filter;
  JsonDocument(std::move(text), "expression", JsonOrigin::kArgument).Read([&](JsonValue& root) {
    filter = Reader(schema, case_sensitive).Read(root);
  });
  return filter;
}

}  // namespace

std::string_view OperationName(Operation operation) {
  for (const NamedOperation& named : kOperations) {
    if (named.operation == operation) {
      return named.name;
    }
  }
  throw InternalError("an operation without a name");
}

std::string ExpressionToJson(const Expression& filter) {
  JsonWriter out;
  Write(filter, Values::kShown, &out);
  return std::move(out).Take();
}

std::string ExpressionToJsonWithoutValues(const Expression& filter) {
  JsonWriter writer;
  Write(filter, Values::kHidden, &writer);
  return std::move(writer).Take();
}

std::string ExpressionToJson(const BoundExpression& filter) {
  JsonWriter out;
  Write(filter, Values::kShown, &out);
  return std::move(out).Take();
}

ExpressionPtr ExpressionFromJson(std::string text) {
  return ReadDocument(std::move(text), nullptr, /*case_sensitive=*/true);
}

ExpressionPtr ExpressionFromJson(std::string text, const Schema& schema, bool case_sensitive) {
  return ReadDocument(std::move(text), &schema, case_sensitive);
}

}  // namespace floe::inline v0
