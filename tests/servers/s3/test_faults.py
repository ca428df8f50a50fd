"""What S3 does wrong while a table in it is read and written: a proxy between floe and MinIO."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pytest
from fault_proxy import Fault, FaultProxy, drop, lose_answer, reply, reset, truncate
from minio import Minio
from s3_clients import client

from floe_core.errors import FloeStorageError, IoError
from floe_iceberg import Catalog, Table, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64())})
LARGE = pa.table({"id": range(2_000_000)})  # 16 MB: two parts
BUSY = reply(503, "<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>")
BROKEN = reply(500, "<Error><Code>InternalError</Code><Message>We failed.</Message></Error>")
FAULTS: dict[str, Fault] = {
    "busy": BUSY,
    "broken": BROKEN,
    "dropped": drop(),
    "truncated": truncate(1),
    "reset": reset(1),
    "done, and the answer lost": lose_answer(),
}
RETRIES = 2


@pytest.fixture
def catalog(properties: dict[str, Any], proxy: FaultProxy) -> Catalog:
    """Return a catalog with its tables behind the proxy."""
    few = {"s3.endpoint": proxy.uri, "s3.retry.num-retries": str(RETRIES)}
    catalog = load_catalog("s3", **{**properties, **few})
    catalog.create_namespace("db")
    return catalog


@pytest.fixture
def table(catalog: Catalog) -> Table:
    """Return a table with three rows."""
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(ROWS)
    return table


def count_requests(table: Table, proxy: FaultProxy) -> int:
    """Return how many requests an append and a scan take."""
    proxy.forget()
    table.append(ROWS)
    table.scan().to_arrow()
    return len(proxy.requests)


@pytest.mark.parametrize("name", FAULTS)
def test_a_request_that_fails_once_is_sent_again(
    table: Table, proxy: FaultProxy, name: str
) -> None:
    requests = count_requests(table, proxy)
    rows = 6
    # Each fault at every third request, another for the next.
    for number in range(list(FAULTS).index(name) % 3, requests, 3):
        proxy.forget()
        proxy.plan_from(number, FAULTS[name], 1)
        table.append(ROWS)
        rows += 3
        assert table.scan().to_arrow().num_rows == rows, number
        assert len(proxy.requests) <= requests + 2 * RETRIES + 2 * rows, number


def test_a_request_that_fails_to_the_end_leaves_the_table_as_it_was(
    catalog: Catalog, table: Table, proxy: FaultProxy
) -> None:
    requests = count_requests(table, proxy)
    failed = 0
    for number in range(requests):
        before = catalog.load_table("db.t").scan().to_arrow().num_rows
        proxy.forget()
        proxy.plan_from(number, BROKEN, 1000)
        try:
            table.append(ROWS)
        except IoError:
            failed += 1
        proxy.forget()
        after = catalog.load_table("db.t").scan().to_arrow().num_rows
        assert after in {before, before + 3}
    assert 0 < failed < requests


def uploads_of(minio: Minio, proxy: FaultProxy) -> tuple[int, list[Any]]:
    """Return how many uploads of parts were begun, and those that MinIO still has."""
    begun = [r for r in proxy.requests if r.method == "POST" and r.path.endswith("?uploads")]
    left = []
    for request in begun:
        bucket, _, key = unquote(urlsplit(request.path).path)[1:].partition("/")
        # MinIO lists those of one object, and none of a prefix.
        own = client("s3", minio.s3_endpoint)
        left += own.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", [])
    return len(begun), left


@pytest.mark.parametrize("fault", [BROKEN, reply(403)], ids=["broken", "denied"])
@pytest.mark.parametrize(
    "request_of",
    [("PUT", "partNumber=1"), ("PUT", "partNumber=2"), ("POST", "uploadId=")],
    ids=["a part", "the last part", "the end"],
)
def test_an_upload_that_fails_leaves_no_parts(
    minio: Minio, catalog: Catalog, proxy: FaultProxy, fault: Fault, request_of: tuple[str, str]
) -> None:
    table = catalog.create_table(
        "db.large =%+ü",
        LARGE.schema,
        properties={"write.parquet.compression-codec": "uncompressed"},
    )
    proxy.plan(*request_of, *[fault] * 20)
    with pytest.raises(FloeStorageError, match=r"can't write s3://lake/"):
        table.append(LARGE)
    assert uploads_of(minio, proxy) == (1, [])
    assert table.refresh().scan().to_arrow().num_rows == 0


def test_an_upload_goes_on_after_a_part_that_failed(
    minio: Minio, catalog: Catalog, proxy: FaultProxy
) -> None:
    table = catalog.create_table(
        "db.large", LARGE.schema, properties={"write.parquet.compression-codec": "uncompressed"}
    )
    proxy.plan("PUT", "partNumber=1", BUSY, drop())
    table.append(LARGE)
    assert table.scan().to_arrow().num_rows == LARGE.num_rows
    assert uploads_of(minio, proxy) == (1, [])


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """Listen at an address where connections wait for ever."""
    with socket.socket() as server, ExitStack() as clients:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = clients.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def read_at(endpoint: str, properties: dict[str, Any], **more: str) -> str:
    """Return why an object can't be read."""
    own = {**properties, "s3.endpoint": endpoint, "s3.retry.num-retries": "0", **more}
    catalog = load_catalog("slow", **own)
    catalog.create_namespace("db")
    with pytest.raises(IoError) as raised:
        catalog.register_table("db.t", "s3://lake/k")
    assert "s3.request-timeout" in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("seconds", ["1", "2"])
def test_a_server_that_never_answers(
    properties: dict[str, Any], proxy: FaultProxy, seconds: str
) -> None:
    for method in ("HEAD", "GET"):  # which are asked at once
        proxy.plan(method, "", proxy.silence())
    told = read_at(proxy.uri, properties, **{"s3.request-timeout": seconds})
    assert f"the last {seconds} seconds" in told


@pytest.mark.parametrize("milliseconds", [300, 1200])
def test_a_server_that_never_accepts(properties: dict[str, Any], milliseconds: int) -> None:
    limit = {"s3.connect-timeout": str(milliseconds / 1000)}
    with nobody_accepts() as endpoint:
        told = read_at(endpoint, properties, **limit)
    found = re.search(r"Connection timed out after (\d+) milliseconds", told)
    assert found is not None
    assert int(found[1]) // 100 == milliseconds // 100
