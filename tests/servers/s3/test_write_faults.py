"""Appends and overwrites of partitions while their store fails, at each request in turn: the table
reads as before or as after, and nothing that it does not name is left behind, but what could not be
cleaned up while the store went on failing.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pytest
from fault_proxy import (
    Fault,
    FaultProxy,
    fault_proxy,
    lose_answer,
    refuse,
    reply,
    reset_unheard,
    truncate,
)
from minio import BUCKET, Minio
from pyiceberg.catalog.sql import SqlCatalog
from s3_clients import client
from table_files import files_below

from floe_core.errors import FloeStorageError, InternalError
from floe_iceberg import Table, load_catalog

RETRIES = 2
QUICK = {
    "s3.retry.num-retries": str(RETRIES),
    "s3.retry.min-wait-ms": "1",
    "s3.retry.max-wait-ms": "2",
    "s3.request-timeout": "1",
    "fsync": False,
}
FOR_EVER = 10_000
LARGE_ROWS = 11  # of a megabyte each: two parts
LARGE = pa.array([os.urandom(1 << 20) for _ in range(LARGE_ROWS)], pa.binary())


def error(status: int, code: str, message: str) -> Fault:
    """Answer as S3 does."""
    return reply(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>")


# What goes by when it is tried again.
PASSING: dict[str, Fault] = {
    "reset": reset_unheard(),
    "done, and the answer lost": lose_answer(),
    "truncated": truncate(1),
    "broken": error(500, "InternalError", "We encountered an internal error."),
    "busy": error(503, "SlowDown", "Please reduce your request rate."),
}
# What does not. The answers are AWS's and MinIO's.
LASTING: dict[str, Fault] = {
    "expired": error(400, "ExpiredToken", "The provided token has expired."),
    "unknown key": error(
        403, "InvalidAccessKeyId", "The Access Key Id you provided does not exist."
    ),
    "disk full": error(
        507, "XMinioStorageFull", "Storage backend has reached its minimum free drive"
    ),
    "quota": error(400, "XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded"),
}
FAULTS = {**PASSING, **LASTING}


def rows_of(number: int) -> pa.Table:
    """Return rows that tell which call wrote them."""
    few = pa.array([b"", b""], pa.binary())
    return pa.table({"n": pa.array([number, number], pa.int64()), "p": ["a", "b"], "x": few})


BASE = rows_of(-1)


def append(table: Table, number: int) -> None:
    table.append(rows_of(number))


def overwrite(table: Table, number: int) -> None:
    table.dynamic_partition_overwrite(rows_of(number).slice(0, 1))


def append_much(table: Table, number: int) -> None:
    same = {"n": pa.repeat(number, LARGE_ROWS), "p": pa.repeat("a", LARGE_ROWS)}
    table.append(pa.table({**same, "x": LARGE}))


@dataclass(frozen=True)
class Write:
    """What is done to a table, and what it counts up to by `n` and `p`."""

    do: Callable[[Table, int], None]
    after: Callable[[dict[Any, int], int], dict[Any, int]]


def with_rows(before: dict[Any, int], number: int) -> dict[Any, int]:
    return {**before, (number, "a"): 1, (number, "b"): 1}


def with_much(before: dict[Any, int], number: int) -> dict[Any, int]:
    return {**before, (number, "a"): LARGE_ROWS}


def with_other_partition(before: dict[Any, int], number: int) -> dict[Any, int]:
    return {key: count for key, count in before.items() if key[1] != "a"} | {(number, "a"): 1}


APPEND = Write(append, with_rows)
OVERWRITE = Write(overwrite, with_other_partition)
APPEND_MUCH = Write(append_much, with_much)


def counted(rows: pa.Table) -> dict[Any, int]:
    """Return how often each row is there."""
    groups = rows.group_by(["n", "p"]).aggregate([([], "count_all")]).to_pylist()
    return {(group["n"], group["p"]): group["count_all"] for group in groups}


class Scene:
    """A table behind a proxy, and what others see of it, who go to the store themselves."""

    def __init__(self, minio: Minio, proxy: FaultProxy, folder: Path, **more: str) -> None:
        """Make the table."""
        self.proxy = proxy
        self.minio = minio
        self.own = {
            "uri": f"sqlite:///{folder}/{uuid.uuid4().hex}.db",
            "warehouse": f"s3://{BUCKET}/{uuid.uuid4().hex}",
            **minio.storage(),
        }
        direct = load_catalog("s3", **self.own, fsync=False)
        direct.create_namespace("db")
        with direct.create_table_transaction("db.t", BASE.schema) as made:
            with made.update_spec() as update:
                update.add_identity("p")
            made.append(BASE)
        self.table = self.open(**{**QUICK, "s3.endpoint": proxy.uri, **more})
        self.seen: dict[Any, int] = counted(BASE)
        self.begun: set[str] = set()
        proxy.forget()

    def open(self, **more: Any) -> Table:
        return load_catalog("s3", **{**self.own, **more}).load_table("db.t")

    def write(self, write: Write, number: int) -> FloeStorageError | None:
        """Write, and check that it is done or not, as the call says."""
        failure = None
        try:
            write.do(self.table, number)
        except FloeStorageError as raised:
            failure = raised
        asked = [request.path for request in self.proxy.requests]
        self.begun |= {unquote(urlsplit(path).path) for path in asked if path.endswith("?uploads")}
        found = counted(self.open(fsync=False).scan(selected_fields=("n", "p")).to_arrow())
        wanted = write.after(self.seen, number) if failure is None else self.seen
        assert found == wanted, (number, failure)
        if failure is not None:
            assert not isinstance(failure, InternalError), failure
            assert f"s3://{BUCKET}/" in str(failure)
        self.seen = found
        return failure

    def strays(self) -> set[str]:
        """Return the files below the table that it does not name, by PyIceberg."""
        theirs = SqlCatalog("s3", **self.own).load_table("db.t")
        assert counted(theirs.scan(selected_fields=("n", "p")).to_arrow()) == self.seen
        names = {
            theirs.metadata_location,
            *(entry.metadata_file for entry in theirs.metadata.metadata_log),
        }
        for snapshot in theirs.snapshots():
            names.add(snapshot.manifest_list)
            for manifest in snapshot.manifests(theirs.io):
                names.add(manifest.manifest_path)
                entries = manifest.fetch_manifest_entry(theirs.io, discard_deleted=True)
                names |= {entry.data_file.file_path for entry in entries}
        named = {name.removeprefix("s3://") for name in names}
        there = files_below(theirs.location(), self.own)
        assert named <= there
        return there - named

    def uploads(self) -> list[Any]:
        """Return the uploads that were begun and are still there; MinIO lists those of one key."""
        own = client("s3", self.minio.s3_endpoint)
        return [
            upload
            for path in self.begun
            for upload in own.list_multipart_uploads(
                Bucket=BUCKET, Prefix=path.removeprefix(f"/{BUCKET}/")
            ).get("Uploads", [])
        ]


@contextmanager
def new_scene(minio: Minio, folder: Path, **more: str) -> Iterator[Scene]:
    """Make a table with a proxy of its own, for a client with more properties."""
    with fault_proxy(minio.s3_endpoint, keeps_host=True) as proxy:
        yield Scene(minio, proxy, folder, **more)


@pytest.fixture
def scene(minio: Minio, tmp_path: Path) -> Iterator[Scene]:
    with new_scene(minio, tmp_path) as scene:
        yield scene


def write_with_fault(
    scene: Scene, write: Write, fault: Fault, times: int, most: int = 1000
) -> list[FloeStorageError | None]:
    """Write with the fault at the first request, then at the second, until there is none."""
    ends: list[FloeStorageError | None] = []
    while len(ends) < most:
        scene.proxy.forget()
        scene.proxy.plan_from(len(ends), fault, times)
        end = scene.write(write, len(ends))
        if not scene.proxy.was_met:
            assert end is None
            break
        ends.append(end)
    return ends


WRITES = pytest.mark.parametrize("write", [APPEND, OVERWRITE], ids=["append", "overwrite"])


@WRITES
@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_is_not_seen(scene: Scene, write: Write, name: str) -> None:
    ends = write_with_fault(scene, write, PASSING[name], 1)
    assert len(ends) > 5
    assert set(ends) == {None}
    assert scene.strays() == set()


@WRITES
@pytest.mark.parametrize("name", LASTING)
def test_a_refusal_undoes_a_write(scene: Scene, write: Write, name: str) -> None:
    ends = write_with_fault(scene, write, LASTING[name], 1)
    assert len(ends) > 5
    assert scene.strays() == set()


@WRITES
@pytest.mark.parametrize("name", FAULTS)
def test_a_store_that_goes_on_failing(scene: Scene, write: Write, name: str) -> None:
    ends = write_with_fault(scene, write, FAULTS[name], FOR_EVER)
    # Where nothing comes back, nothing can be cut off.
    assert (None in ends) == (name == "truncated")
    scene.strays()


@pytest.mark.parametrize("name", PASSING)
def test_an_upload_survives_a_fault_that_passes(scene: Scene, name: str) -> None:
    ends = write_with_fault(scene, APPEND_MUCH, PASSING[name], 1)
    assert set(ends) == {None}
    assert scene.begun
    assert scene.uploads() == []
    assert scene.strays() == set()


@pytest.mark.parametrize("name", ["expired", "disk full"])
def test_an_upload_that_is_refused_is_undone(scene: Scene, name: str) -> None:
    ends = write_with_fault(scene, APPEND_MUCH, LASTING[name], 1)
    # Looking for other uploads of the key may fail, and a file that is read is asked for again.
    assert 0 < ends.count(None) < len(ends) / 2
    assert scene.uploads() == []
    assert scene.strays() == set()


@pytest.mark.parametrize("name", ["reset", "done, and the answer lost", "expired"])
def test_an_upload_to_a_store_that_goes_on_failing(scene: Scene, name: str) -> None:
    write_with_fault(scene, APPEND_MUCH, FAULTS[name], FOR_EVER)
    scene.strays()


@pytest.mark.parametrize(
    ("write", "times"),
    [(APPEND, 1), (OVERWRITE, 1), (OVERWRITE, FOR_EVER)],
    ids=["append, once", "overwrite, once", "overwrite, for ever"],
)
def test_a_server_that_falls_silent(minio: Minio, tmp_path: Path, write: Write, times: int) -> None:
    # One try, where all would wait in vain.
    retries = str(RETRIES if times == 1 else 0)

    def fail(number: int) -> None:
        with new_scene(minio, tmp_path, **{"s3.retry.num-retries": retries}) as scene:
            scene.proxy.plan_from(number, scene.proxy.silence(), times)
            end = scene.write(write, number)
            if times == 1:
                assert end is None
                assert scene.strays() == set()

    with new_scene(minio, tmp_path) as scene:
        scene.write(write, 0)
        count = len(scene.proxy.requests)
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(fail, range(count)))


@WRITES
def test_a_server_that_is_gone(minio: Minio, tmp_path: Path, write: Write) -> None:
    number = 0
    while True:
        with new_scene(minio, tmp_path) as scene:
            scene.proxy.plan_from(number, refuse(), 1)
            end = scene.write(write, number)
            if not scene.proxy.was_met:
                return
            assert end is not None
        number += 1
