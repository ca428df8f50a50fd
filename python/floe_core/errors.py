"""The errors of floe: one tree, the same as the engine's in C++ (`floe/base/error.h`).

    FloeStorageError
    ├ InvalidArgumentError [ValueError]
    │ ├ ParseError  └ SchemaMismatchError
    ├ NotFoundError
    │ ├ NoSuchNamespaceError ├ NoSuchTableError ├ NoSuchViewError └ NoSuchSnapshotError
    ├ AlreadyExistsError
    │ ├ NamespaceAlreadyExistsError └ TableAlreadyExistsError
    ├ NamespaceNotEmptyError
    ├ SchemaEvolutionError └ IncompatibleSchemaChangeError
    ├ WriteError
    │ ├ CommitConflictError (refresh, try again)
    │ └ CommitStateUnknownError (never retry, never delete files)
    ├ CatalogConnectionError [ConnectionError] └ CircuitOpenError
    ├ CatalogAuthenticationError [PermissionError] ├ PermissionDeniedError [PermissionError]
    ├ StorageAccessError [PermissionError]
    ├ IoError [OSError]
    ├ CorruptFileError
    ├ UnsupportedError [NotImplementedError]
    ├ CancelledError
    ├ ConfigurationError └ SecretNotFoundError (raised by Python only)
    └ InternalError (a bug in floe)

A class says what the caller can do; facts are attributes. All can be pickled.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = [
    "AlreadyExistsError",
    "CancelledError",
    "CatalogAuthenticationError",
    "CatalogConnectionError",
    "CircuitOpenError",
    "CommitConflictError",
    "CommitStateUnknownError",
    "ConcurrencyConflictError",
    "ConfigurationError",
    "CorruptFileError",
    "FloeStorageError",
    "IcebergError",
    "IncompatibleSchemaChangeError",
    "InternalError",
    "InvalidArgumentError",
    "IoError",
    "NamespaceAlreadyExistsError",
    "NamespaceExistsError",
    "NamespaceNotEmptyError",
    "NamespaceNotFoundError",
    "NoSuchNamespaceError",
    "NoSuchSnapshotError",
    "NoSuchTableError",
    "NoSuchViewError",
    "NotFoundError",
    "ParseError",
    "PermissionDeniedError",
    "SchemaEvolutionError",
    "SchemaMismatchError",
    "SchemaProblem",
    "SecretNotFoundError",
    "SnapshotNotFoundError",
    "StorageAccessError",
    "TableAlreadyExistsError",
    "TableExistsError",
    "TableNotFoundError",
    "UnsupportedError",
    "ValidationError",
    "WriteError",
]


class FloeStorageError(Exception):
    """The root of everything floe raises.

    Attributes:
        message: What failed, on what, and what to do.
        details: Facts by name: those below and others, where they apply.
    """

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        """Keep the message and the facts."""
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        if isinstance(self, OSError):
            object.__setattr__(self, "errno", self.details.get("errno"))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by message and details."""
        return _rebuild, (type(self), self.message, self.details)

    def __str__(self) -> str:
        """Return the message alone, whatever the built-in base would add."""
        return self.message

    @property
    def table(self) -> str | None:
        """Identifier of the table, dotted."""
        return self.details.get("table")

    @property
    def namespace(self) -> str | None:
        """The namespace, dotted."""
        return self.details.get("namespace")

    @property
    def path(self) -> str | None:
        """Location of the file."""
        return self.details.get("path")

    @property
    def column(self) -> str | None:
        """Full name of the column."""
        return self.details.get("column")

    @property
    def snapshot_id(self) -> int | None:
        """Id of the snapshot."""
        return self.details.get("snapshot_id")

    @property
    def http_status(self) -> int | None:
        """Status of the HTTP answer."""
        return self.details.get("http_status")

    @property
    def position(self) -> int | None:
        """Byte offset in a text or file, from 0."""
        return self.details.get("position")


