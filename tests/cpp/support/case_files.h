#pragma once

#include <simdjson.h>

#include <filesystem>
#include <string>
#include <vector>

namespace floe::testing {

/// One line of a case file under tests/cases, which C++ and Python both run.
struct Case {
  std::string name;
  std::string json;  ///< the whole line
};

/// The cases of a function under test. Throws for a line with an unknown member.
std::vector<Case> LoadCases(const std::string& function);

/// The folder tests/.
std::filesystem::path TestsFolder();

/// Reads a file under tests/.
std::string ReadTestFile(const std::string& path);

}  // namespace floe::testing
