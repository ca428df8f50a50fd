#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/io/storage.h"

namespace floe::inline v0 {

/// A property of a store that Iceberg's engines know.
struct StoreProperty {
  enum class Use : uint8_t {
    kRead,     ///< floe does what it says
    kTuning,   ///< of how another engine works: no answer is wrong without it
    kRefused,  ///< without it, an answer might be wrong, or nobody may ask
  };
  std::string_view name;  ///< with a dot at its end: of all names that begin so
  Use use = Use::kRead;
  std::string_view harmless;  ///< the value of a refused one that asks for nothing
};

/// Checks what a caller gave. Throws InvalidArgumentError for a name that begins with `prefix`
/// and is not in `known`; UnsupportedError for one that floe does not read.
void CheckStoreProperties(const StorageProperties& properties, std::string_view prefix,
                          std::span<const StoreProperty> known);

/// Throws InvalidArgumentError: `storage property <name> is <problem>`.
[[noreturn]] void ThrowWrongProperty(std::string_view name, std::string_view problem);

/// Properties in layers, of which later ones stand above earlier ones, as one. Immutable.
class LayeredProperties {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  /// Where a layer says who asks, by any of `credentials` (names, or begins of names that end
  /// with a dot), those of the layers below it do not count. One that is empty says nothing,
  /// and `false` not who.
  LayeredProperties(const std::vector<const StorageProperties*>& layers,
                    std::span<const std::string_view> credentials);

  const Map& all() const { return all_; }

  /// Empty if it is not there.
  std::string Text(std::string_view name) const;

  /// The first of them that is there.
  std::string TextOfFirst(std::span<const std::string_view> names) const;

  /// Throws InvalidArgumentError for what is neither true nor false.
  std::optional<bool> Boolean(std::string_view name) const;

  /// Throws InvalidArgumentError for what is no number of seconds above 0, up to a day.
  std::optional<double> Seconds(std::string_view name) const;

  /// `otherwise` if it is not there. Throws InvalidArgumentError for what is no integer from
  /// `least` to `most`.
  int64_t Integer(std::string_view name, int64_t otherwise, int64_t least, int64_t most) const;

  /// A time, 2200 for later ones. Throws InvalidArgumentError for what is no integer, or below
  /// 0.
  std::optional<int64_t> Milliseconds(std::string_view name) const;

  /// Those whose name begins with `prefix`, by the rest of it.
  std::vector<std::pair<std::string, std::string>> WithPrefix(std::string_view prefix) const;

  /// The name of the first that is refused and asks for something; empty if there is none.
  std::string FirstRefused(std::span<const StoreProperty> known) const;

 private:
  Map all_;
};

}  // namespace floe::inline v0
