"""What a catalog lends for a table's files: Nessie and MinIO, each behind a proxy. One lends other
sessions than Nessie does, the other refuses those that have ended, as AWS does."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest
from fault_proxy import Answer, Ask, Fault, FaultProxy, Request, fault_proxy, reply
from minio import BUCKET, Minio
from nessie import Nessie
from pyiceberg.catalog import load_catalog as load_pyiceberg_catalog
from s3_clients import Session, client, new_session
from shared_servers import SharedServers

from floe_core.errors import IcebergError, PermissionDeniedError, StorageAccessError
from floe_iceberg import Catalog, Table, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64())})
KEYS = ("s3.access-key-id", "s3.secret-access-key", "s3.session-token")
ENDPOINT = "client.refresh-credentials-endpoint"
HOUR_MS = 3_600_000
Loan = dict[str, Any]


@pytest.fixture(scope="session")
def nessie(servers: SharedServers) -> Nessie:
    """Return a Nessie that lends credentials for MinIO."""
    return Nessie(**servers.wait("nessie_minio"))


@pytest.fixture
def minio(nessie: Nessie) -> Minio:
    """Return that MinIO."""
    return Minio(nessie.s3_endpoint)


def asked_plainly(request: Request, ask: Ask) -> tuple[Answer, Any]:
    """Return an answer that is not compressed, and its JSON."""
    names = [name for name in request.headers if name.lower() == "accept-encoding"]
    for name in names:
        del request.headers[name]
    answer = ask(request)
    return answer, json.loads(answer.body)


def without_address(request: Request, ask: Ask) -> Answer:
    """Answer with Nessie's configuration, but for its own address."""
    answer, body = asked_plainly(request, ask)
    del body["overrides"]["uri"]
    return Answer(answer.status, json.dumps(body).encode(), answer.headers)


@dataclass
class Lender:
    """What the proxy lends in place of what Nessie does."""

    proxy: FaultProxy
    loan: Callable[[], Loan] | None = None
    lent: int = 0
    asked_for_credentials: list[Request] = field(default_factory=list)

    def table(self, request: Request, ask: Ask) -> Answer:
        """Answer with a table, and a loan of one's own."""
        answer, body = asked_plainly(request, ask)
        if self.loan is not None and "config" in body:
            self.lent += 1
            kept = {name: value for name, value in body["config"].items() if name not in KEYS}
            loan = self.loan()
            body["config"] = kept | loan.get("config", {})
            body["storage-credentials"] = loan.get("storage-credentials", [])
        return Answer(answer.status, json.dumps(body).encode(), answer.headers)

    def credentials(self, request: Request, _ask: Ask) -> Answer:
        """Answer with a loan alone."""
        self.asked_for_credentials.append(request)
        assert self.loan is not None
        return Answer(200, json.dumps(self.loan()).encode())


@pytest.fixture
def lender(nessie: Nessie) -> Iterator[Lender]:
    """Return what stands between floe and Nessie."""
    with fault_proxy(nessie.uri.removesuffix("/iceberg")) as proxy:
        lender = Lender(proxy)
        many: list[Fault] = [lender.credentials] * 100
        proxy.plan("GET", "/config", *[without_address] * 100)
        proxy.plan("GET", "/credentials$", *many)
        proxy.plan("GET", "/tables/[^/]+$", *[lender.table] * 100)
        yield lender


@pytest.fixture
def catalog(nessie: Nessie, lender: Lender) -> Catalog:
    """Return a catalog behind the proxy."""
    return load_catalog("lends", **{**nessie.catalog(), "uri": f"{lender.proxy.uri}/iceberg"})


@pytest.fixture
def table(catalog: Catalog) -> Table:
    """Return a table with four files of three rows."""
    name = f"l{time.time_ns()}"
    catalog.create_namespace(name)
    table = catalog.create_table(f"{name}.t", ROWS.schema)
    for _ in range(4):
        table.append(ROWS)
    return table


