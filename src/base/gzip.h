#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Whether `content` begins as gzip files do (RFC 1952), and no text does.
bool IsGzip(std::string_view content);

/// A gzip file of `content`.
std::string Gzip(std::string_view content);

/// What a gzip file holds, of one member or several, with `padding` bytes of room beyond its
/// end. `location` names it in errors. Throws CorruptFileError for damage, and for content of
/// more than `max_size` bytes or more than 200 times the file's size (64 MiB are allowed of any
/// file): what unpacks to more was not made from metadata.
std::string Gunzip(std::string_view compressed, size_t max_size, size_t padding,
                   const std::string& location);

}  // namespace floe::inline v0
