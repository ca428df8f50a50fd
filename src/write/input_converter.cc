#include "write/input_converter.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "parquet/arrow_schema.h"
#include "parquet/column_conversion.h"
#include "parquet/default_arrays.h"
#include "parquet/variant_columns.h"

namespace floe::inline v0 {
namespace {

/// What is expected of a column that the table does not have.
constexpr std::string_view kNoSuchColumn = "no column of that name";
/// For columns of Arrow's type null, which no evolution of the schema adds.
constexpr std::string_view kNoSuchColumnNorType = "a type, as the table has no such column";

std::string Wanted(const Field& field) {
  return (field.required ? "required " : "") + field.type.ToString();
}

/// Layouts of strings and binaries that Parquet's encoder takes as they are.
bool IsKeptLayout(const arrow::DataType& type, TypeId target, bool keeps_views) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return target == TypeId::kString;
    case arrow::Type::STRING_VIEW:
      return keeps_views && target == TypeId::kString;
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
      return target == TypeId::kBinary;
    case arrow::Type::BINARY_VIEW:
      return keeps_views && target == TypeId::kBinary;
    default:
      return false;
  }
}

/// Whether every value of `found` is one of `target`. More than what Iceberg lets a column's
/// type be promoted to: a file holds the target's type only.
bool FitsExactly(const Type& found, const Type& target) {
  if (found.id() == TypeId::kDecimal && target.id() == TypeId::kDecimal) {
    return found.scale() <= target.scale() &&
           found.precision() - found.scale() <= target.precision() - target.scale();
  }
  constexpr int kUuidBytes = 16;
  constexpr int kVersion = 2;  // a date is not taken for the timestamp of its midnight
  return IsPromotion(found, target, kVersion) ||
         (found.id() == TypeId::kTimestamp && target.id() == TypeId::kTimestampNs) ||
         (found.id() == TypeId::kTimestamptz && target.id() == TypeId::kTimestamptzNs) ||
         (found.id() == TypeId::kBinary &&
          (target.id() == TypeId::kGeometry || target.id() == TypeId::kGeography)) ||
         (found.id() == TypeId::kFixed &&
          (target.id() == TypeId::kBinary ||
           (target.id() == TypeId::kUuid && found.length() == kUuidBytes)));
}

/// Plans conversions by name and notes every problem.
class Planner {
 public:
  explicit Planner(bool keeps_views) : keeps_views_(keeps_views) {}

  std::vector<ColumnConversion> PlanStruct(const Type& target, const arrow::FieldVector& inputs,
                                           const std::string& prefix) {
    std::vector<ColumnConversion> columns;
    for (const Field& field : target.fields()) {
      columns.push_back(Plan(field, inputs, prefix));
    }
    std::unordered_set<std::string_view> names;
    for (const Field& field : target.fields()) {
      names.insert(field.name);
    }
    for (const auto& input : inputs) {
      if (!names.contains(input->name())) {
        const bool is_untyped = input->type()->id() == arrow::Type::NA;
        problems.push_back({prefix + input->name(), input->type()->ToString(),
                            std::string(is_untyped ? kNoSuchColumnNorType : kNoSuchColumn)});
      }
    }
    return columns;
  }

  std::vector<SchemaProblem> problems;

 private:
  ColumnConversion Plan(const Field& target, const arrow::FieldVector& inputs,
                        const std::string& prefix) {
    ColumnConversion column{&target, prefix + target.name, -1, ToArrowType(target.type), false,
                            {}};
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i]->name() != target.name) {
        continue;
      }
      if (column.source >= 0) {
        problems.push_back({column.path, "two columns of that name", Wanted(target)});
      }
      column.source = static_cast<int>(i);
    }
    if (column.source >= 0) {
      PlanType(inputs[static_cast<size_t>(column.source)]->type(), &column,
               keeps_views_ && prefix.empty());
    } else if (FindWithoutDefault(target, DefaultKind::kWrite) != nullptr) {
      problems.push_back({column.path, std::string(kNoSuchColumn), Wanted(target)});
    }
    return column;
  }

  void PlanType(const std::shared_ptr<arrow::DataType>& input, ColumnConversion* column,
                bool keeps_views) {
    const Type& target = column->target->type;
    if (input->id() == arrow::Type::NA) {
      column->cast = true;
    } else if (IsKeptLayout(*input, target.id(), keeps_views)) {
      column->type = input;
    } else if (target.is_primitive()) {
      const std::optional<Type> found = IcebergTypeOf(input);
      const bool same = input->Equals(*column->type);
      if (!same && (!found || !FitsExactly(*found, target))) {
        AddProblem(*input, *column);
      }
      column->cast = !same;
    } else if (target.id() == TypeId::kVariant) {
      if (!IsVariantStorage(*input)) {
        AddProblem(*input, *column);
      }
    } else if (!IsSameNesting(*input, target.id())) {
      AddProblem(*input, *column);
    } else {
      column->children = PlanStruct(target, InnerFields(*input), column->path + ".");
    }
  }

  void AddProblem(const arrow::DataType& input, const ColumnConversion& column) {
    problems.push_back({column.path, input.ToString(), Wanted(*column.target)});
  }

  bool keeps_views_;
};

/// What a caller passes must fit as it is.
class InputRules final : public ConversionRules {
 public:
  bool checks_nulls() const override { return true; }
  bool truncates_times() const override { return false; }
  DefaultKind defaults() const override { return DefaultKind::kWrite; }
  [[noreturn]] void Fail(const ColumnConversion& column, const std::string& found,
                         std::string_view advice) const override {
    const std::string wanted = Wanted(*column.target);
    throw SchemaMismatchError(fmt::format("column '{}': found {}, expected {}; {}", column.path,
                                          found, wanted, advice),
                              {{column.path, found, wanted}}, {.column = column.path});
  }
};

[[noreturn]] void ThrowProblems(std::vector<SchemaProblem> problems) {
  std::string text = "the data does not fit the table's schema:";
  for (const SchemaProblem& problem : problems) {
    text += fmt::format("{} column '{}': found {}, expected {}", text.ends_with(':') ? "" : ";",
                        problem.column, problem.found, problem.expected);
  }
  if (std::ranges::any_of(problems, [](const SchemaProblem& problem) {
        return problem.expected == kNoSuchColumn;
      })) {
    text +=
        "; drop the columns that the table does not have, or let the write evolve its "
        "schema (evolve_schema)";
  }
  ErrorDetails details{.column = problems[0].column};
  throw SchemaMismatchError(text, std::move(problems), std::move(details));
}

}  // namespace

InputConverter::InputConverter(std::shared_ptr<arrow::Schema> input, SchemaPtr table,
                               bool keeps_views)
    : input_(std::move(input)), table_(std::move(table)) {
  Planner planner(keeps_views);
  columns_ = planner.PlanStruct(table_->root(), input_->fields(), "");
  if (!planner.problems.empty()) {
    ThrowProblems(std::move(planner.problems));
  }
}

std::shared_ptr<arrow::RecordBatch> InputConverter::Convert(
    const arrow::RecordBatch& batch) const {
  Check(batch.schema()->Equals(*input_, /*check_metadata=*/false),
        "a batch of another schema than the stream's");
  return ConvertBatch(batch, columns_, InputRules());
}

}  // namespace floe::inline v0
