#include "parquet/column_conversion.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/buffer_builder.h>
#include <arrow/builder.h>
#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/schema/type.h"
#include "parquet/arrow_literal.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/variant_columns.h"
#include "variant/variant_encoding.h"

namespace floe::inline v0 {

std::optional<Type> IcebergTypeOf(const std::shared_ptr<arrow::DataType>& type) {
  constexpr int kVersion = 2;  // who asks looks at the unit of timestamps
  try {
    return FromArrowSchema(*arrow::schema({arrow::field("x", type)}), kVersion)
        .fields()[0]
        .type;
  } catch (const SchemaMismatchError&) {
    return std::nullopt;
  }
}

bool IsSameNesting(const arrow::DataType& type, TypeId nested) {
  switch (nested) {
    case TypeId::kStruct:
      return type.id() == arrow::Type::STRUCT;
    case TypeId::kMap:
      return type.id() == arrow::Type::MAP;
    case TypeId::kList:
      return arrow::is_list_like(type.id()) || arrow::is_list_view(type.id());
    default:
      return false;
  }
}

std::vector<std::shared_ptr<arrow::Field>> InnerFields(const arrow::DataType& type) {
  if (type.id() == arrow::Type::STRUCT) {
    return type.fields();
  }
  if (type.id() == arrow::Type::MAP) {
    const auto& map = static_cast<const arrow::MapType&>(type);
    return {map.key_field()->WithName("key"), map.item_field()->WithName("value")};
  }
  return {type.field(0)->WithName("element")};
}

namespace {

/// `data` where arrays without rows start at 0: of one with an offset, Arrow (26.0) imports no
/// buffers that the offset could be in, and fails to slice them. `data` itself if none has one.
std::shared_ptr<arrow::ArrayData> WithoutEmptyOffsets(
    const std::shared_ptr<arrow::ArrayData>& data) {
  bool changes = data->length == 0 && data->offset != 0;
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const auto& child : data->child_data) {
    children.push_back(WithoutEmptyOffsets(child));
    changes = changes || children.back() != child;
  }
  if (!changes) {
    return data;
  }
  auto changed = std::make_shared<arrow::ArrayData>(*data);
  changed->offset = data->length == 0 ? 0 : data->offset;
  changed->child_data = std::move(children);
  return changed;
}

std::shared_ptr<arrow::Array> WithoutEmptyOffsets(const std::shared_ptr<arrow::Array>& array) {
  const auto data = WithoutEmptyOffsets(array->data());
  return data == array->data() ? array : arrow::MakeArray(data);
}

/// Converts arrays; holds the rules for the way down.
class Converter {
 public:
  explicit Converter(const ConversionRules& rules) : rules_(rules) {}

  /// `nulls_above`: nulls of `input` that are those of an optional struct above it.
  std::shared_ptr<arrow::Array> Convert(const std::shared_ptr<arrow::Array>& encoded,
                                        const ColumnConversion& column,
                                        int64_t nulls_above = 0) const {
    std::shared_ptr<arrow::Array> input = RunsDecoded(encoded);
    if (rules_.checks_nulls() && column.target->required) {
      // Nulls of a dictionary's values are no nulls of the array itself.
      if (const int64_t nulls = input->ComputeLogicalNullCount() - nulls_above; nulls > 0) {
        rules_.Fail(column, fmt::format("{} null(s)", nulls),
                    "fill or drop them, or make the column optional");
      }
    }
    if (column.cast) {
      return Cast(input, column);
    }
    if (column.target->type.is_primitive()) {
      return input;
    }
    if (column.target->type.id() == TypeId::kVariant) {
      return Assemble(input, column);
    }
    return column.target->type.id() == TypeId::kStruct ? ConvertStruct(*input, column)
                                                       : ConvertList(input, column);
  }

  /// A column that does not come from anywhere.
  std::shared_ptr<arrow::Array> Filled(const ColumnConversion& column, int64_t length) const {
    if (!column.constant) {
      return MakeDefaultArray(*column.target, rules_.defaults(), length);
    }
    const ArrowContext context = ArrowContext::Internal("filling a column with a constant");
    const bool extends = column.type->id() == arrow::Type::EXTENSION;
    const auto storage =
        extends ? static_cast<const arrow::ExtensionType&>(*column.type).storage_type()
                : column.type;
    const auto builder = ValueOrThrow(arrow::MakeBuilder(storage, BufferPool()), context);
    AppendLiteral(column.constant, builder.get());
    const auto one = ValueOrThrow(builder->Finish(), context);
    auto all =
        ValueOrThrow(arrow::MakeArrayFromScalar(*ValueOrThrow(one->GetScalar(0), context),
                                                length, BufferPool()),
                     context);
    return extends ? arrow::ExtensionType::WrapArray(column.type, all) : all;
  }

