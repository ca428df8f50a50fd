"""How many requests to MinIO each operation takes, and how many of them are under way at once."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from fault_proxy import FaultProxy, reply
from minio import Minio
from s3_clients import client
from slow_proxy import SlowProxy, slow_proxy

from floe_core.errors import FloeStorageError, IoError, StorageAccessError
from floe_iceberg import Catalog, Table, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})
MANY = 60
LEAST_AT_ONCE = 16
DATA = r"\.parquet"


@pytest.fixture
def far(minio: Minio) -> Iterator[SlowProxy]:
    """Return what counts requests to MinIO."""
    with slow_proxy(minio.s3_endpoint) as proxy:
        yield proxy


def behind(properties: dict[str, Any], uri: str) -> Catalog:
    """Return a catalog whose S3 is at an address."""
    catalog = load_catalog("far", **{**properties, "s3.endpoint": uri})
    catalog.create_namespace("db")
    return catalog


@pytest.fixture
def catalog(properties: dict[str, Any], far: SlowProxy) -> Catalog:
    return behind(properties, far.uri)


@pytest.fixture
def table(catalog: Catalog) -> Table:
    """Return a table with three files of three rows, each of a commit."""
    table = catalog.create_table("db.t", ROWS.schema)
    for _ in range(3):
        table.append(ROWS)
    return table


@pytest.fixture
def many(catalog: Catalog) -> Table:
    """Return a table with many files of one commit, of two rows each."""
    numbers = list(range(2 * MANY))
    rows = pa.table({"part": [i % MANY for i in numbers], "id": numbers})
    table = catalog.create_table("db.many", rows.schema, partition_spec=["part"])
    table.append(rows)
    return table


# A scan: the manifest list, whose size is asked for, three manifests, three files. An overwrite:
# the list, three manifests, read twice and written anew, a file, its manifest, list and metadata.
REQUESTS: dict[str, tuple[Callable[[Catalog, Table], Any], dict[str, int]]] = {
    "create": (lambda c, _t: c.create_table("db.new", ROWS.schema), {"PUT": 1}),
    "append": (lambda _c, t: t.append(ROWS), {"HEAD": 1, "GET": 1, "PUT": 4}),
    "load": (lambda c, _t: c.load_table("db.t"), {"HEAD": 1, "GET": 1}),
    "plan": (lambda _c, t: list(t.scan().plan_files()), {"HEAD": 1, "GET": 4}),
    "scan": (lambda _c, t: t.scan().to_arrow(), {"HEAD": 1, "GET": 7}),
    "filtered": (lambda _c, t: t.scan("id = 2 and name > 'a'").to_arrow(), {"HEAD": 1, "GET": 7}),
    "stream": (lambda _c, t: list(t.scan().to_arrow_batch_reader()), {"HEAD": 1, "GET": 7}),
    "count": (lambda _c, t: t.scan("id > 1").count(), {"HEAD": 1, "GET": 7}),
    "count all": (lambda _c, t: t.scan().count(), {"HEAD": 1, "GET": 4}),
    "overwrite": (lambda _c, t: t.overwrite(ROWS), {"HEAD": 1, "GET": 7, "PUT": 7}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_of_each_operation(
    catalog: Catalog, table: Table, far: SlowProxy, name: str
) -> None:
    operation, expected = REQUESTS[name]
    far.forget()
    operation(catalog, table)
    assert far.counts.methods == expected, far.counts.lines


def test_columns_of_a_large_file_come_by_few_requests(catalog: Catalog, far: SlowProxy) -> None:
    size = 300_000
    rows = pa.table({f"c{i}": [j * 7919 % 1_000_003 + i for j in range(size)] for i in range(6)})
    table = catalog.create_table("db.wide", rows.schema)
    table.append(rows)
    far.forget()
    read = table.scan(selected_fields=("c1", "c2", "c5")).to_arrow()
    assert read.equals(rows.select(["c1", "c2", "c5"]))
    of_data = [line for line in far.counts.lines if re.search(DATA, line)]
    # The end of the file; the first two columns, which are side by side; the last one.
    assert len(of_data) == 3, of_data
    assert far.counts.bytes_received < 0.7 * sum(
        table.inspect.files().column("file_size_in_bytes").to_pylist()
    )


def test_a_few_rows_of_a_large_file_take_few_of_its_pages(catalog: Catalog, far: SlowProxy) -> None:
    size = 300_000
    columns = {f"c{i}": [j * 7919 % 1_000_003 + i for j in range(size)] for i in range(4)}
    rows = pa.table({"id": range(size), **columns})
    table = catalog.create_table("db.sorted", rows.schema)
    table.append(rows)
    whole = sum(table.inspect.files().column("file_size_in_bytes").to_pylist())
    for first, end in [(150_000, 150_001), (40_000, 40_100)]:
        far.forget()
        read = table.scan(f"id >= {first} and id < {end}").to_arrow()
        assert read.equals(rows.slice(first, end - first))
        assert far.counts.bytes_received < 0.7 * whole
    for where, expected in [("id < 250000", 250_000), ("c1 = 1", 1), ("id < 0 or c0 = 7919", 1)]:
        assert table.scan(where).to_arrow().num_rows == expected
        assert table.scan(where).count() == expected


@pytest.mark.parametrize(
    ("pattern", "operation"),
    [
        (f"GET .*{DATA}", lambda table: table.scan().to_arrow()),
        (f"GET .*{DATA}", lambda table: table.scan(f"id >= {MANY}").to_arrow()),
        (f"GET .*{DATA}", lambda table: list(table.scan().to_arrow_batch_reader())),
        (f"GET .*{DATA}", lambda table: table.scan(f"id >= {MANY}").count()),
        (f"PUT .*{DATA}", lambda table: table.append(table.scan().to_arrow())),
    ],
    ids=["scan", "filtered", "stream", "count", "append"],
)
def test_files_go_side_by_side(
    many: Table, far: SlowProxy, pattern: str, operation: Callable[[Table], Any]
) -> None:
    far.gate(LEAST_AT_ONCE, pattern)
    operation(many)
    assert far.is_gate_passed


@pytest.mark.parametrize(
    "operation",
    [lambda table: table.scan().to_arrow(), lambda table: table.overwrite(ROWS)],
    ids=["scan", "overwrite"],
)
def test_manifests_are_read_side_by_side(
    table: Table, far: SlowProxy, operation: Callable[[Table], Any]
) -> None:
    while len(list(table.scan().plan_files())) < LEAST_AT_ONCE:  # each of a manifest of its own
        table.append(ROWS)
    far.gate(LEAST_AT_ONCE, r"GET .*-m0\.avro")
    operation(table)
    assert far.is_gate_passed


def test_what_is_dropped_reads_no_further(catalog: Catalog, far: SlowProxy) -> None:
    size = 200
    rows = pa.table({"part": list(range(size)), "id": list(range(size))})
    table = catalog.create_table("db.dropped", rows.schema, partition_spec=["part"])
    table.append(rows)
    far.forget()
    reader = table.scan().to_arrow_batch_reader()
    reader.read_next_batch()
    del reader
    assert table.scan("id >= 0", limit=1).to_arrow().num_rows == 1
    assert catalog.load_table("db.dropped").scan("id = 7").count() == 1
    assert far.counts.methods["GET"] < size


def test_a_size_that_is_wrong_does_not_matter(minio: Minio, catalog: Catalog, table: Table) -> None:
    more = pa.table({"id": range(500), "name": [f"name {i * 7919}" for i in range(500)]})
    other = catalog.create_table("db.other", ROWS.schema)
    other.append(more)
    copied = [(table, other, 3), (other, table, 500)]
    own = client("s3", minio.s3_endpoint)
    paths = {t: t.inspect.files().column("file_path").to_pylist()[0] for t in (table, other)}
    bodies = {t: own.get_object(**place_of(path))["Body"].read() for t, path in paths.items()}
    for source, target, _rows in copied:
        own.put_object(**place_of(paths[target]), Body=bodies[source])
    # Each has the other's file now, and a manifest that tells the size of its own.
    assert other.scan().to_arrow().num_rows == 3
    assert table.scan().to_arrow().num_rows == 500 + 2 * 3
    assert table.scan("id = 2").to_arrow().num_rows == 1 + 2


def test_a_manifest_that_is_larger_than_its_list_says(
    minio: Minio, catalog: Catalog, table: Table
) -> None:
    other = catalog.create_table("db.other", ROWS.schema)
    other.append(ROWS)
    own = client("s3", minio.s3_endpoint)
    metadata = place_of(f"{other.location()}/metadata/")
    listed = own.list_objects_v2(Bucket=metadata["Bucket"], Prefix=metadata["Key"])["Contents"]
    (key,) = [found["Key"] for found in listed if found["Key"].endswith("-m0.avro")]
    place = {"Bucket": metadata["Bucket"], "Key": key}
    body = own.get_object(**place)["Body"].read()
    # One more entry in the map of the Avro header, as a block of the map of its own.
    more = b"\x02" + avro_bytes(b"comment") + avro_bytes(b"x" * 5000)
    own.put_object(**place, Body=body[:4] + more + body[4:])
    assert other.scan().to_arrow().num_rows == 3


def avro_bytes(text: bytes) -> bytes:
    """Return Avro's form of a text."""
    length, number = b"", len(text) * 2
    while number > 0x7F:
        length += bytes([number & 0x7F | 0x80])
        number >>= 7
    return length + bytes([number]) + text


def place_of(location: str) -> dict[str, str]:
    """Return a location as AWS's client takes it."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def test_what_fails_ahead_is_told_with_its_place(
    properties: dict[str, Any], proxy: FaultProxy
) -> None:
    few = {**properties, "s3.retry.num-retries": "0"}
    table = behind(few, proxy.uri).create_table("db.t", ROWS.schema)
    for _ in range(4):
        table.append(ROWS)
    paths = table.inspect.files().column("file_path").to_pylist()
    key = re.escape(paths[2].removeprefix("s3:/"))
    cases: list[tuple[int, type[FloeStorageError]]] = [(403, StorageAccessError), (500, IoError)]
    for status, error in cases:
        proxy.forget()
        for method in ("GET", "HEAD"):
            proxy.plan(method, key, *[reply(status)] * 100)
        for read in (table.scan().to_arrow, table.scan("id = 2").count):
            with pytest.raises(error) as raised:
                read()
            assert paths[2] in str(raised.value)
    proxy.forget()
    assert table.scan().to_arrow().num_rows == 12
