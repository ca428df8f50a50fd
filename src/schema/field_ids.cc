#include "schema/field_ids.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "floe/schema/type.h"

namespace floe::inline v0 {

Type WithFields(const Type& like, std::vector<Field> fields) {
  const auto bare = [&] {
    switch (like.id()) {
      case TypeId::kList:
        return Type::List(std::move(fields[0]));
      case TypeId::kMap:
        return Type::Map(std::move(fields[0]), std::move(fields[1]));
      default:
        return Type::Struct(std::move(fields));
    }
  };
  return like.extras().empty() ? bare() : bare().WithExtras(like.extras());
}

std::vector<Field> NumberFields(std::vector<Field> fields, int32_t* last_id) {
  for (Field& field : fields) {
    field.id = ++*last_id;
  }
  for (Field& field : fields) {
    field.type = NumberType(field.type, last_id);
  }
  return fields;
}

Type NumberType(const Type& type, int32_t* last_id) {
  return type.is_nested() ? WithFields(type, NumberFields(type.fields(), last_id)) : type;
}

}  // namespace floe::inline v0
