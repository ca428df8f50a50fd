#pragma once

#include <memory>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

struct ObjectStorageOptions {
  LocalFileIOOptions local;
  /// The caller's: `s3.*`, `client.*`, `gcs.*` and `adls.*`, as docs/storage.md lists them.
  StorageProperties properties;
};

/// Files of this machine, and objects of S3 (`s3://bucket/key`, `s3a://` and `s3n://` alike),
/// of Google Cloud Storage (`gs://bucket/key`) and of Azure
/// (`abfss://container@account.dfs.core.windows.net/key`, and its other forms), each by its
/// location; a table may have several. Keys are not percent-decoded. What a store hands over is
/// durable, so that Sync() has nothing to do there.
///
/// Creating an object looks first whether it is there: two who create the same one at once are
/// not told apart, which the random part of floe's names is for. An object shows up when it is
/// closed.
///
/// Throws InvalidArgumentError, naming the property, for one that is unknown or wrong.
std::shared_ptr<Storage> MakeObjectStorage(ObjectStorageOptions options = {});

/// Ends what MakeObjectStorage() has started in this process, AWS's SDK: to be called before
/// `main` returns, as the SDK can't be ended later. Waits for requests that are under way;
/// later ones fail. The Python package does it by itself. Does nothing in a forked child.
void StopObjectStorage();

}  // namespace floe::inline v0
