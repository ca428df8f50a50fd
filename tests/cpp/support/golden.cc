#include "support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/case_files.h"

namespace floe::testing {

void ExpectGolden(const std::string& name, const std::string& text) {
  if (std::getenv("FLOE_REWRITE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    const auto path = TestsFolder() / "golden" / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(ReadTestFile("golden/" + name), text)
      << "FLOE_REWRITE_GOLDEN=1 rewrites tests/golden/" << name;
}

}  // namespace floe::testing
