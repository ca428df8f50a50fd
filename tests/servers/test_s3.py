"""Tables in S3, on SeaweedFS: with floe and PyIceberg on either side, and what goes wrong."""

import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import fs
from pyiceberg.catalog import load_catalog as load_pyiceberg_catalog
from seaweed import BUCKET, Seaweed
from shared_servers import SharedServers

from floe_core.errors import (
    InvalidArgumentError,
    IoError,
    StorageAccessError,
    UnsupportedError,
)
from floe_iceberg import Catalog, Table, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a/b %41+é", "b", None]})


@pytest.fixture(scope="session")
def s3(servers: SharedServers) -> Seaweed:
    return Seaweed(**servers.wait("seaweed"))


@pytest.fixture
def properties(s3: Seaweed, tmp_path: Path) -> dict[str, Any]:
    """Return properties of a catalog of the test's own, with its warehouse in S3."""
    return {
        "uri": f"sqlite:///{tmp_path / 'catalog.db'}",
        "warehouse": f"s3://{BUCKET}/{uuid.uuid4().hex}/with blank/ünï",
        **s3.storage(),
    }


@pytest.fixture
def catalog(properties: dict[str, Any]) -> Catalog:
    catalog = load_catalog("default", **properties)
    catalog.create_namespace("db")
    return catalog


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return catalog.create_table("db.t", ROWS.schema, partition_spec=["name"])


def ids(rows: pa.Table) -> list[int]:
    return sorted(rows.column("id").to_pylist())


@pytest.mark.requirement("T-FR-010")
def test_tables_in_s3_are_read_and_written(catalog: Catalog, table: Table) -> None:
    table.append(ROWS)
    table.append(ROWS)
    table.overwrite(ROWS.slice(1, 1), overwrite_filter="name = 'b'")
    again = catalog.load_table("db.t")
    assert ids(again.scan().to_arrow()) == [1, 1, 2, 3, 3]
    assert ids(again.scan("name = 'a/b %41+é'").to_arrow()) == [1, 1]
    assert again.metadata_location.startswith("s3://lake/")


def test_pyiceberg_reads_what_floe_writes_and_the_reverse(
    properties: dict[str, Any], catalog: Catalog, table: Table
) -> None:
    table.append(ROWS)
    theirs = load_pyiceberg_catalog("default", **{"type": "sql", **properties})
    other = theirs.load_table("db.t")
    assert ids(other.scan().to_arrow()) == [1, 2, 3]
    other.append(ROWS)
    table.refresh()
    assert ids(table.scan().to_arrow()) == [1, 1, 2, 2, 3, 3]
    made = theirs.create_table("db.u", ROWS.schema)
    made.append(ROWS)
    assert ids(catalog.load_table("db.u").scan().to_arrow()) == [1, 2, 3]


def test_a_large_file_goes_up_in_parts(catalog: Catalog) -> None:
    rows = pa.table({"id": range(4_000_000)})
    table = catalog.create_table(
        "db.large", rows.schema, properties={"write.parquet.compression-codec": "uncompressed"}
    )
    table.append(rows)
    sizes = table.inspect.files().column("file_size_in_bytes").to_pylist()
    assert max(sizes) > 20 << 20
    assert table.scan("id >= 3999990").to_arrow().num_rows == 10
    assert table.scan().to_arrow().num_rows == 4_000_000


@pytest.mark.parametrize("scheme", ["s3a", "s3n"])
def test_other_names_of_the_scheme(catalog: Catalog, scheme: str) -> None:
    location = f"{scheme}://{BUCKET}/{uuid.uuid4().hex}"
    table = catalog.create_table("db.other", ROWS.schema, location=location)
    table.append(ROWS)
    assert table.location() == location
    assert ids(catalog.load_table("db.other").scan().to_arrow()) == [1, 2, 3]


def test_a_table_on_this_machine_beside_them(catalog: Catalog, tmp_path: Path) -> None:
    table = catalog.create_table("db.here", ROWS.schema, location=str(tmp_path / "here"))
    table.append(ROWS)
    with table.transaction() as transaction:
        transaction.set_properties({"write.data.path": f"s3://{BUCKET}/{uuid.uuid4().hex}"})
    table.append(ROWS)
    paths = table.inspect.files().column("file_path").to_pylist()
    assert {path.partition("://")[0] for path in paths} == {"file", "s3"}
    assert ids(table.scan().to_arrow()) == [1, 1, 2, 2, 3, 3]


