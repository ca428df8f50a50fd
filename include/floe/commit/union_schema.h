#pragma once

#include <optional>

#include "floe/commit/change.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Widens the current schema so that data with the columns of a struct type fits; see
/// UnionByName(). Does nothing where it fits already.
class UnionSchema final : public Change {
 public:
  explicit UnionSchema(Type input) : input_(std::move(input)) {}

  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const Type input_;
  SchemaPtr applied_;
  bool is_new_ = false;  ///< the schema, in the table
};

}  // namespace floe::inline v0
