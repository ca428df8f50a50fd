"""Purging a table in S3: a request for a thousand files, and a word for each that is left."""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fault_proxy import Fault, FaultProxy, fault_proxy, reply
from minio import BUCKET, Minio
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.typedef import Record
from s3_clients import client, new_session
from seaweed import Seaweed
from shared_servers import SharedServers
from table_files import files_below

from floe_core.errors import IoError
from floe_iceberg import load_catalog

SCHEMA = pa.schema([("id", pa.int64())])
ODD_NAMES = ["a b+c.parquet", "x=1%3D/y;z&amp;.parquet", "<ü'\"?#&>.parquet", "tab\there.parquet"]


@pytest.fixture(params=["minio", "seaweed"])
def storage(request: pytest.FixtureRequest, servers: SharedServers) -> dict[str, str]:
    """Return how to reach the S3 of each kind."""
    made = {"minio": Minio, "seaweed": Seaweed}[request.param]
    return made(**servers.wait(request.param)).storage()


@pytest.fixture
def proxy(storage: dict[str, str]) -> Iterator[FaultProxy]:
    """Return a proxy before it."""
    with fault_proxy(storage["s3.endpoint"], keeps_host=True) as proxy:
        yield proxy


class Scene:
    """A table by PyIceberg, that names files of which some are there."""

    def __init__(self, folder: Path, storage: dict[str, str]) -> None:
        """Make the table."""
        self.storage = storage
        self.own = {
            "uri": f"sqlite:///{folder}/catalog.db",
            "warehouse": f"s3://{BUCKET}/{uuid.uuid4().hex}",
        }
        catalog = SqlCatalog("s3", **self.own, **storage)
        catalog.create_namespace("db")
        self.table = catalog.create_table("db.t", SCHEMA)
        self.folder = f"{self.table.location()}/data"

    def put(self, *paths: str) -> None:
        """Put files there."""
        endpoint = self.storage["s3.endpoint"]
        for path in paths:
            key = path.removeprefix(f"s3://{BUCKET}/")
            client("s3", endpoint).put_object(Bucket=BUCKET, Key=key, Body=b"x")

    def name(self, paths: Sequence[str]) -> None:
        """Let the table name files."""
        with (
            self.table.transaction() as transaction,
            transaction.update_snapshot().fast_append() as new,
        ):
            for path in paths:
                new.append_data_file(
                    DataFile.from_args(
                        content=DataFileContent.DATA,
                        file_path=path,
                        file_format=FileFormat.PARQUET,
                        partition=Record(),
                        record_count=1,
                        file_size_in_bytes=1,
                    )
                )

    def purge(self, **more: Any) -> None:
        """Drop the table with its files."""
        load_catalog("s3", **{**self.own, **self.storage, **more}).purge_table("db.t")

    def left(self) -> set[str]:
        """Return what is there."""
        return files_below(self.table.location(), self.storage)


@pytest.fixture
def scene(tmp_path: Path, storage: dict[str, str]) -> Scene:
    return Scene(tmp_path, storage)


def test_a_thousand_files_are_one_request(scene: Scene, proxy: FaultProxy) -> None:
    # A file that is not there is no error: some are, and with the oddest names.
    many = [f"{scene.folder}/{number:05}.parquet" for number in range(2_500 - len(ODD_NAMES))]
    odd = [f"{scene.folder}/{name}" for name in ODD_NAMES]
    scene.put(*odd, *many[::400], many[-1])
    scene.name(many + odd)
    scene.purge(**{"s3.endpoint": proxy.uri})
    deletes = [request for request in proxy.requests if request.path.endswith("?delete=")]
    of_data = [request.body for request in deletes if b"parquet" in request.body]
    # XML has no tab in a name.
    assert sorted(body.count(b"<Key>") for body in of_data) == [499, 1000, 1000]
    assert proxy.count("DELETE") == 1
    assert scene.left() == set()


UNKNOWN = {
    "501": reply(501, "<Error><Code>NotImplemented</Code><Message>Not here.</Message></Error>"),
    "400": reply(400, "<Error><Code>InvalidArgument</Code><Message>POST?</Message></Error>"),
    "405": reply(405),
    "another answer": reply(200, "<html>hello</html>"),
    "another key": reply(
        200, "<DeleteResult><Error><Key>other</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    ),
}


@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_store_without_batches(scene: Scene, proxy: FaultProxy, answer: str) -> None:
    paths = [f"{scene.folder}/{number}.parquet" for number in range(3)]
    scene.put(*paths)
    scene.name(paths)
    proxy.plan("POST", "delete", *[UNKNOWN[answer]] * 10)
    scene.purge(**{"s3.endpoint": proxy.uri})
    assert proxy.count("DELETE") >= len(paths)
    assert scene.left() == set()


@pytest.mark.parametrize(
    "fault", [reply(503, "<Error><Code>SlowDown</Code></Error>"), lambda _request, _ask: None]
)
def test_a_batch_that_fails_is_sent_again(scene: Scene, proxy: FaultProxy, fault: Fault) -> None:
    scene.put(f"{scene.folder}/1.parquet")
    scene.name([f"{scene.folder}/1.parquet"])
    proxy.plan("POST", "delete", fault, fault)
    scene.purge(**{"s3.endpoint": proxy.uri, "s3.retry.min-wait-ms": "1"})
    assert proxy.count("DELETE") == 0
    assert scene.left() == set()


def test_a_file_that_must_not_be_deleted_is_named(tmp_path: Path, minio: Minio) -> None:
    scene = Scene(tmp_path, minio.storage())
    others = f"s3://{BUCKET}/{uuid.uuid4().hex}/<of others>.parquet"
    own = f"{scene.folder}/1.parquet"
    scene.put(own, others)
    scene.name([own, others])
    session = new_session(
        minio.s3_endpoint, "engineer", scene.table.location().removeprefix("s3://")
    )
    with pytest.raises(IoError, match="1 of its files could not be deleted") as told:
        scene.purge(**session.properties)
    assert f"can't delete {others}: the server refuses it" in str(told.value)
    assert scene.left() == set()
    assert files_below(others, minio.storage()) == set()
    assert client("s3", minio.s3_endpoint).head_object(
        Bucket=BUCKET, Key=others.removeprefix(f"s3://{BUCKET}/")
    )
