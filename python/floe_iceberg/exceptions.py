"""PyIceberg's names for floe's error classes, so that `except` clauses keep working."""

from floe_core.errors import (
    AlreadyExistsError,
    CatalogConnectionError,
    CommitConflictError,
    CommitStateUnknownError,
    FloeStorageError,
    InvalidArgumentError,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchSnapshotError,
    NoSuchTableError,
    NoSuchViewError,
    TableAlreadyExistsError,
)

__all__ = [
    "AlreadyExistsError",
    "CommitFailedException",
    "CommitStateUnknownException",
    "IcebergError",
    "NamespaceAlreadyExistsError",
    "NamespaceNotEmptyError",
    "NoSuchNamespaceError",
    "NoSuchSnapshotError",
    "NoSuchTableError",
    "NoSuchViewError",
    "ServerError",
    "TableAlreadyExistsError",
    "ValidationError",
]

CommitFailedException = CommitConflictError
CommitStateUnknownException = CommitStateUnknownError
IcebergError = FloeStorageError
ServerError = CatalogConnectionError
ValidationError = InvalidArgumentError
