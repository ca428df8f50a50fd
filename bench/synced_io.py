"""PyIceberg's local files with the durability that floe gives: fsync before the commit."""

import os
from typing import Any

from pyiceberg.io import OutputFile, OutputStream
from pyiceberg.io.pyarrow import PyArrowFileIO

__all__ = ["SyncedFileIO"]


class _SyncedStream:
    def __init__(self, stream: Any, path: str) -> None:
        self._stream = stream
        self._path = path

    def __enter__(self) -> Any:
        return self._stream  # Parquet is written to Arrow's own stream, not through Python

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        """Close, then write through."""
        if self._stream.closed:
            return
        self._stream.close()
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _SyncedFile(OutputFile):
    def __init__(self, file: Any) -> None:
        self._file = file
        super().__init__(file.location)

    def __len__(self) -> int:
        return len(self._file)

    def exists(self) -> bool:
        return bool(self._file.exists())

    def to_input_file(self) -> Any:
        return self._file.to_input_file()

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: FBT001, FBT002 - PyIceberg's
        stream = self._file.create(overwrite=overwrite)
        return _SyncedStream(stream, self.location.removeprefix("file://"))


class SyncedFileIO(PyArrowFileIO):
    """Local files whose close() is an fsync."""

    def new_output(self, location: str) -> Any:
        """Return a file to write."""
        return _SyncedFile(super().new_output(location))
