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
    "ServerError",
    "TableAlreadyExistsError",
    "ValidationError",
]

CommitFailedException = CommitConflictError
CommitStateUnknownException = CommitStateUnknownError
IcebergError = FloeStorageError
ServerError = CatalogConnectionError
ValidationError = InvalidArgumentError
