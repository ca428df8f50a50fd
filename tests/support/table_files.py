"""The files of tables as the file system or the object store shows them, asked without floe."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

__all__ = ["files_below", "put_file"]


def files_below(location: str, properties: Mapping[str, Any]) -> set[str]:
    """Return the paths of the files at a location and below.

    Args:
        location: Of a table or a folder; what is not there has no files.
        properties: A catalog's, with what its store wants to know.
    """
    store, path = _stored(location, properties)
    everything = fs.FileSelector(path, allow_not_found=True, recursive=True)
    return {found.path for found in store.get_file_info(everything) if found.is_file}


def put_file(location: str, properties: Mapping[str, Any]) -> str:
    """Write a file that is nobody's; return its path as `files_below()` does."""
    store, path = _stored(location, properties)
    with store.open_output_stream(path) as file:
        file.write(b"nobody's")
    return path


def _stored(location: str, properties: Mapping[str, Any]) -> tuple[fs.FileSystem, str]:
    parts = urlsplit(location)
    if parts.scheme == "s3":
        store = fs.S3FileSystem(
            endpoint_override=properties["s3.endpoint"],
            access_key=properties["s3.access-key-id"],
            secret_key=properties["s3.secret-access-key"],
            region=properties["s3.region"],
        )
    elif parts.scheme == "gs":
        server = urlsplit(properties["gcs.service.host"])
        store = fs.GcsFileSystem(
            anonymous=True, scheme=server.scheme, endpoint_override=server.netloc
        )
    elif parts.scheme == "abfss":
        store = fs.AzureFileSystem(
            account_name=properties["adls.account-name"],
            account_key=properties["adls.account-key"],
            blob_storage_authority=properties["adls.blob-storage-authority"],
            blob_storage_scheme=properties["adls.blob-storage-scheme"],
            dfs_storage_authority=properties["adls.dfs-storage-authority"],
            dfs_storage_scheme=properties["adls.dfs-storage-scheme"],
        )
    else:
        return fs.LocalFileSystem(), parts.path
    return store, parts.netloc + parts.path
