"""Commits through networks that fail: the right error, one request for each commit, every row there
once or not at all, and no file that a table needs removed, nor one left that nobody needs.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from catalog_kinds import Place
from fault_proxy import (
    Answer,
    Ask,
    Fault,
    FaultProxy,
    Request,
    answer_after,
    drop,
    fault_proxy,
    lose_answer,
    reply,
    reset,
    truncate,
)
from rest_clients import QUICK, RETRIES, ROWS

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    CommitStateUnknownError,
    FloeStorageError,
    InvalidArgumentError,
    NoSuchTableError,
    PermissionDeniedError,
)
from floe_iceberg import Table, load_catalog

IMPATIENT = {
    **QUICK,
    "rest.client.socket-timeout-ms": "3000",
    "rest.client.max-response-bytes": "1000000",
}


def answer_with(status: int, body: bytes, **headers: str) -> Fault:
    """Let the server do it, and say something else."""

    def fault(request: Request, ask: Ask) -> Answer:
        ask(request)
        return Answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()})

    return fault


class Scene:
    """A table of two rows, seen through a proxy."""

    def __init__(self, proxy: FaultProxy, place: Place, namespace: str) -> None:
        self.proxy = proxy
        self.place = place
        self.name = (namespace, "t")
        place.open().create_table(self.name, ROWS.schema).append(ROWS)
        self.table: Table = load_catalog("test", uri=proxy.uri, **IMPATIENT).load_table(self.name)
        proxy.forget()

    def on_commit(self, *faults: Fault) -> None:
        self.proxy.plan("POST", "", *faults)

    @property
    def rows(self) -> int:
        """The rows that somebody else finds."""
        return self.place.open().load_table(self.name).scan().to_arrow().num_rows

    @property
    def strays(self) -> set[str]:
        """Data files that no snapshot has."""
        folder = Path(self.table.location().removeprefix("file://")) / "data"
        table = self.place.open().load_table(self.name)
        paths = table.inspect.data_files().column("file_path").to_pylist()
        used = {Path(path.removeprefix("file://")).name for path in paths}
        return {path.name for path in folder.rglob("*.parquet")} - used


@pytest.fixture
def scene(proxy: FaultProxy, place: Place, namespace: str) -> Scene:
    return Scene(proxy, place, namespace)


HUGE = json.dumps({"metadata": "x" * 2_000_000}).encode()
DONE: dict[str, Fault] = {
    "lost": lose_answer(),
    "truncated": truncate(100),
    "reset": reset(100),
    "reset at once": reset(0),
    **{str(status): answer_after(status) for status in (408, 500, 502, 503, 504)},
    "malformed": answer_with(200, b'{"metadata": {"format-version": 2'),
    "another JSON": answer_with(200, b'{"hello": "world"}'),
    "empty": answer_with(200, b""),
    "huge": answer_with(200, HUGE),
    "unpacked huge": answer_with(200, gzip.compress(HUGE), Content_Encoding="gzip"),
    "badly packed": answer_with(200, b"not gzip", Content_Encoding="gzip"),
}


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("fault", DONE)
def test_a_commit_that_was_done_is_found(scene: Scene, fault: str) -> None:
    scene.on_commit(DONE[fault])
    scene.table.append(ROWS)
    assert scene.proxy.count("POST") == 1
    assert scene.table.scan().to_arrow().num_rows == scene.rows == 4
    scene.table.append(ROWS)
    assert scene.rows == 6
    assert len(scene.table.snapshots()) == 3
    assert scene.strays == set()


@pytest.mark.requirement("S-FR-006a")
def test_a_commit_whose_answer_comes_too_late_is_found(scene: Scene) -> None:
    scene.on_commit(scene.proxy.delay(60))
    scene.table.append(ROWS)
    assert scene.proxy.count("POST") == 1
    assert scene.rows == 4


def test_an_answer_that_is_late_is_waited_for(scene: Scene) -> None:
    scene.on_commit(scene.proxy.delay(0.3))
    scene.table.append(ROWS)
    assert [request.method for request in scene.proxy.requests] == ["POST"]
    assert scene.rows == 4


@pytest.mark.requirement("S-FR-006a")
def test_a_commit_that_arrives_after_the_first_look_is_found(scene: Scene) -> None:
    late: list[Request] = []

    def keep(request: Request, _ask: Ask) -> None:
        late.append(request)

    def arrive(request: Request, ask: Ask) -> Answer:
        seen = ask(request)
        ask(late.pop())
        return seen

    scene.on_commit(keep)
    scene.proxy.plan("GET", "", arrive)
    scene.table.append(ROWS)
    assert (scene.proxy.count("POST"), scene.proxy.count("GET")) == (1, 2)
    assert scene.rows == 4
    assert scene.strays == set()


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("fault", [drop(), reply(500), reply(504), reply(408)])
def test_a_commit_in_doubt_keeps_its_files(scene: Scene, fault: Fault) -> None:
    scene.on_commit(*[fault] * 9)
    with pytest.raises(CommitStateUnknownError):
        scene.table.append(ROWS)
    assert scene.proxy.count("POST") == 1
    assert scene.proxy.count("GET") == 4
    assert scene.rows == 2
    assert len(scene.strays) == 1


def denied(status: int, kind: str) -> Fault:
    return reply(status, json.dumps({"error": {"message": "no", "type": kind, "code": status}}))


REFUSED: dict[str, tuple[Fault, type[FloeStorageError]]] = {
    "400": (reply(400), InvalidArgumentError),
    "401": (reply(401), CatalogAuthenticationError),
    "403": (denied(403, "ForbiddenException"), PermissionDeniedError),
    "denied as 500": (denied(500, "AccessCheckException"), PermissionDeniedError),
    "404": (denied(404, "NoSuchTableException"), NoSuchTableError),
    "no catalog": (reply(404, "<html>"), CatalogConnectionError),
    "redirect": (reply(307, Location="http://127.0.0.1:9/"), CatalogConnectionError),
    "found": (reply(302, Location="http://127.0.0.1:9/"), CatalogConnectionError),
    "413": (reply(413), InvalidArgumentError),
}


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("fault", REFUSED)
def test_a_refused_commit_is_sent_once_and_leaves_nothing(scene: Scene, fault: str) -> None:
    answer, error = REFUSED[fault]
    scene.on_commit(*[answer] * 9)
    with pytest.raises(error, match=r"can't commit to table .*\.t of catalog 'test'") as raised:
        scene.table.append(ROWS)
    assert type(raised.value) is error
    assert scene.proxy.count("POST") == 1
    assert scene.rows == 2
    assert scene.strays == set()
    scene.proxy.forget()
    scene.table.append(ROWS)
    assert scene.rows == 4


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("answer", [reply(429), reply(429, Retry_After="0")])
def test_a_busy_server_gets_a_commit_again_until_that_is_enough(
    scene: Scene, answer: Fault
) -> None:
    scene.on_commit(answer, answer)
    scene.table.append(ROWS)
    assert scene.proxy.count("POST") == 3
    scene.proxy.forget()
    scene.on_commit(*[answer] * 9)
    with pytest.raises(CatalogConnectionError, match="too much to do"):
        scene.table.append(ROWS)
    assert scene.proxy.count("POST") == 1 + RETRIES
    assert scene.rows == 4
    assert scene.strays == set()


def test_a_server_that_is_gone_gets_nothing(place: Place, upstream: str, namespace: str) -> None:
    with fault_proxy(upstream) as proxy:
        scene = Scene(proxy, place, namespace)
    calls: list[Callable[[], Any]] = [
        lambda: scene.table.append(ROWS),
        scene.table.refresh,
    ]
    for call in calls:
        with pytest.raises(CatalogConnectionError, match="check property uri, the network"):
            call()
    assert scene.rows == 2
    assert scene.strays == set()


@pytest.mark.requirement("S-FR-004")
def test_a_token_that_ends_while_rows_are_written(scene: Scene) -> None:
    proxy, valid = scene.proxy, {"Bearer token-1"}

    def give(_request: Request, _ask: Ask) -> Answer:
        token = f"token-{proxy.count('POST', '/tokens$')}"
        valid.add(f"Bearer {token}")
        return Answer(200, json.dumps({"access_token": token}).encode())

    def check(request: Request, ask: Ask) -> Answer:
        return ask(request) if request.headers.get("Authorization") in valid else Answer(401)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches()
        valid.clear()
        yield from ROWS.to_batches()

    proxy.plan("POST", "/tokens$", *[give] * 9)
    proxy.plan("POST", "", *[check] * 9)
    proxy.plan("GET", "", *[check] * 9)
    catalog = load_catalog("test", uri=proxy.uri, credential="ada:secret", **IMPATIENT)
    table = catalog.load_table(scene.name)
    table.append(pa.RecordBatchReader.from_batches(ROWS.schema, batches()))
    assert proxy.count("POST", "/tokens$") == 2
    assert proxy.count("POST", "/t$") == 2
    assert scene.rows == 6
    assert len(table.snapshots()) == 2
    assert scene.strays == set()
