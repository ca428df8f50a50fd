#pragma once

#include <span>
#include <string_view>

namespace floe::inline v0 {

/// The properties that S3Settings has, in PyIceberg's and Java's names.
std::span<const std::string_view> S3PropertyNames();

/// What PyIceberg or Java have, and floe has not.
struct MissingS3Property {
  std::string_view name;      ///< with a dot at its end: all that begin so
  std::string_view harmless;  ///< the value that changes nothing; empty: none
  std::string_view instead;   ///< what floe does in its place
  /// Whether objects would be written or deleted otherwise than it says. Others are about
  /// speed, or choose classes of Java or Python.
  bool is_about_objects;
};

/// nullptr if `name` is none.
const MissingS3Property* FindMissingS3Property(std::string_view name);

}  // namespace floe::inline v0