  static std::shared_ptr<arrow::Array> Nulls(const ColumnConversion& column, int64_t length) {
    return ValueOrThrow(arrow::MakeArrayOfNull(column.type, length),
                        ArrowContext::Internal("filling a column with nulls"));
  }

 private:
  std::shared_ptr<arrow::Array> Assemble(const std::shared_ptr<arrow::Array>& input,
                                         const ColumnConversion& column) const {
    std::shared_ptr<arrow::Array> variants;
    std::string problem;
    try {
      variants = AssembleVariants(input);
    } catch (const VariantDataError& error) {
      problem = error.what();
    }
    if (variants == nullptr) {
      rules_.Fail(column, problem, "pass values in Parquet's variant encoding");
    }
    return variants;
  }

  static std::shared_ptr<arrow::Array> RunsDecoded(const std::shared_ptr<arrow::Array>& input) {
    if (input->type_id() != arrow::Type::RUN_END_ENCODED) {
      return input;
    }
    return ValueOrThrow(arrow::compute::RunEndDecode(input),
                        ArrowContext::Internal("decoding runs"))
        .make_array();
  }

  std::shared_ptr<arrow::Array> Cast(const std::shared_ptr<arrow::Array>& input,
                                     const ColumnConversion& column) const {
    if (input->type_id() == arrow::Type::NA) {
      return Nulls(column, input->length());
    }
    std::shared_ptr<arrow::Array> storage = input;
    if (input->type_id() == arrow::Type::EXTENSION) {
      storage = static_cast<const arrow::ExtensionArray&>(*input).storage();
    }
    std::shared_ptr<arrow::DataType> wanted = column.type;
    if (wanted->id() == arrow::Type::EXTENSION) {
      wanted = static_cast<const arrow::ExtensionType&>(*wanted).storage_type();
    }
    auto options = arrow::compute::CastOptions::Safe();
    options.allow_time_truncate = rules_.truncates_times();
    const bool encoded = storage->type_id() == arrow::Type::DICTIONARY;
    const std::shared_ptr<arrow::Array> values =
        encoded ? static_cast<const arrow::DictionaryArray&>(*storage).dictionary() : storage;
    auto cast = arrow::compute::Cast(*values, wanted, options, BufferContext());
    if (cast.ok() && encoded) {
      cast = arrow::compute::Take(
          **cast, *static_cast<const arrow::DictionaryArray&>(*storage).indices(),
          arrow::compute::TakeOptions::Defaults(), BufferContext());
    }
    if (!cast.ok()) {
      rules_.Fail(column, input->type()->ToString() + " values that would lose precision",
                  "round them before writing");
    }
    return column.type->id() == arrow::Type::EXTENSION
               ? arrow::ExtensionType::WrapArray(column.type, *cast)
               : *cast;
  }

  std::shared_ptr<arrow::Array> ConvertStruct(const arrow::Array& input,
                                              const ColumnConversion& column) const {
    const auto& structs = static_cast<const arrow::StructArray&>(input);
    arrow::ArrayVector children;
    arrow::FieldVector fields;
    for (const ColumnConversion& child : column.children) {
      // Flattened: the fields of a null struct are null, whatever lies below.
      children.push_back(
          child.source < 0
              ? Filled(child, input.length())
              : Convert(ValueOrThrow(structs.GetFlattenedField(child.source),
                                     ArrowContext::Internal("converting a struct")),
                        child, input.null_count()));
      fields.push_back(InnerField(child, *children.back()));
    }
    return std::make_shared<arrow::StructArray>(arrow::struct_(fields), input.length(),
                                                std::move(children), ValidityOf(input));
  }

  std::shared_ptr<arrow::Array> ConvertList(const std::shared_ptr<arrow::Array>& input,
                                            const ColumnConversion& column) const {
    const std::shared_ptr<arrow::ListArray> lists = WithoutHiddenElements(AsListArray(input));
    const int32_t base = lists->value_offset(0);
    const std::shared_ptr<arrow::Array> values =
        lists->values()->Slice(base, lists->value_offset(lists->length()) - base);
    std::shared_ptr<arrow::Buffer> offsets = OffsetsFromZero(*lists);
    if (column.target->type.id() == TypeId::kList) {
      auto elements = Convert(values, column.children[0]);
      auto type = arrow::list(InnerField(column.children[0], *elements));
      return std::make_shared<arrow::ListArray>(std::move(type), input->length(),
                                                std::move(offsets), std::move(elements),
                                                ValidityOf(*lists));
    }
    const auto& pairs = static_cast<const arrow::StructArray&>(*values);
    auto keys = Convert(pairs.field(column.children[0].source), column.children[0]);
    auto items = column.children[1].source < 0
                     ? Filled(column.children[1], values->length())
                     : Convert(pairs.field(column.children[1].source), column.children[1]);
    auto type = std::make_shared<arrow::MapType>(InnerField(column.children[0], *keys),
                                                 InnerField(column.children[1], *items));
    return std::make_shared<arrow::MapArray>(std::move(type), input->length(),
                                             std::move(offsets), std::move(keys),
                                             std::move(items), ValidityOf(*lists));
  }