class Gate:
    """Sessions of MinIO's, and a proxy that refuses those that have ended."""

    REFUSAL = b"<Error><Code>ExpiredToken</Code><Message>The token has expired.</Message></Error>"

    def __init__(self, proxy: FaultProxy, endpoint: str) -> None:
        """Stand before MinIO at `endpoint`."""
        self.uri = proxy.uri
        self._endpoint = endpoint
        self._open: list[str] = []
        self._ended: list[str] = []
        self._ends_at: str | None = None
        for method in ("HEAD", "GET", "PUT", "POST", "DELETE"):
            proxy.plan(method, "", *[self._pass] * 1000)

    def session(self) -> Session:
        """Return a session of its own."""
        session = new_session(self._endpoint)
        self._open.append(f"Credential={session.key}/")
        return session

    def end(self) -> None:
        """End all sessions so far."""
        self._ended.extend(self._open)

    def end_at(self, words: str) -> None:
        """End them when a request comes with the words in its address."""
        self._ends_at = words

    def _pass(self, request: Request, ask: Ask) -> Answer:
        if self._ends_at is not None and self._ends_at in request.path:
            self._ends_at = None
            self.end()
        signed = request.headers.get("authorization", request.headers.get("Authorization", ""))
        if any(credential in signed for credential in self._ended):
            return Answer(400, self.REFUSAL)
        return ask(request)


@pytest.fixture
def gate(minio: Minio) -> Iterator[Gate]:
    """Return what stands between floe and MinIO."""
    with fault_proxy(minio.s3_endpoint, keeps_host=True) as proxy:
        yield Gate(proxy, minio.s3_endpoint)


def config_of(gate: Gate, **more: str) -> Loan:
    """Return a loan in a table's configuration, with a new session."""
    return {"config": {**gate.session().properties, "s3.endpoint": gate.uri, **more}}


def reload(catalog: Catalog, table: Table, lender: Lender) -> Table:
    """Load the table with what is lent now, and forget what was asked for that."""
    loaded = catalog.load_table(table.name())
    lender.lent = 0
    return loaded


def test_files_are_read_and_written_with_what_is_lent(nessie: Nessie, table: Table) -> None:
    assert table.scan().to_arrow().num_rows == 12
    assert "s3.access-key-id" not in nessie.catalog()


def test_pyiceberg_reads_and_writes_the_same_table(nessie: Nessie, table: Table) -> None:
    theirs = load_pyiceberg_catalog("theirs", **nessie.catalog())
    other = theirs.load_table(table.name())
    assert other.scan().to_arrow().num_rows == 12
    other.append(ROWS)
    assert table.refresh().scan().to_arrow().num_rows == 15


def test_what_is_lent_is_for_one_table(catalog: Catalog, table: Table) -> None:
    other = catalog.create_table(f"{table.name()[0]}.u", ROWS.schema)
    with other.transaction() as transaction:
        transaction.set_properties({"write.data.path": f"{table.location()}/data"})
    with pytest.raises(StorageAccessError, match="the server refuses it"):
        other.append(ROWS)