def _rebuild(
    error_class: type[FloeStorageError], message: str, details: dict[str, Any]
) -> FloeStorageError:
    return error_class(message, details=details)


class InvalidArgumentError(FloeStorageError, ValueError):
    """The caller passed something wrong; the message says what would be right."""


class ParseError(InvalidArgumentError):
    """A text does not parse; `position` says where."""


class SchemaProblem(NamedTuple):
    """One field of the data that does not fit the table."""

    column: str
    found: str
    expected: str


class SchemaMismatchError(InvalidArgumentError):
    """Data does not fit the table's schema; `problems` lists every field that does not."""

    @property
    def problems(self) -> list[SchemaProblem]:
        """Column, what was found and what was expected, for each field."""
        return [SchemaProblem(*problem) for problem in self.details.get("problems", [])]


class NotFoundError(FloeStorageError):
    """Something that was named does not exist."""


class NoSuchNamespaceError(NotFoundError):
    """The namespace does not exist."""


class NoSuchTableError(NotFoundError):
    """The table does not exist."""


class NoSuchViewError(NotFoundError):
    """The view does not exist."""


class NoSuchSnapshotError(NotFoundError):
    """The table has no such snapshot, branch or tag."""


class AlreadyExistsError(FloeStorageError):
    """Something that was to be made exists."""


class NamespaceAlreadyExistsError(AlreadyExistsError):
    """The namespace exists."""


class TableAlreadyExistsError(AlreadyExistsError):
    """The table exists."""


class NamespaceNotEmptyError(FloeStorageError):
    """The namespace has tables or namespaces in it."""


class SchemaEvolutionError(FloeStorageError):
    """A schema can't be changed as asked."""


class IncompatibleSchemaChangeError(SchemaEvolutionError):
    """The change would make old data unreadable or wrong."""


class WriteError(FloeStorageError):
    """Data could not be written."""


class CommitConflictError(WriteError):
    """Others changed the table meanwhile; nothing was committed. Refresh and try again."""


class CommitStateUnknownError(WriteError):
    """The commit may or may not have happened. Never retry blindly, never delete its files."""


class CatalogConnectionError(FloeStorageError, ConnectionError):
    """The catalog can't be reached or does not answer."""


class CircuitOpenError(CatalogConnectionError):
    """The catalog's server failed so often that it is not asked for a while; nothing was sent."""


class CatalogAuthenticationError(FloeStorageError, PermissionError):
    """The catalog does not believe who asks: wrong credentials, an expired token."""


class PermissionDeniedError(FloeStorageError, PermissionError):
    """The catalog knows who asks, and does not let them do this."""


class StorageAccessError(FloeStorageError, PermissionError):
    """The storage refuses access to `path`."""


class IoError(FloeStorageError, OSError):
    """Reading or writing `path` failed; `errno` is the system's where there is one."""


class CorruptFileError(FloeStorageError):
    """The file at `path` is damaged or not of its format."""


class UnsupportedError(FloeStorageError, NotImplementedError):
    """Legal, but floe can't do it yet; the message names the feature."""


class CancelledError(FloeStorageError):
    """The work was asked to stop; nothing was committed."""


class ConfigurationError(FloeStorageError):
    """A configuration, its file or its variables say what can't be."""


class SecretNotFoundError(ConfigurationError):
    """A secret that a configuration names is not there."""


class InternalError(FloeStorageError):
    """A bug in floe."""


# Names of the earlier floe, for the same classes.
IcebergError = FloeStorageError
ValidationError = InvalidArgumentError
TableNotFoundError = NoSuchTableError
NamespaceNotFoundError = NoSuchNamespaceError
NamespaceExistsError = NamespaceAlreadyExistsError
TableExistsError = TableAlreadyExistsError
SnapshotNotFoundError = NoSuchSnapshotError
ConcurrencyConflictError = CommitConflictError
