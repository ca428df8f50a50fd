#include "object_io/s3_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace floe::inline v0 {
namespace {

constexpr std::array kKnown = std::to_array<std::string_view>({
    "client.access-key-id",
    "client.assume-role.arn",
    "client.assume-role.external-id",
    "client.assume-role.session-name",
    "client.assume-role.timeout-sec",
    "client.profile-name",
    "client.refresh-credentials-enabled",
    "client.region",
    "client.role-arn",
    "client.role-session-name",
    "client.secret-access-key",
    "client.session-token",
    "s3.access-key-id",
    "s3.anonymous",
    "s3.connect-timeout",
    "s3.endpoint",
    "s3.force-virtual-addressing",
    "s3.path-style-access",
    "s3.profile-name",
    "s3.proxy-uri",
    "s3.region",
    "s3.request-timeout",
    "s3.retry.max-wait-ms",
    "s3.retry.min-wait-ms",
    "s3.retry.num-retries",
    "s3.role-arn",
    "s3.role-session-name",
    "s3.secret-access-key",
    "s3.session-token",
});

constexpr std::string_view kOwnClasses = "floe has no classes of Java or Python to put there";
constexpr std::string_view kPlain = "floe asks for plain objects, as the bucket's defaults are";
constexpr std::string_view kOwnSpeed = "floe decides by itself about threads, parts and memory";
constexpr std::string_view kOwnAddress = "floe speaks to s3.endpoint, or to the region of AWS";
constexpr std::string_view kOwnSignatures =
    "floe signs requests by itself; give it keys, or have the catalog lend some "
    "(header.X-Iceberg-Access-Delegation of vended-credentials)";
constexpr std::string_view kOnlyServers = "only a catalog's server says it";

constexpr std::array kMissing = std::to_array<MissingS3Property>({
    {"client.assume-role.region", "", "the role is used in s3.region", false},
    {"client.assume-role.tags.", "", "floe gives a session no tags", false},
    {"client.credentials-provider", "", kOwnClasses, false},
    {"client.credentials-provider.", "", kOwnClasses, false},
    {"client.factory", "", kOwnClasses, false},
    {"client.refresh-credentials-endpoint", "", kOnlyServers, false},
    {"s3.acceleration-enabled", "false", kOwnAddress, false},
    {"s3.access-grants.", "false", "floe asks for no grants", false},
    {"s3.access-points.", "", kOwnAddress, true},
    {"s3.acl", "", kPlain, true},
    {"s3.analytics-accelerator.", "false", kOwnSpeed, false},
    {"s3.checksum-enabled", "false", "AWS's SDK checks what it sends in its own way", false},
    {"s3.client-factory-impl", "", kOwnClasses, false},
    {"s3.cross-region-access-enabled", "false", "floe speaks to s3.region alone", false},
    {"s3.crt.", "", kOwnSpeed, false},
    {"s3.delete-enabled", "true", "floe deletes objects that it is told to delete", true},
    {"s3.delete.batch-size", "", "floe deletes one object by one request", false},
    {"s3.delete.num-threads", "", kOwnSpeed, false},
    {"s3.delete.tags.", "", "floe deletes objects, and tags none", true},
    {"s3.directory-bucket.", "", "floe lists nothing", false},
    {"s3.dualstack-enabled", "false", kOwnAddress, false},
    {"s3.multipart.", "", kOwnSpeed, false},
    {"s3.preload-client-enabled", "false", "a client is made with the first request", false},
    {"s3.read.num-threads", "", kOwnSpeed, false},
    {"s3.remote-signing-enabled", "false", kOwnSignatures, false},
    {"s3.resolve-region", "false", "give s3.region", false},
    {"s3.retry-strategy-impl", "", "give s3.retry.num-retries", false},
    {"s3.server-side-encryption", "", kPlain, true},
    {"s3.session-token-expires-at-ms", "", kOnlyServers, false},
    {"s3.signer", "", kOwnSignatures, false},
    {"s3.signer.", "", kOwnSignatures, false},
    {"s3.sse-kms-key-id", "", kPlain, true},
    {"s3.sse.", "none", kPlain, true},
    {"s3.staging-dir", "", "files go up from memory", false},
    {"s3.use-arn-region-enabled", "false", kOwnAddress, false},
    {"s3.write.namespace-tag-enabled", "false", kPlain, true},
    {"s3.write.storage-class", "STANDARD", kPlain, true},
    {"s3.write.table-tag-enabled", "false", kPlain, true},
    {"s3.write.tags.", "", kPlain, true},
});

}  // namespace

std::span<const std::string_view> S3PropertyNames() { return kKnown; }

const MissingS3Property* FindMissingS3Property(std::string_view name) {
  const auto* const found = std::ranges::find_if(kMissing, [&](const MissingS3Property& one) {
    return one.name.ends_with('.') ? name.starts_with(one.name) : name == one.name;
  });
  return found == kMissing.end() ? nullptr : found;
}

}  // namespace floe::inline v0