  /// The planned field (with its id) around what the array turned out to be.
  static std::shared_ptr<arrow::Field> InnerField(const ColumnConversion& column,
                                                  const arrow::Array& array) {
    return ToArrowField(*column.target)->WithType(array.type());
  }

  static std::shared_ptr<arrow::ListArray> AsListArray(
      const std::shared_ptr<arrow::Array>& input) {
    if (input->type_id() == arrow::Type::LIST || input->type_id() == arrow::Type::MAP) {
      return std::static_pointer_cast<arrow::ListArray>(input);
    }
    if (input->type_id() == arrow::Type::LIST_VIEW) {
      return Compacted(static_cast<const arrow::ListViewArray&>(*input));
    }
    if (input->type_id() == arrow::Type::LARGE_LIST_VIEW) {
      return Compacted(static_cast<const arrow::LargeListViewArray&>(*input));
    }
    if (input->type_id() == arrow::Type::LARGE_LIST) {
      return Compacted(static_cast<const arrow::LargeListArray&>(*input));
    }
    return Compacted(static_cast<const arrow::FixedSizeListArray&>(*input));
  }

  /// `lists` where no null has elements: whatever they are, they are in no list.
  static std::shared_ptr<arrow::ListArray> WithoutHiddenElements(
      std::shared_ptr<arrow::ListArray> lists) {
    if (lists->null_count() > 0) {
      for (int64_t i = 0; i < lists->length(); ++i) {
        if (lists->IsNull(i) && lists->value_length(i) > 0) {
          return Compacted(*lists);
        }
      }
    }
    return lists;
  }

  /// Arrow's own conversions (26.0) of list views, and of lists of them, give invalid arrays,
  /// or none, where there are nulls or offsets.
  template <class AnyListArray>
  static std::shared_ptr<arrow::ListArray> Compacted(const AnyListArray& lists) {
    const ArrowContext context = ArrowContext::Internal("converting a list");
    arrow::TypedBufferBuilder<int32_t> offsets;
    ThrowIfNotOk(offsets.Reserve(lists.length() + 1), context);
    int64_t end = 0;
    offsets.UnsafeAppend(0);
    for (int64_t i = 0; i < lists.length(); ++i) {
      end += lists.IsNull(i) ? 0 : int64_t{lists.value_length(i)};
      if (end > std::numeric_limits<int32_t>::max()) {
        throw InvalidArgumentError(
            "a batch has lists of more than 2147483647 elements in all; pass smaller batches");
      }
      offsets.UnsafeAppend(static_cast<int32_t>(end));
    }
    // Flatten() fails to make an empty array of an extension type.
    std::shared_ptr<arrow::Array> elements =
        end == 0 ? lists.values()->Slice(0, 0) : ValueOrThrow(lists.Flatten(), context);
    return std::make_shared<arrow::ListArray>(
        arrow::list(lists.type()->field(0)), lists.length(),
        ValueOrThrow(offsets.Finish(), context), std::move(elements), ValidityOf(lists));
  }

  static std::shared_ptr<arrow::Buffer> OffsetsFromZero(const arrow::ListArray& lists) {
    const int32_t base = lists.value_offset(0);
    std::shared_ptr<arrow::Buffer> offsets = ValueOrThrow(
        arrow::AllocateBuffer((lists.length() + 1) * static_cast<int64_t>(sizeof(int32_t)),
                              BufferPool()),
        ArrowContext::Internal("converting a list"));
    auto* out = reinterpret_cast<int32_t*>(offsets->mutable_data());
    for (int64_t i = 0; i <= lists.length(); ++i) {
      out[i] = lists.value_offset(i) - base;
    }
    return offsets;
  }

  /// The validity bits of `array`, from its first row on; null if nothing is null.
  static std::shared_ptr<arrow::Buffer> ValidityOf(const arrow::Array& array) {
    if (array.null_count() == 0) {
      return nullptr;
    }
    return ValueOrThrow(arrow::internal::CopyBitmap(BufferPool(), array.null_bitmap_data(),
                                                    array.offset(), array.length()),
                        ArrowContext::Internal("copying validity"));
  }

  const ConversionRules& rules_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatch> ConvertBatch(const arrow::RecordBatch& batch,
                                                 const std::vector<ColumnConversion>& columns,
                                                 const ConversionRules& rules) {
  const Converter converter(rules);
  arrow::ArrayVector arrays;
  arrow::FieldVector fields;
  for (const ColumnConversion& column : columns) {
    arrays.push_back(
        column.source < 0
            ? converter.Filled(column, batch.num_rows())
            : converter.Convert(WithoutEmptyOffsets(batch.column(column.source)), column));
    fields.push_back(ToArrowField(*column.target)->WithType(arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(arrays));
}

}  // namespace floe::inline v0
