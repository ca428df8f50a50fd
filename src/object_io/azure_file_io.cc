#include "object_io/azure_file_io.h"

#include <arrow/filesystem/azurefs.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "object_io/arrow_file_io.h"
#include "object_io/azure_errors.h"
#include "object_io/azure_settings.h"
#include "object_io/file_systems.h"
#include "object_io/object_path.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

arrow::Status Configure(const AzureCredentials& credentials, arrow::fs::AzureOptions& options) {
  if (!credentials.sas_token.empty()) {
    return options.ConfigureSASCredential("?" + credentials.sas_token.Reveal());
  }
  if (!credentials.account_key.empty()) {
    return options.ConfigureAccountKeyCredential(credentials.account_key.Reveal());
  }
  if (!credentials.client_id.empty()) {
    return options.ConfigureClientSecretCredential(credentials.tenant_id, credentials.client_id,
                                                   credentials.client_secret.Reveal());
  }
  return credentials.anonymous ? options.ConfigureAnonymousCredential()
                               : options.ConfigureDefaultCredential();
}

std::shared_ptr<arrow::fs::FileSystem> MakeFileSystem(const AzureAccount& account) {
  arrow::fs::AzureOptions options;
  options.account_name = account.name;
  options.blob_storage_authority = account.endpoints.blob_authority;
  options.dfs_storage_authority = account.endpoints.dfs_authority;
  options.blob_storage_scheme = account.endpoints.blob_scheme;
  options.dfs_storage_scheme = account.endpoints.dfs_scheme;
  // What fails in Arrow's own threads may end the process: Azure's client throws there.
  options.background_writes = false;
  std::string problem;
  try {
    const arrow::Status configured = Configure(account.credentials, options);
    if (!configured.ok()) {
      problem = configured.message();
    } else if (auto made = arrow::fs::AzureFileSystem::Make(options); made.ok()) {
      return *std::move(made);
    } else {
      problem = made.status().message();
    }
  } catch (const std::exception& error) {
    problem = error.what();
  }
  ThrowAzureError({.kind = StoreProblem::Kind::kUnauthenticated}, "make a client of",
                  account.name, problem, account);
}

class AzureStore final : public ObjectStore {
 public:
  AzureStore(AzureSettings settings, std::shared_ptr<AzureFileSystems> file_systems)
      : settings_(std::move(settings)), file_systems_(std::move(file_systems)) {}

  std::string Path(const std::string& location) const override {
    const AzureLocation parsed = ParseAzureLocation(location);
    return JoinedObjectPath(location, parsed.container, parsed.key);
  }

  std::shared_ptr<arrow::fs::FileSystem> FileSystem(
      const std::string& location) const override {
    if (!settings_.refused.empty()) {
      throw UnsupportedError(
          fmt::format("the catalog sets {} for {}, which this version of floe can't follow",
                      settings_.refused, location),
          {.path = location});
    }
    const AzureAccount account = AccountAt(location);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    if (account.EndsAtMs().value_or(now_ms + 1) <= now_ms) {
      ThrowAzureError({.kind = StoreProblem::Kind::kExpired}, "use", location,
                      "it was not asked", account);
    }
    return file_systems_->For(account);
  }

  StoreProblem ReadProblem(std::string_view text) const override {
    return ReadAzureProblem(text);
  }

  [[noreturn]] void Throw(const StoreProblem& problem, std::string_view action,
                          const std::string& location, std::string_view text) const override {
    ThrowAzureError(problem, action, location, text, AccountAt(location));
  }

 private:
  AzureAccount AccountAt(const std::string& location) const {
    return AccountOf(ParseAzureLocation(location), settings_, location);
  }

  const AzureSettings settings_;
  const std::shared_ptr<AzureFileSystems> file_systems_;
};

}  // namespace

std::shared_ptr<AzureFileSystems> MakeAzureFileSystems() {
  return std::make_shared<AzureFileSystems>(&MakeFileSystem);
}

std::unique_ptr<FileIO> MakeAzureFileIO(AzureSettings settings,
                                        std::shared_ptr<AzureFileSystems> file_systems) {
  return MakeArrowFileIO(
      std::make_shared<AzureStore>(std::move(settings), std::move(file_systems)));
}

}  // namespace floe::inline v0
