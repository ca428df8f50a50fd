#include "support/case_files.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace floe::testing {

std::filesystem::path TestsFolder() { return FLOE_TESTS_DIR; }

std::string ReadTestFile(const std::string& path) {
  std::ifstream file(TestsFolder() / path);
  if (!file) {
    throw std::runtime_error("no test file " + path);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Case> LoadCases(const std::string& function) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(TestsFolder() / "cases" / function)) {
    if (entry.path().extension() == ".jsonl") {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  std::vector<Case> cases;
  simdjson::dom::parser parser;
  for (const auto& file : files) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      const simdjson::dom::object object = parser.parse(line).get_object();
      std::string name;
      for (const auto member : object) {
        if (member.key == "name") {
          name = std::string_view(member.value.get_string());
        } else if (member.key != "in" && member.key != "out" && member.key != "error") {
          throw std::runtime_error(file.string() + ": unknown member in " + line);
        }
      }
      cases.push_back({file.stem().string() + ": " + name, line});
    }
  }
  if (cases.empty()) {
    throw std::runtime_error("no cases for " + function);
  }
  return cases;
}

}  // namespace floe::testing
