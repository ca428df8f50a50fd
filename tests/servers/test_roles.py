"""Who may do what: the users of Nessie with Keycloak, and of SeaweedFS."""

import time
from collections.abc import Iterator

import pyarrow as pa
import pytest
from catalog_kinds import KINDS, Place

from floe_core.errors import (
    CatalogAuthenticationError,
    NoSuchNamespaceError,
    NoSuchTableError,
    PermissionDeniedError,
    StorageAccessError,
)

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", None]})
COVERED = {kind.name for kind in KINDS}


def kinds(*names: str) -> pytest.MarkDecorator:
    """Return a test's places, of those that the run covers."""
    return pytest.mark.parametrize(
        "place", [name for name in names if name in COVERED], indirect=True
    )


def make(place: Place) -> str:
    """Create a table as the engineer, and return its namespace."""
    catalog = place.open()
    namespace = place.new_namespace(catalog)
    catalog.create_table((namespace, "t"), ROWS.schema).append(ROWS)
    return namespace


@kinds("nessie")
@pytest.mark.requirement("S-FR-002", "S-FR-005")
def test_who_may_read_reads_and_is_refused_a_write(place: Place) -> None:
    namespace = make(place)
    catalog = place.open("analyst")
    table = catalog.load_table((namespace, "t"))
    assert table.scan().to_arrow().num_rows == 3
    assert catalog.list_tables(namespace) == [(namespace, "t")]
    for call, what in (
        (lambda: table.append(ROWS), r"can't commit to table ns_\w+\.t"),
        (lambda: catalog.create_table((namespace, "u"), ROWS.schema), r"can't create table"),
        (lambda: catalog.drop_table((namespace, "t")), r"can't drop table"),
        (lambda: catalog.create_namespace(f"{namespace}_2"), r"can't create namespace"),
    ):
        with pytest.raises(PermissionDeniedError, match=what) as raised:
            call()
        assert "'analyst'" in str(raised.value)
        assert "privilege" in str(raised.value)
    assert place.open().load_table((namespace, "t")).scan().to_arrow().num_rows == 3
    assert [snapshot.snapshot_id for snapshot in table.refresh().snapshots()] == [
        snapshot.snapshot_id for snapshot in place.open().load_table((namespace, "t")).snapshots()
    ]


@kinds("nessie", "seaweed")
def test_who_may_do_nothing_sees_nothing(place: Place) -> None:
    namespace = make(place)
    catalog = place.open("intruder")
    # SeaweedFS says of what it hides that it does not exist.
    hidden = (PermissionDeniedError, NoSuchTableError, NoSuchNamespaceError)
    for call in (
        catalog.list_namespaces,
        lambda: catalog.list_tables(namespace),
        lambda: catalog.load_table((namespace, "t")),
        lambda: catalog.create_table((namespace, "u"), ROWS.schema),
        lambda: catalog.drop_table((namespace, "t")),
    ):
        with pytest.raises(hidden):
            call()
    assert place.open().list_tables(namespace) == [(namespace, "t")]


@kinds("seaweed")
def test_who_may_do_nothing_is_refused_by_the_store_too(place: Place) -> None:
    namespace = make(place)
    catalog = place.open(
        **{"s3.access-key-id": "intruder", "s3.secret-access-key": "intruder-secret"}
    )
    with pytest.raises(StorageAccessError, match=r"s3\.access-key-id") as raised:
        catalog.load_table((namespace, "t")).scan().to_arrow()
    assert "intruder-secret" not in str(raised.value)


@kinds("nessie", "seaweed")
def test_a_wrong_secret_is_told(place: Place) -> None:
    with pytest.raises(CatalogAuthenticationError) as raised:
        place.open(credential="engineer:not-this").list_namespaces()
    assert "not-this" not in str(raised.value)


@kinds("nessie")
@pytest.mark.slow
def test_short_tokens_last_for_a_long_write(place: Place) -> None:
    catalog = place.open("engineer-short")
    namespace = place.new_namespace(catalog)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    token_seconds = 5
    begin = time.monotonic()

    def batches() -> Iterator[pa.RecordBatch]:
        while time.monotonic() - begin < token_seconds + 2:
            yield from pa.table({"id": range(100_000), "name": ["x"] * 100_000}).to_batches()

    table.append(pa.RecordBatchReader.from_batches(ROWS.schema, batches()))
    long_write = catalog.load_table((namespace, "t")).current_snapshot()
    assert long_write is not None
    table.append(ROWS)
    both = catalog.load_table((namespace, "t")).current_snapshot()
    assert both is not None
    assert both.snapshot_id != long_write.snapshot_id
    assert catalog.load_table((namespace, "t")).scan("name = 'a'").to_arrow().num_rows == 1
