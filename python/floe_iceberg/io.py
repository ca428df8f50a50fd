"""Files of tables by location, as `pyiceberg.io` has them: read, written once, deleted.

Locations are paths, `file://`, `s3://`, `gs://` or `abfss://`; how stores are reached is said by
the properties of `load_catalog()`. Errors are IoError (`errno` is ENOENT for what is not there),
StorageAccessError and UnsupportedError.
"""

import io
from collections.abc import Mapping
from typing import Any

from floe_iceberg import _native
from floe_iceberg._arguments import text_pairs
from floe_iceberg._update import CommittedBlock

__all__ = ["FileIO", "InputFile", "OutputFile", "OutputStream"]

_BUFFER_BYTES = 1 << 20


class FileIO:
    """Access to files. Thread-safe; it is not pickled, as there may be secrets in it."""

    def __init__(self, properties: Mapping[str, Any] | None = None) -> None:
        """Do no I/O; raises InvalidArgumentError for a property that is wrong, naming it."""
        self._native = _native.make_file_io(text_pairs("properties", properties or {}))

    def new_input(self, location: str) -> "InputFile":
        """Return what reads a file; nothing is asked for yet."""
        return InputFile(self._native, location)

    def new_output(self, location: str) -> "OutputFile":
        """Return what writes a file; nothing is asked for yet."""
        return OutputFile(self._native, location)

    def delete(self, location: "str | InputFile | OutputFile") -> None:
        """Delete a file; one that is not there is no error."""
        self._native.delete(location if isinstance(location, str) else location.location)

    def __reduce__(self) -> Any:
        """Refuse to be written anywhere."""
        message = "a FileIO may have secrets in it; it can't be pickled"
        raise TypeError(message)


class _File:
    """A file by its location, of which nothing is asked before its methods do."""

    def __init__(self, native: _native.FileIO, location: str) -> None:
        """Be made by FileIO."""
        self._native = native
        self._location = location

    @property
    def location(self) -> str:
        """Where it is."""
        return self._location

    def exists(self) -> bool:
        """Ask whether it is there."""
        return self._native.exists(self._location)


class InputFile(_File):
    """A file that may be read."""

    def __len__(self) -> int:
        """Ask for its size in bytes."""
        return self._native.open_input(self._location).size

    def open(self) -> io.BufferedReader:
        """Open it, for reading at any place."""
        return io.BufferedReader(_Reader(self._native.open_input(self._location)), _BUFFER_BYTES)


class OutputFile(_File):
    """A file that may be written."""

    def to_input_file(self) -> InputFile:
        """Return what reads it."""
        return InputFile(self._native, self._location)

    def create(self) -> "OutputStream":
        """Begin it; raises AlreadyExistsError if it is there: files are written once."""
        return OutputStream(self._native.create(self._location))


class OutputStream(CommittedBlock):
    """A file that is being written. Nobody sees it before it is closed.

    As a context manager it is closed at the end, and given up after an exception; so it is
    without `close()`.
    """

    def __init__(self, native: _native.OutputFile) -> None:
        """Be made by OutputFile.create()."""
        self._native = native
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it has been closed or given up."""
        return self._closed

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Append the bytes of `data`, all of them."""
        self._native.write(data)
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._native.position

    def flush(self) -> None:
        """Do nothing: bytes go on when there are enough of them."""

    def close(self) -> None:
        """Make it a file that stays, also over a crash; raises what goes wrong with that."""
        if not self._closed:
            self._closed = True
            self._native.close()

    def abort(self) -> None:
        """Give it up, and remove what was written."""
        self._closed = True
        self._native.abort()

    def _end(self, *, commit: bool) -> None:
        if commit:
            self.close()
        else:
            self.abort()


class _Reader(io.RawIOBase):
    """Python's kind of file over the engine's."""

    def __init__(self, native: _native.InputFile) -> None:
        self._native = native
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._native.size}
        position = begin[whence] + offset
        if position < 0:
            message = f"position {position} is before the file's begin"
            raise ValueError(message)
        self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        count = self._native.read_into(self._position, buffer)
        self._position += count
        return count
