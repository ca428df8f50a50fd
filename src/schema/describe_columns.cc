#include "schema/describe_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kListedColumns = 20;
/// Longer names are not compared, so that a hostile one costs nothing.
constexpr size_t kComparedBytes = 100;

/// Insertions, deletions and replacements of bytes that make `a` into `b`.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The full name that is nearest to `wanted`; nothing if none is near.
std::string_view ClosestName(const Schema& schema, std::string_view wanted) {
  if (wanted.size() > kComparedBytes) {
    return {};
  }
  const std::string lower = ToLower(wanted);
  std::string_view closest;
  size_t least = std::max<size_t>(1, wanted.size() / 3) + 1;
  for (const Schema::Place& place : schema.places()) {
    if (place.full_name.size() > kComparedBytes) {
      continue;
    }
    const size_t distance = EditDistance(lower, ToLower(place.full_name));
    if (distance < least && distance < place.full_name.size()) {
      least = distance;
      closest = place.full_name;
    }
  }
  return closest;
}

}  // namespace

std::string DescribeColumns(const Schema& schema, std::string_view wanted) {
  std::string text;
  if (const std::string_view closest = ClosestName(schema, wanted); !closest.empty()) {
    text = fmt::format("did you mean '{}'? ", closest);
  }
  if (schema.fields().empty()) {
    return text + "it has no columns";
  }
  text += "its columns are ";
  const size_t listed = std::min(schema.fields().size(), kListedColumns);
  for (size_t i = 0; i < listed; ++i) {
    text += (i == 0 ? "" : ", ") + schema.fields()[i].name;
  }
  if (listed < schema.fields().size()) {
    text += fmt::format(" and {} more", schema.fields().size() - listed);
  }
  return text;
}

}  // namespace floe::inline v0
