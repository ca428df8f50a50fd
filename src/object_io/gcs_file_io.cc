#include "object_io/gcs_file_io.h"

#include <arrow/filesystem/gcsfs.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "object_io/arrow_file_io.h"
#include "object_io/file_systems.h"
#include "object_io/gcs_errors.h"
#include "object_io/gcs_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

using std::chrono::system_clock;

system_clock::time_point EndOf(const GcsSettings& settings) {
  // Google's client does not ask when it ends; a token without an end is good for a day here.
  constexpr std::chrono::hours kDay{24};
  return settings.token_expires_at_ms ? system_clock::time_point(std::chrono::milliseconds(
                                            *settings.token_expires_at_ms))
                                      : system_clock::now() + kDay;
}

arrow::fs::GcsOptions OptionsOf(const GcsSettings& settings) {
  using arrow::fs::GcsOptions;
  GcsOptions options = settings.anonymous       ? GcsOptions::Anonymous()
                       : settings.token.empty() ? GcsOptions::Defaults()
                                                : GcsOptions::FromAccessToken(
                                                      settings.token.Reveal(), EndOf(settings));
  if (!settings.endpoint.empty()) {
    const size_t scheme_end = settings.endpoint.find("://");
    options.scheme = settings.endpoint.substr(0, scheme_end);
    options.endpoint_override = settings.endpoint.substr(scheme_end + 3);
  }
  options.default_bucket_location = settings.default_location;
  if (!settings.project_id.empty()) {
    options.project_id = settings.project_id;
  }
  // Google's is a quarter of an hour.
  constexpr double kPatienceSeconds = 60;
  options.retry_limit_seconds = settings.request_timeout_seconds.value_or(kPatienceSeconds);
  return options;
}

std::shared_ptr<arrow::fs::FileSystem> MakeFileSystem(const GcsSettings& settings) {
  auto made = arrow::fs::GcsFileSystem::Make(OptionsOf(settings));
  if (!made.ok()) {
    throw IoError(fmt::format("can't make a client of Google Cloud Storage: {}",
                              settings.token.RedactIn(made.status().message())));
  }
  return *std::move(made);
}

class GcsStore final : public ObjectStore {
 public:
  GcsStore(GcsSettings settings, std::shared_ptr<GcsFileSystems> file_systems)
      : settings_(std::move(settings)), file_systems_(std::move(file_systems)) {}

  std::string Path(const std::string& location) const override { return GcsPath(location); }

  std::shared_ptr<arrow::fs::FileSystem> FileSystem(
      const std::string& location) const override {
    if (!settings_.refused.empty()) {
      throw UnsupportedError(
          fmt::format("the catalog sets {} for {}, which this version of floe can't follow",
                      settings_.refused, location),
          {.path = location});
    }
    const bool has_ended =
        settings_.token_expires_at_ms && EndOf(settings_) <= system_clock::now();
    if (has_ended) {
      Throw({.kind = StoreProblem::Kind::kExpired}, "use", location, "it was not asked");
    }
    return file_systems_->For(settings_);
  }

  StoreProblem ReadProblem(std::string_view text) const override {
    return ReadGcsProblem(text);
  }

  [[noreturn]] void Throw(const StoreProblem& problem, std::string_view action,
                          const std::string& location, std::string_view text) const override {
    ThrowGcsError(problem, action, location, text, settings_);
  }

 private:
  const GcsSettings settings_;
  const std::shared_ptr<GcsFileSystems> file_systems_;
};

}  // namespace

std::shared_ptr<GcsFileSystems> MakeGcsFileSystems() {
  return std::make_shared<GcsFileSystems>(&MakeFileSystem);
}

std::unique_ptr<FileIO> MakeGcsFileIO(GcsSettings settings,
                                      std::shared_ptr<GcsFileSystems> file_systems) {
  return MakeArrowFileIO(
      std::make_shared<GcsStore>(std::move(settings), std::move(file_systems)));
}

}  // namespace floe::inline v0
