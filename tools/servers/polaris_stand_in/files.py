"""Where metadata files are: on this machine, or in memory for places that it does not have."""

import json
from pathlib import Path
from typing import Any

from polaris_stand_in.errors import RefusalError

__all__ = ["MetadataFiles"]

_MAX_NAME = 255


class MetadataFiles:
    """Metadata by location. Those below `root` are files, others are kept in memory."""

    def __init__(self, root: Path | None) -> None:
        """Write files at and below `root`; None writes none at all."""
        self._root = root
        self._kept: dict[str, dict[str, Any]] = {}

    def write(self, location: str, metadata: dict[str, Any]) -> None:
        """Keep a metadata file."""
        parts = location.split("/")
        if location.startswith("file:") and any(len(p.encode()) > _MAX_NAME for p in parts):
            raise RefusalError(503, "RuntimeIOException", f"Failed to create file: {location}")
        path = self._path(location)
        if path is None:
            self._kept[_plain(location)] = metadata
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(metadata))

    def read(self, location: str) -> dict[str, Any]:
        """Return a metadata file; raises 404."""
        path = self._path(location)
        if path is not None and path.is_file():
            found: dict[str, Any] = json.loads(path.read_text())
            return found
        if _plain(location) in self._kept:
            return self._kept[_plain(location)]
        shown = _plain(location)
        message = f"Failed to open input stream for file: {shown}"
        raise RefusalError(404, "NotFoundException", message)

    def delete(self, location: str) -> None:
        """Delete a metadata file."""
        path = self._path(location)
        if path is None:
            self._kept.pop(_plain(location), None)
        else:
            path.unlink(missing_ok=True)

    def purge(self, metadata_location: str) -> None:
        """Delete all files that a table's metadata leads to; those in memory are forgotten."""
        if self._path(metadata_location) is None:
            self._kept.pop(_plain(metadata_location), None)
            return
        from pyiceberg.table import StaticTable  # noqa: PLC0415 - reads manifests

        table = StaticTable.from_metadata(metadata_location)
        found = {metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
        for snapshot in table.snapshots():
            found.add(snapshot.manifest_list)
            for manifest in snapshot.manifests(table.io):
                found.add(manifest.manifest_path)
                entries = manifest.fetch_manifest_entry(table.io, discard_deleted=False)
                found |= {entry.data_file.file_path for entry in entries}
        for location in found:
            path = self._path(location)
            if path is not None:
                path.unlink(missing_ok=True)

    def _path(self, location: str) -> Path | None:
        if self._root is None or not location.startswith("file:"):
            return None
        path = Path("/" + location.removeprefix("file:").lstrip("/"))
        return path if path.resolve().is_relative_to(self._root.resolve()) else None


def _plain(location: str) -> str:
    """Return a location as Hadoop writes it, with one slash after `file:`."""
    if location.startswith("file:"):
        return "file:/" + location.removeprefix("file:").lstrip("/")
    return location
