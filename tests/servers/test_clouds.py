"""Tables in Google Cloud Storage and Azure, on fake-gcs-server and Azurite: what goes wrong."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from azurite import ACCOUNT, CONTAINER, Azurite, key_of
from fake_gcs import BUCKET, FakeGcs
from fault_proxy import FaultProxy, fault_proxy, reply
from pyarrow import fs
from shared_servers import SharedServers

from floe_core.errors import (
    InvalidArgumentError,
    IoError,
    StorageAccessError,
    UnsupportedError,
)
from floe_iceberg import Catalog, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a/b %41+é", "b", None]})
HOST = f"{ACCOUNT}.dfs.core.windows.net"


@pytest.fixture(scope="session")
def gcs(servers: SharedServers) -> FakeGcs:
    return FakeGcs(**servers.wait("fake_gcs"))


@pytest.fixture(scope="session")
def azure(servers: SharedServers) -> Azurite:
    return Azurite(**servers.wait("azurite"))


@pytest.fixture
def gcs_proxy(gcs: FakeGcs) -> Iterator[FaultProxy]:
    with fault_proxy(gcs.endpoint) as proxy:
        yield proxy


def opened(warehouse: str, **properties: Any) -> Catalog:
    catalog = load_catalog("x", uri="sqlite:///:memory:", warehouse=warehouse, **properties)
    catalog.create_namespace("db")
    return catalog


def failure(catalog: Catalog, error: type[Exception]) -> str:
    with pytest.raises(error) as raised:
        catalog.create_table("db.t", ROWS.schema)
    assert type(raised.value) is error
    return str(raised.value)


def ids(rows: pa.Table) -> list[int]:
    return sorted(rows.column("id").to_pylist())


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize(
    "location",
    [
        f"abfss://{CONTAINER}@{HOST}",
        f"abfs://{CONTAINER}@{HOST}",
        f"wasbs://{CONTAINER}@{ACCOUNT}.blob.core.windows.net",
        f"wasb://{CONTAINER}@{ACCOUNT}",
        f"abfss://{CONTAINER}",
    ],
)
def test_every_form_of_a_location_in_azure(azure: Azurite, location: str) -> None:
    warehouse = f"{location}/{uuid.uuid4().hex}/with blank/ünï"
    catalog = opened(warehouse, **azure.storage())
    table = catalog.create_table("db.t", ROWS.schema, partition_spec=["name"])
    table.append(ROWS)
    table.overwrite(ROWS.slice(1, 1), overwrite_filter="name = 'b'")
    assert ids(catalog.load_table("db.t").scan().to_arrow()) == [1, 2, 3]
    assert table.metadata_location.startswith(location)


@pytest.mark.parametrize(
    "how", ["sas", "sas of account", "connection string", "java's key", "host"]
)
def test_who_asks_azure(azure: Azurite, how: str) -> None:
    key = key_of(ACCOUNT)
    ways: dict[str, dict[str, str]] = {
        "sas": {**azure.place(), "adls.sas-token": azure.sas_token()},
        "sas of account": {
            **azure.place("another"),
            "adls.account-key": key_of("another"),
            f"adls.sas-token.{HOST}": azure.sas_token(),
        },
        "connection string": {
            "adls.connection-string": f"AccountName={ACCOUNT};AccountKey={key};"
            f"BlobEndpoint={azure.endpoint}/{ACCOUNT};"
        },
        "java's key": {
            **azure.place(),
            "adls.auth.shared-key.account.name": ACCOUNT,
            "adls.auth.shared-key.account.key": key,
        },
        "host": {
            "adls.account-name": ACCOUNT,
            "adls.account-key": key,
            "adls.account-host": azure.authority,
            "adls.blob-storage-scheme": "http",
        },
    }
    catalog = opened(f"abfss://{CONTAINER}@{HOST}/{uuid.uuid4().hex}", **ways[how])
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(ROWS)
    assert ids(table.scan().to_arrow()) == [1, 2, 3]
    shown = str(catalog.properties) + repr(catalog)
    assert key not in shown
    assert "sig=" not in shown
    catalog.purge_table("db.t")


@pytest.mark.parametrize("scheme", ["gs", "gcs"])
def test_every_form_of_a_location_in_gcs(gcs: FakeGcs, scheme: str) -> None:
    warehouse = f"{scheme}://{BUCKET}/{uuid.uuid4().hex}/with blank/ünï"
    nobody = {"gcs.endpoint": gcs.endpoint, "gcs.no-auth": "true"}
    catalog = opened(warehouse, **nobody)
    table = catalog.create_table("db.t", ROWS.schema, partition_spec=["name"])
    table.append(ROWS)
    assert ids(catalog.load_table("db.t").scan().to_arrow()) == [1, 2, 3]
    assert "any-token" not in str(catalog.properties)


def test_a_large_file(gcs: FakeGcs, azure: Azurite) -> None:
    # More than the clients send at once.
    rows = pa.table({"id": range(2_000_000)})
    plain = {"write.parquet.compression-codec": "uncompressed"}
    for catalog in (
        opened(f"gs://{BUCKET}/{uuid.uuid4().hex}", **gcs.storage()),
        opened(f"abfss://{CONTAINER}/{uuid.uuid4().hex}", **azure.storage()),
    ):
        table = catalog.create_table("db.large", rows.schema, properties=plain)
        table.append(rows)
        assert max(table.inspect.files().column("file_size_in_bytes").to_pylist()) > 9 << 20
        assert table.scan("id >= 1999990").to_arrow().num_rows == 10


def unfinished(catalog: Catalog) -> Iterator[pa.RecordBatch]:
    # Enough for a file to be begun, and then no more.
    for _ in range(40):
        yield pa.record_batch({"id": pa.array(range(100_000), pa.int64())})
    message = "no more rows"
    raise RuntimeError(message)


def test_what_is_not_finished_is_not_there(gcs: FakeGcs, azure: Azurite) -> None:
    place = uuid.uuid4().hex
    key = {"account_name": ACCOUNT, "account_key": key_of(ACCOUNT)}
    blobs = fs.AzureFileSystem(
        **key,
        blob_storage_authority=azure.authority,
        dfs_storage_authority=azure.authority,
        blob_storage_scheme="http",
        dfs_storage_scheme="http",
    )
    endpoint = gcs.endpoint.removeprefix("http://")
    objects = fs.GcsFileSystem(anonymous=True, scheme="http", endpoint_override=endpoint)
    for warehouse, storage, seen in (
        (f"gs://{BUCKET}/{place}", gcs.storage(), objects),
        (f"abfss://{CONTAINER}/{place}", azure.storage(), blobs),
    ):
        catalog = opened(warehouse, **storage)
        schema = pa.schema([("id", pa.int64())])
        properties = {
            "write.parquet.compression-codec": "uncompressed",
            "write.parquet.row-group-size-bytes": "1000000",
        }
        table = catalog.create_table("db.t", schema, properties=properties)
        with pytest.raises(RuntimeError, match="no more rows"):
            table.append(pa.RecordBatchReader.from_batches(schema, unfinished(catalog)))
        below = warehouse.partition("://")[2]
        found = seen.get_file_info(fs.FileSelector(below, recursive=True))
        assert [file.path for file in found if file.path.endswith(".parquet")] == []


WRONG_AZURE = {
    "wrong key": ({"adls.account-key": key_of("wrong")}, StorageAccessError, "adls.account-key"),
    "no such container": (
        {"warehouse": "abfss://nowhere/x"},
        IoError,
        "the container does not exist",
    ),
    "no server": (
        {"adls.blob-storage-authority": "127.0.0.1:9"},
        IoError,
        "check adls.account-name, adls.blob-storage-authority",
    ),
    "another account": (
        {"warehouse": f"abfss://{CONTAINER}@other.dfs.core.windows.net/x"},
        InvalidArgumentError,
        "set adls.sas-token.other",
    ),
}


@pytest.mark.parametrize("case", WRONG_AZURE.values(), ids=WRONG_AZURE.keys())
def test_what_is_wrong_in_azure_is_told(
    azure: Azurite, case: tuple[dict[str, str], type[Exception], str]
) -> None:
    changed, error, message = case
    own = {"warehouse": f"abfss://{CONTAINER}/x", **azure.storage(), **changed}
    text = failure(opened(**own), error)
    assert message in text
    assert own["warehouse"] in text
    assert own["adls.account-key"] not in text


SIGNED = {
    "ended": (("racwdl", "2021-01-01T00:00:00Z"), "the shared access signature has ended"),
    "may only read": (("r", "2099-01-01T00:00:00Z"), "may not do that"),
}


@pytest.mark.parametrize("case", SIGNED.values(), ids=SIGNED.keys())
def test_what_a_signature_does_not_allow(azure: Azurite, case: tuple[tuple[str, str], str]) -> None:
    given, message = case
    own = {**azure.place(), "adls.sas-token": azure.sas_token(*given)}
    text = failure(opened(f"abfss://{CONTAINER}/{uuid.uuid4().hex}", **own), StorageAccessError)
    assert message in text
    assert "sig=" not in text


def test_a_signature_that_only_reads(azure: Azurite) -> None:
    catalog = opened(f"abfss://{CONTAINER}/{uuid.uuid4().hex}", **azure.storage())
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(ROWS)
    signed = {**azure.place(), "adls.sas-token": azure.sas_token("r")}
    reader = opened(f"abfss://{CONTAINER}/none", **signed)
    theirs = reader.register_table("db.t", table.metadata_location)
    assert ids(theirs.scan().to_arrow()) == [1, 2, 3]
    with pytest.raises(StorageAccessError, match="may not do that"):
        theirs.append(ROWS)


# As Google answers them; fake-gcs-server has no users.
ANSWERS = {
    401: ("Invalid Credentials", StorageAccessError, "gcs.oauth2.token"),
    403: ("x@y does not have storage.objects.create access", StorageAccessError, "roles"),
    404: ("The specified bucket does not exist.", IoError, "the bucket does not exist"),
}


@pytest.mark.parametrize("status", ANSWERS)
def test_what_google_refuses_is_told(gcs: FakeGcs, gcs_proxy: FaultProxy, status: int) -> None:
    message, error, advice = ANSWERS[status]
    body = json.dumps({"error": {"code": status, "message": message, "errors": []}})
    answer = reply(status, body, Content_Type="application/json")
    gcs_proxy.plan("POST", ".*", answer, answer)
    own = {**gcs.storage(), "gcs.service.host": gcs_proxy.uri}
    text = failure(opened(f"gs://{BUCKET}/{uuid.uuid4().hex}", **own), error)
    assert advice in text
    assert f"gs://{BUCKET}/" in text
    assert "any-token" not in text
    tokens = {request.headers.get("Authorization") for request in gcs_proxy.requests}
    assert tokens == {"Bearer any-token"}


WRONG_GCS = {
    "no such bucket": ({"warehouse": "gs://nowhere/x"}, IoError, "the bucket does not exist"),
    "no server": (
        {"gcs.service.host": "http://127.0.0.1:9", "gcs.request-timeout": "1"},
        IoError,
        "check gcs.service.host",
    ),
    "ended": (
        {"gcs.oauth2.token-expires-at": "1600000000000"},
        StorageAccessError,
        "gcs.oauth2.token-expires-at",
    ),
}


@pytest.mark.parametrize("case", WRONG_GCS.values(), ids=WRONG_GCS.keys())
def test_what_is_wrong_in_gcs_is_told(
    gcs: FakeGcs, case: tuple[dict[str, str], type[Exception], str]
) -> None:
    changed, error, message = case
    own = {"warehouse": f"gs://{BUCKET}/x", **gcs.storage(), **changed}
    text = failure(opened(**own), error)
    assert message in text
    assert own["warehouse"] in text


def test_what_is_missing_to_read_is_told(gcs: FakeGcs, azure: Azurite) -> None:
    for location, storage in (
        (f"gs://{BUCKET}", gcs.storage()),
        ("gs://nowhere", gcs.storage()),
        (f"abfss://{CONTAINER}", azure.storage()),
        ("abfss://nowhere", azure.storage()),
    ):
        catalog = opened(f"{location}/x", **storage)
        with pytest.raises(IoError, match="does not exist") as raised:
            catalog.register_table("db.t", f"{location}/none.metadata.json")
        assert raised.value.errno == 2


def test_a_file_that_is_gone_is_told(gcs: FakeGcs, azure: Azurite) -> None:
    for warehouse, storage, word in (
        (f"gs://{BUCKET}/{uuid.uuid4().hex}", gcs.storage(), "object"),
        (f"abfss://{CONTAINER}/{uuid.uuid4().hex}", azure.storage(), "blob"),
    ):
        catalog = opened(warehouse, **storage)
        table = catalog.create_table("db.t", ROWS.schema)
        table.append(ROWS)
        catalog.purge_table("db.t")
        with pytest.raises(IoError, match=f"the {word} does not exist"):
            table.scan().to_arrow()


def test_both_in_one_catalog(gcs: FakeGcs, azure: Azurite, tmp_path: Path) -> None:
    catalog = opened(str(tmp_path), **gcs.storage(), **azure.storage())
    there = [f"gs://{BUCKET}/{uuid.uuid4().hex}", f"abfss://{CONTAINER}/{uuid.uuid4().hex}"]
    table = catalog.create_table("db.t", ROWS.schema, location=there[0])
    table.append(ROWS)
    with table.transaction() as transaction:
        transaction.set_properties({"write.data.path": there[1]})
    table.append(ROWS)
    paths = table.inspect.files().column("file_path").to_pylist()
    assert {path.partition("://")[0] for path in paths} == {"gs", "abfss"}
    assert ids(table.scan().to_arrow()) == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"gcs.service.hots": "x"}, InvalidArgumentError, "unknown storage property gcs.service"),
        ({"adls.acount-key": "x"}, InvalidArgumentError, "unknown storage property adls.acount"),
        ({"gcs.encryption-key": "hidden"}, UnsupportedError, "gcs.encryption-key"),
        ({"adls.token": "hidden"}, UnsupportedError, "adls.token"),
        ({"adls.account-key": "hidden"}, InvalidArgumentError, "adls.account-key"),
    ],
)
def test_a_wrong_property_is_named(
    wrong: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        load_catalog("x", uri="sqlite:///:memory:", **wrong)
    assert "hidden" not in str(raised.value)