WRONG = {
    "wrong secret": (
        {"s3.secret-access-key": "not-this-one"},
        StorageAccessError,
        r"s3\.secret-access-key",
    ),
    "unknown key": (
        {"s3.access-key-id": "nobody", "s3.secret-access-key": "not-this-one"},
        StorageAccessError,
        r"s3\.access-key-id",
    ),
    "no permission": (
        {"s3.access-key-id": "intruder", "s3.secret-access-key": "intruder-secret"},
        StorageAccessError,
        "the server refuses it",
    ),
    "nobody": ({"s3.anonymous": "true"}, StorageAccessError, "the server refuses it"),
    "no server": ({"s3.endpoint": "http://127.0.0.1:9"}, IoError, r"check s3\.endpoint"),
    "no bucket": ({"warehouse": "s3://no-such-bucket/x"}, IoError, "bucket"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told(
    properties: dict[str, Any], case: tuple[dict[str, str], type[Exception], str]
) -> None:
    changed, error, message = case
    own = {**properties, **changed, "uri": "sqlite:///:memory:"}
    if "s3.anonymous" in changed:
        del own["s3.access-key-id"], own["s3.secret-access-key"]
    catalog = load_catalog("wrong", **own)
    catalog.create_namespace("db")
    with pytest.raises(error, match=message) as raised:
        catalog.create_table("db.t", ROWS.schema)
    assert type(raised.value) is error
    text = str(raised.value)
    assert own["warehouse"].removeprefix("s3://") in text
    assert "not-this-one" not in text
    assert "-secret" not in text.replace("s3.secret-", "")


def test_a_missing_file_is_an_io_error(catalog: Catalog, table: Table) -> None:
    with pytest.raises(IoError, match="does not exist") as raised:
        catalog.register_table("db.v", table.metadata_location + ".none")
    assert raised.value.errno == 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"s3.acess-key-id": "x"}, "unknown storage property s3.acess-key-id; known are"),
        ({"s3.endpoint": "localhost:9000"}, "expected an address such as"),
        ({"s3.secret-access-key": "hidden"}, "without s3.access-key-id"),
    ],
)
def test_a_wrong_property_is_named(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message) as raised:
        load_catalog("x", uri="sqlite:///:memory:", **wrong)
    assert "hidden" not in str(raised.value)


def test_secrets_are_not_shown(properties: dict[str, Any], catalog: Catalog) -> None:
    shown = str(catalog.properties) + repr(catalog)
    assert properties["s3.endpoint"] in shown
    assert "engineer-secret" not in shown


AT_EXIT = """
import sys, threading
import pyarrow as pa
from floe_iceberg import load_catalog
if "before" in sys.argv:
    import pyarrow.fs
catalog = load_catalog("default", **eval(sys.argv[1]))
table = catalog.load_table("db.t")
print(table.scan().to_arrow().num_rows)
reader = table.scan().to_arrow_batch_reader()
reader.read_next_batch()
if "after" in sys.argv:
    import pyarrow.fs
if "thread" in sys.argv:
    def work():
        try:
            while True:
                catalog.load_table("db.t").scan().to_arrow()
        except Exception:
            return
    threading.Thread(target=work, daemon=True).start()
if "fork" in sys.argv:
    import multiprocessing
    def use():
        try:
            catalog.load_table("db.t")
        except Exception as error:
            print(type(error).__name__, flush=True)
    child = multiprocessing.get_context("fork").Process(target=use)
    child.start()
    child.join()
    print(child.exitcode)
"""


@pytest.mark.parametrize("how", ["plain", "before", "after", "thread", "fork"])
def test_a_process_ends_well(properties: dict[str, Any], table: Table, how: str) -> None:
    table.append(ROWS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", AT_EXIT, repr(properties), how],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    of_the_child = [UnsupportedError.__name__, "0"] if how == "fork" else []
    assert done.stdout.split() == ["3", *of_the_child]


def test_a_new_table_is_one_object(s3: Seaweed, table: Table) -> None:
    store = fs.S3FileSystem(
        access_key="engineer",
        secret_key="engineer-secret",  # noqa: S106 - of a test's server
        endpoint_override=s3.s3_endpoint,
        region="us-east-1",
    )
    listed = store.get_file_info(
        fs.FileSelector(table.location().removeprefix("s3://"), recursive=True)
    )
    files = [found.path for found in listed if found.is_file]
    assert files == [table.metadata_location.removeprefix("s3://")]
