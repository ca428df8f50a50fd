#include "object_io/s3_runtime.h"

#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/object_io/object_storage.h"
#include "object_io/aws_profile.h"
#include "object_io/s3_retries.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

/// Enough for the credentials of many tables; each has a connection or two open.
constexpr size_t kMostFileSystems = 64;

/// The process that started AWS's SDK.
int& StarterPid() {
  static int pid = 0;
  return pid;
}

void ThrowIfFailed(const arrow::Status& status, const std::string& action) {
  if (!status.ok()) {
    throw IoError(fmt::format("can't {}: {}", action, status.message()));
  }
}

/// Threads of the process that send parts and small objects; Arrow's own are fewer.
arrow::internal::ThreadPool* Writers() {
  constexpr int kWriters = 24;
  static const auto writers = arrow::internal::ThreadPool::MakeEternal(kWriters);
  ThrowIfFailed(writers.status(), "start threads that write to S3");
  return writers->get();
}

/// Whoever else uses Arrow in this process (pyarrow) may have started it.
void StartS3() {
  static std::once_flag once;
  std::call_once(once, [] {
    ThrowIfFailed(arrow::fs::EnsureS3Initialized(), "start AWS's SDK");
    StarterPid() = getpid();
  });
  if (StarterPid() != getpid()) {
    throw UnsupportedError(
        "this process was forked from one that had used S3, which AWS's SDK does not survive; "
        "start processes by 'spawn' or 'forkserver', or use S3 only after the fork");
  }
}

/// As whom, and the region that a profile says.
void Configure(const S3Settings& settings, arrow::fs::S3Options* options) {
  if (settings.anonymous) {
    options->ConfigureAnonymousCredentials();
  } else if (!settings.profile.empty()) {
    const AwsProfile profile = ReadAwsProfile(settings.profile);
    options->ConfigureAccessKey(profile.access_key_id, profile.secret_access_key.Reveal(),
                                profile.session_token.Reveal());
    options->region = profile.region;
  } else if (!settings.role_arn.empty()) {
    options->ConfigureAssumeRoleCredentials(
        settings.role_arn,
        settings.role_session_name.empty() ? "floe" : settings.role_session_name,
        settings.role_external_id, settings.role_seconds);
  } else if (settings.access_key_id.empty()) {
    options->ConfigureDefaultCredentials();
  } else {
    options->ConfigureAccessKey(settings.access_key_id, settings.secret_access_key.Reveal(),
                                settings.session_token.Reveal());
  }
  if (!settings.region.empty()) {
    options->region = settings.region;
  }
}

/// Where to, and whether the bucket is in the path.
void Address(const S3Settings& settings, arrow::fs::S3Options* options) {
  if (!settings.endpoint.empty()) {
    const size_t scheme_end = settings.endpoint.find("://");
    options->scheme = settings.endpoint.substr(0, scheme_end);
    options->endpoint_override = settings.endpoint.substr(scheme_end + 3);
    options->force_virtual_addressing = !settings.path_style.value_or(true);
  } else if (settings.path_style.value_or(false)) {
    // Only with an address of our own is the bucket in the path.
    if (options->region.empty()) {
      throw InvalidArgumentError(
          "storage property s3.path-style-access is true, which takes s3.region on AWS");
    }
    options->endpoint_override = fmt::format("s3.{}.amazonaws.com{}", options->region,
                                             options->region.starts_with("cn-") ? ".cn" : "");
  }
}

arrow::fs::S3Options OptionsOf(const S3Settings& settings) {
  arrow::fs::S3Options options;
  Configure(settings, &options);
  Address(settings, &options);
  options.connect_timeout = settings.connect_timeout_seconds.value_or(options.connect_timeout);
  options.request_timeout = settings.request_timeout_seconds.value_or(options.request_timeout);
  if (!settings.proxy.empty()) {
    auto proxy = arrow::fs::S3ProxyOptions::FromUri(settings.proxy.Reveal());
    if (!proxy.ok()) {
      throw InvalidArgumentError("storage property s3.proxy-uri is no address of a proxy");
    }
    options.proxy_options = *std::move(proxy);
  }
  options.retry_strategy = MakeS3Retries(settings);
  // A small file is one request then, when it is closed.
  options.allow_delayed_open = true;
  return options;
}

}  // namespace

void StopObjectStorage() {
  // Not in a forked child, where it would wait for what its parent was doing, which never ends.
  if (StarterPid() == getpid()) {
    static_cast<void>(arrow::fs::EnsureS3Finalized());
  }
}

S3FileSystems::~S3FileSystems() {
  if (!entries_.empty() && StarterPid() != getpid()) {
    // Their connections and threads are the parent's.
    new (std::nothrow) std::vector<Entry>(std::move(entries_));
  }
}

std::shared_ptr<arrow::fs::S3FileSystem> S3FileSystems::For(const S3Settings& settings) {
  StartS3();
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, settings, &Entry::first);
  if (found != entries_.end()) {
    std::rotate(found, found + 1, entries_.end());
    return entries_.back().second;
  }
  auto made =
      arrow::fs::S3FileSystem::Make(OptionsOf(settings), arrow::io::IOContext(Writers()));
  ThrowIfFailed(made.status(), "make a client of S3");
  if (entries_.size() == kMostFileSystems) {
    entries_.erase(entries_.begin());
  }
  return entries_.emplace_back(settings, *std::move(made)).second;
}

}  // namespace floe::inline v0
