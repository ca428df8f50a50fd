import copy
import inspect
import pickle
from typing import Any

import pytest

from floe_core import errors
from floe_core.errors import (
    FloeStorageError,
    NoSuchTableError,
    SchemaMismatchError,
    SchemaProblem,
)
from floe_iceberg import _native, exceptions

DETAILS = {
    "table": "db.t",
    "namespace": "db",
    "path": "file:///p",
    "column": "c",
    "snapshot_id": 7,
    "http_status": 404,
    "position": 3,
    "errno": 28,
}
BUILTIN_BASES = {
    "InvalidArgumentError": ValueError,
    "CatalogConnectionError": ConnectionError,
    "StorageAccessError": PermissionError,
    "CatalogAuthenticationError": PermissionError,
    "PermissionDeniedError": PermissionError,
    "IoError": OSError,
    "UnsupportedError": NotImplementedError,
}
EARLIER_NAMES = {
    "IcebergError": "FloeStorageError",
    "ValidationError": "InvalidArgumentError",
    "TableNotFoundError": "NoSuchTableError",
    "NamespaceNotFoundError": "NoSuchNamespaceError",
    "NamespaceExistsError": "NamespaceAlreadyExistsError",
    "TableExistsError": "TableAlreadyExistsError",
    "SnapshotNotFoundError": "NoSuchSnapshotError",
    "ConcurrencyConflictError": "CommitConflictError",
}
PYICEBERG_NAMES = {
    "AlreadyExistsError": "AlreadyExistsError",
    "CommitFailedException": "CommitConflictError",
    "CommitStateUnknownException": "CommitStateUnknownError",
    "NamespaceAlreadyExistsError": "NamespaceAlreadyExistsError",
    "NamespaceNotEmptyError": "NamespaceNotEmptyError",
    "NoSuchNamespaceError": "NoSuchNamespaceError",
    "NoSuchSnapshotError": "NoSuchSnapshotError",
    "NoSuchTableError": "NoSuchTableError",
    "NoSuchViewError": "NoSuchViewError",
    "ServerError": "CatalogConnectionError",
    "TableAlreadyExistsError": "TableAlreadyExistsError",
    "ValidationError": "InvalidArgumentError",
}


# The engine has no configuration.
PYTHON_ONLY = {"ConfigurationError", "SecretNotFoundError"}


def python_tree() -> dict[str, type[FloeStorageError]]:
    classes = inspect.getmembers(errors, inspect.isclass)
    return {c.__name__: c for _, c in classes if issubclass(c, FloeStorageError)}


ENGINE_TREE = dict(_native.error_tree())
names = pytest.mark.parametrize("name", sorted(ENGINE_TREE))


def raised_by_engine(name: str) -> FloeStorageError:
    with pytest.raises(FloeStorageError) as raised:
        _native.raise_error(name, "what failed, where and why")
    return raised.value


def test_both_trees_have_the_same_classes() -> None:
    assert set(ENGINE_TREE) | {"FloeStorageError"} | PYTHON_ONLY == set(python_tree())


@names
def test_a_class_has_the_same_parent_in_both_trees(name: str) -> None:
    parents = [b for b in python_tree()[name].__bases__ if issubclass(b, FloeStorageError)]
    assert [b.__name__ for b in parents] == [ENGINE_TREE[name] or "FloeStorageError"]


@names
def test_a_class_has_the_builtin_base_that_handlers_expect(name: str) -> None:
    others = {b for b in python_tree()[name].__bases__ if not issubclass(b, FloeStorageError)}
    assert others == ({BUILTIN_BASES[name]} if name in BUILTIN_BASES else set())


@names
def test_what_the_engine_throws_is_the_class_of_that_name_with_all_facts(name: str) -> None:
    error = raised_by_engine(name)
    assert type(error) is python_tree()[name]
    assert str(error) == error.message == "what failed, where and why"
    assert {key: error.details[key] for key in DETAILS} == DETAILS
    for attribute in set(DETAILS) - {"errno"}:
        assert getattr(error, attribute) == DETAILS[attribute]


@names
@pytest.mark.parametrize(
    "twin_of", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_a_copy_and_an_unpickled_error_are_the_same(name: str, twin_of: Any) -> None:
    error = raised_by_engine(name)
    twin = twin_of(error)
    assert type(twin) is type(error)
    assert (twin.message, twin.details, str(twin)) == (error.message, error.details, str(error))
    assert twin.details is not error.details


def test_an_unknown_name_is_no_error_class() -> None:
    with pytest.raises(errors.InvalidArgumentError, match="no such error class: KeyError"):
        _native.raise_error("KeyError", "m")


@pytest.mark.parametrize(("earlier", "name"), EARLIER_NAMES.items())
def test_earlier_names_are_the_same_objects(earlier: str, name: str) -> None:
    assert getattr(errors, earlier) is getattr(errors, name)


@pytest.mark.parametrize(("theirs", "name"), PYICEBERG_NAMES.items())
def test_pyiceberg_names_are_the_same_objects(theirs: str, name: str) -> None:
    assert getattr(exceptions, theirs) is getattr(errors, name)


def test_pyiceberg_has_the_names_that_we_give_our_classes() -> None:
    from pyiceberg import exceptions as pyiceberg_exceptions

    ours_too = set(exceptions.__all__) - {
        "IcebergError",
        "AlreadyExistsError",
        "NoSuchSnapshotError",
    }
    assert {name for name in ours_too if not hasattr(pyiceberg_exceptions, name)} == set()


def test_all_names_are_exported() -> None:
    assert set(errors.__all__) == {*python_tree(), *EARLIER_NAMES, "SchemaProblem"}
    assert set(exceptions.__all__) == {*PYICEBERG_NAMES, "IcebergError"}


@pytest.mark.parametrize("name", ["IoError", "StorageAccessError", "CatalogConnectionError"])
def test_an_error_of_the_system_has_the_errno_that_os_errors_have(name: str) -> None:
    error = raised_by_engine(name)
    assert isinstance(error, OSError)
    assert error.errno == 28
    assert python_tree()[name]("no number known").errno is None  # type: ignore[attr-defined]


def test_problems_of_a_schema_survive_pickling() -> None:
    problems = [("a", "string", "long"), ("b.c", "double", "required int")]
    error = SchemaMismatchError("two columns", details={"problems": problems})
    twin = pickle.loads(pickle.dumps(error))
    assert twin.problems == [SchemaProblem(*problem) for problem in problems]
    assert twin.problems[1].expected == "required int"


def test_facts_that_do_not_apply_are_none() -> None:
    error = NoSuchTableError("table db.t does not exist", details={"table": "db.t"})
    assert error.table == "db.t"
    assert error.path is None
    assert error.snapshot_id is None
    assert error.details == {"table": "db.t"}