def test_a_session_that_has_ended_is_asked_for_anew_once(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    lender.loan = lambda: config_of(gate)
    loaded = reload(catalog, table, lender)
    assert loaded.scan().to_arrow().num_rows == 12
    gate.end()
    lender.loan = lambda: config_of(gate)
    assert loaded.scan().to_arrow().num_rows == 12
    assert lender.lent == 1
    loaded.append(ROWS)
    assert loaded.scan().to_arrow().num_rows == 15


def test_a_reader_goes_on_when_its_session_ends(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    lender.loan = lambda: config_of(gate)
    reader = reload(catalog, table, lender).scan().to_arrow_batch_reader()
    first = reader.read_next_batch()
    gate.end()
    lender.loan = lambda: config_of(gate)
    assert first.num_rows + reader.read_all().num_rows == 12


def test_a_session_that_ends_before_a_write_is_asked_for_anew(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    lender.loan = lambda: config_of(gate)
    loaded = reload(catalog, table, lender)
    gate.end()
    lender.loan = lambda: config_of(gate)
    loaded.append(ROWS)
    assert lender.lent == 1
    assert loaded.scan().to_arrow().num_rows == 15


@pytest.mark.parametrize("words", ["partNumber=1", "partNumber=2", "uploadId="])
def test_a_session_that_ends_while_an_object_is_written(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate, minio: Minio, words: str
) -> None:
    name = (table.name()[0], "large")
    large = pa.table({"id": pa.array([os.urandom(1 << 20) for _ in range(11)], pa.binary())})
    catalog.create_table(name, large.schema)
    lender.loan = lambda: config_of(gate)
    loaded = catalog.load_table(name)
    gate.end_at(words)
    lender.loan = lambda: config_of(gate)
    loaded.append(large)
    assert loaded.scan().to_arrow().num_rows == large.num_rows
    (path,) = loaded.inspect.data_files().column("file_path").to_pylist()
    uploads = client("s3", minio.s3_endpoint).list_multipart_uploads(
        Bucket=BUCKET, Prefix=path.removeprefix(f"s3://{BUCKET}/")
    )
    assert uploads.get("Uploads", []) == []


@pytest.mark.parametrize("endpoint", ["relative", "absolute"])
def test_the_server_says_where_new_ones_are(
    catalog: Catalog,
    table: Table,
    lender: Lender,
    gate: Gate,
    endpoint: str,
) -> None:
    begin = "" if endpoint == "relative" else f"{lender.proxy.uri}/iceberg/"
    where = {ENDPOINT: f"{begin}v1/main/of/this/table/credentials"}
    lender.loan = lambda: config_of(gate, **where)
    loaded = reload(catalog, table, lender)
    gate.end()
    new = {
        "storage-credentials": [{"prefix": table.location(), "config": gate.session().properties}]
    }
    lender.loan = lambda: new
    assert loaded.scan().to_arrow().num_rows == 12
    asked = lender.asked_for_credentials
    assert [request.path for request in asked] == ["/iceberg/v1/main/of/this/table/credentials"]
    assert asked[0].headers["Authorization"].startswith("Bearer ")
    assert lender.lent == 0


def test_another_server_is_not_asked(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    with fault_proxy("http://127.0.0.1:9") as other:
        where = {ENDPOINT: f"{other.uri}/credentials"}
        lender.loan = lambda: config_of(gate, **where)
        loaded = reload(catalog, table, lender)
        gate.end()
        lender.loan = lambda: config_of(gate)
        assert loaded.scan().to_arrow().num_rows == 12
        assert other.requests == []
    assert lender.lent == 1


def test_the_longest_prefix_wins(
    catalog: Catalog, table: Table, lender: Lender, minio: Minio
) -> None:
    good = new_session(minio.s3_endpoint).properties
    bad = {**good, "s3.session-token": "bad"}

    def lend(wide: dict[str, str], narrow: dict[str, str]) -> Loan:
        prefixes = {"s3://lake": wide, table.location(): narrow, "s3://lake/n": wide}
        return {
            "config": bad,
            "storage-credentials": [
                {"prefix": prefix, "config": config} for prefix, config in prefixes.items()
            ],
        }

    lender.loan = lambda: lend(bad, good)
    assert reload(catalog, table, lender).scan().to_arrow().num_rows == 12
    assert lender.lent == 0
    lender.loan = lambda: lend(good, bad)
    loaded = reload(catalog, table, lender)
    with pytest.raises(StorageAccessError, match="expired or are not valid"):
        loaded.scan().to_arrow()


def test_what_is_about_to_end_is_asked_for_before_it_is_used(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    near = str(int(time.time() * 1000) + 1)
    lender.loan = lambda: config_of(gate, **{"s3.session-token-expires-at-ms": near})
    loaded = reload(catalog, table, lender)
    far = str(int(time.time() * 1000) + HOUR_MS)
    lender.loan = lambda: config_of(gate, **{"s3.session-token-expires-at-ms": far})
    # Loaded anew, as "not modified" would bring no credentials.
    assert loaded.refresh().scan().to_arrow().num_rows == 12
    assert lender.lent == 1


def test_a_catalog_that_lends_no_more_is_the_catalogs_error(
    catalog: Catalog, table: Table, lender: Lender, gate: Gate
) -> None:
    lender.loan = lambda: config_of(gate)
    loaded = reload(catalog, table, lender)
    gate.end()
    denied = {"error": {"message": "no more", "type": "ForbiddenException", "code": 403}}
    lender.proxy.forget()
    lender.proxy.plan("GET", "/tables/", *[reply(403, json.dumps(denied))] * 50)
    with pytest.raises(PermissionDeniedError, match="get new storage credentials of table"):
        loaded.scan().to_arrow()


def test_what_must_not_be_renewed_is_not(
    nessie: Nessie, table: Table, lender: Lender, gate: Gate
) -> None:
    own = {"uri": f"{lender.proxy.uri}/iceberg", "client.refresh-credentials-enabled": "false"}
    lender.loan = lambda: config_of(gate)
    loaded = reload(load_catalog("x", **{**nessie.catalog(), **own}), table, lender)
    gate.end()
    with pytest.raises(IcebergError) as raised:
        loaded.scan().to_arrow()
    assert type(raised.value) is StorageAccessError
    assert lender.lent == 0


def test_a_session_that_minio_does_not_know_is_asked_for_anew(
    catalog: Catalog, table: Table, lender: Lender, minio: Minio
) -> None:
    good = {"config": new_session(minio.s3_endpoint).properties}
    lender.loan = lambda: {"config": {**good["config"], "s3.session-token": "ended"}}
    loaded = reload(catalog, table, lender)
    lender.loan = lambda: good
    assert loaded.scan().to_arrow().num_rows == 12
    assert lender.lent == 1
