"""Credentials that end within seconds, as MinIO itself decides: Nessie's warehouse `brief`."""

import json
import random
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from botocore.exceptions import ClientError
from minio import OTHER_BUCKET
from nessie import Nessie
from s3_clients import client
from shared_servers import SharedServers

from floe_core.errors import StorageAccessError
from floe_iceberg import Table, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64())})


@pytest.fixture(scope="session")
def nessie(servers: SharedServers) -> Nessie:
    """Return a Nessie that lends credentials for MinIO."""
    return Nessie(**servers.wait("nessie_minio"))


def load(nessie: Nessie, table: Table, user: str) -> Table:
    """Return the table as a user sees it."""
    return load_catalog("brief", **nessie.catalog(user, "brief")).load_table(table.name())


@pytest.fixture
def table(nessie: Nessie) -> Table:
    """Return a table with two files of three rows."""
    catalog = load_catalog("brief", **nessie.catalog(warehouse="brief"))
    name = f"b{time.time_ns()}"
    catalog.create_namespace(name)
    parts = {"write.parquet.row-group-size-bytes": "1048576"}
    table = catalog.create_table(f"{name}.t", ROWS.schema, properties=parts)
    table.append(ROWS)
    table.append(ROWS)
    return table


def answer_of(url: str, body: dict[str, str] | None = None, **headers: str) -> Any:
    """Return the JSON that a server answers."""
    raw = None if body is None else urllib.parse.urlencode(body).encode()
    request = urllib.request.Request(url, raw, headers)  # noqa: S310 - ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


class Lent:
    """S3 by AWS's own client, with what Nessie lends a user for a table."""

    def __init__(self, nessie: Nessie, user: str, table: Table) -> None:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": user,
            "client_secret": f"{user}-secret",
            "scope": "catalog",
        }
        token = answer_of(nessie.token_uri, wanted)["access_token"]
        namespace, name = table.name()
        prefix = urllib.parse.quote("main|brief")
        found = answer_of(
            f"{nessie.uri}/v1/{prefix}/namespaces/{namespace}/tables/{name}",
            Authorization=f"Bearer {token}",
            **{"X-Iceberg-Access-Delegation": "vended-credentials"},
        )["config"]
        self._s3 = client(
            "s3",
            nessie.s3_endpoint,
            found["s3.access-key-id"],
            found["s3.secret-access-key"],
            found["s3.session-token"],
        )

    def refusal_of(self, call: str, location: str, **more: Any) -> str | None:
        """Return the code of what the server says instead of doing it, or nothing."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        assert bucket == OTHER_BUCKET
        try:
            getattr(self._s3, call)(Bucket=bucket, Key=key, **more)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    def wait_until_ended(self, location: str) -> None:
        """Return when the server knows these credentials no more."""
        end = time.monotonic() + 30
        while self.refusal_of("get_object", location) is None:
            assert time.monotonic() < end
            time.sleep(0.2)


def test_reads_and_writes_go_on_when_minio_ends_what_was_lent(nessie: Nessie, table: Table) -> None:
    analyst = load(nessie, table, "analyst")
    reader = analyst.scan().to_arrow_batch_reader()
    first = reader.read_next_batch()
    assert analyst.scan().to_arrow().num_rows == 6
    lent = Lent(nessie, "engineer", table)  # the last of all
    location = table.inspect.files()["file_path"][0].as_py()
    assert lent.refusal_of("get_object", location) is None

    # More than is kept before the first part of an object is sent.
    much = pa.RecordBatch.from_pydict({"id": [random.getrandbits(40) for _ in range(2_000_000)]})

    def batches() -> Iterator[pa.RecordBatch]:
        yield much
        lent.wait_until_ended(location)
        yield much

    table.append(pa.RecordBatchReader.from_batches(ROWS.schema, batches()))
    assert lent.refusal_of("get_object", location) == "InvalidAccessKeyId"
    assert first.num_rows + reader.read_all().num_rows == 6
    assert analyst.scan().to_arrow().num_rows == 6
    ids = analyst.refresh().scan().to_arrow()["id"]
    assert len(ids) == 6 + 2 * much.num_rows
    assert pc.sum(ids).as_py() == 12 + 2 * pc.sum(much["id"]).as_py()


def test_a_write_that_fails_leaves_nothing_where_uploads_may_not_be_aborted(
    nessie: Nessie, table: Table
) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({"id": [random.getrandbits(40) for _ in range(3_000_000)]})
        message = "the source is gone"
        raise ConnectionError(message)

    s3 = client("s3", nessie.s3_endpoint)
    folder = f"{table.location()}/data/".removeprefix(f"s3://{OTHER_BUCKET}/")

    def objects() -> set[str]:
        found = s3.list_objects_v2(Bucket=OTHER_BUCKET, Prefix=folder)["Contents"]
        return {each["Key"] for each in found if each["Size"] > 0}

    before = objects()
    assert len(before) == 2
    with pytest.raises(ConnectionError, match="the source is gone"):
        table.append(pa.RecordBatchReader.from_batches(ROWS.schema, batches()))
    assert objects() == before
    assert table.refresh().scan().to_arrow().num_rows == 6


@pytest.mark.requirement("S-FR-005")
def test_who_may_read_is_lent_what_reads_alone(nessie: Nessie, table: Table) -> None:
    analyst = load(nessie, table, "analyst")
    assert analyst.scan().to_arrow().num_rows == 6
    with pytest.raises(StorageAccessError, match="that the catalog lends") as raised:
        analyst.append(ROWS)
    assert "s3.access-key-id" not in str(raised.value)
    assert load(nessie, table, "engineer").scan().to_arrow().num_rows == 6


def test_the_store_refuses_who_goes_around_the_catalog(nessie: Nessie, table: Table) -> None:
    other = load_catalog("brief", **nessie.catalog(warehouse="brief")).create_table(
        (table.name()[0], "u"), ROWS.schema
    )
    other.append(ROWS)
    location = table.inspect.files()["file_path"][0].as_py()
    lent = Lent(nessie, "analyst", table)
    assert lent.refusal_of("get_object", location) is None
    assert lent.refusal_of("put_object", f"{table.location()}/data/x", Body=b"x") == "AccessDenied"
    assert lent.refusal_of("put_object", location, Body=b"x") == "AccessDenied"
    assert lent.refusal_of("delete_object", location) == "AccessDenied"
    elsewhere = other.inspect.files()["file_path"][0].as_py()
    assert lent.refusal_of("get_object", elsewhere) == "AccessDenied"
    assert load(nessie, table, "engineer").scan().to_arrow().num_rows == 6
