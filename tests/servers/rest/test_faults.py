"""What networks and servers do to a REST catalog's client: the right error, a bounded number of
requests, nothing lost, nothing doubled.
"""

import gzip

import pytest
from catalog_kinds import Place
from fault_proxy import (
    Fault,
    FaultProxy,
    answer_after,
    ask_twice,
    drop,
    lose_answer,
    reply,
    truncate,
)
from rest_clients import QUICK, RETRIES, ROWS, connect

from floe_core.errors import (
    CatalogConnectionError,
    CommitStateUnknownError,
    CorruptFileError,
    FloeStorageError,
    InvalidArgumentError,
    NoSuchTableError,
    PermissionDeniedError,
)
from floe_iceberg import Catalog, Table, load_catalog


def make_table(catalog: Catalog, namespace: str, proxy: FaultProxy) -> Table:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    proxy.forget()
    return table


def row_count(place: Place, namespace: str) -> int:
    """Return the rows of the table, asked for without the proxy."""
    return place.open().load_table((namespace, "t")).scan().to_arrow().num_rows


PASSING = {
    "429": reply(429),
    "502": reply(502, "<html>bad gateway</html>"),
    "503": reply(503, Retry_After="0"),
    "504": reply(504),
    "dropped": drop(),
    "lost": lose_answer(),
    "truncated": truncate(10),
}


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("fault", PASSING)
def test_a_call_that_can_be_repeated_is(proxy: FaultProxy, namespace: str, fault: str) -> None:
    catalog = connect(proxy)
    make_table(catalog, namespace, proxy)
    proxy.plan("GET", "", PASSING[fault], PASSING[fault])
    assert catalog.list_tables(namespace) == [(namespace, "t")]
    assert proxy.count("GET") == 3
    proxy.forget()
    proxy.plan("GET", "", PASSING[fault])
    assert catalog.load_table((namespace, "t")).scan().to_arrow().num_rows == 2
    assert proxy.count("GET") == 2


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("fault", PASSING)
def test_retries_come_to_an_end(proxy: FaultProxy, namespace: str, fault: str) -> None:
    catalog = connect(proxy)
    proxy.plan("GET", "", *[PASSING[fault]] * 100)
    with pytest.raises(
        CatalogConnectionError, match=rf"can't list tables of namespace {namespace}"
    ):
        catalog.list_tables(namespace)
    # libcurl's own: on a kept connection that ends, it tries a new one.
    by_libcurl = 1 if fault in ("dropped", "lost") else 0
    assert proxy.count("GET") == 1 + RETRIES + by_libcurl


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidArgumentError),
        (403, PermissionDeniedError),
        (404, CatalogConnectionError),
        (500, CatalogConnectionError),
        (302, CatalogConnectionError),
    ],
)
def test_a_verdict_is_not_asked_for_twice(
    proxy: FaultProxy, namespace: str, status: int, error: type[FloeStorageError]
) -> None:
    catalog = connect(proxy)
    proxy.plan("GET", "", *[reply(status, Location="http://127.0.0.1:1/")] * 10)
    with pytest.raises(error, match=f"the server answers {status}") as raised:
        catalog.load_table((namespace, "t"))
    assert raised.value.http_status == status
    assert raised.value.table == f"{namespace}.t"
    assert proxy.count("GET") == 1


@pytest.mark.parametrize("fault", [lose_answer(), drop(), reply(503), reply(504)])
def test_what_is_made_is_asked_for_once(proxy: FaultProxy, namespace: str, fault: Fault) -> None:
    catalog = connect(proxy)
    proxy.plan("POST", "", *[fault] * 10)
    with pytest.raises(CatalogConnectionError, match="can't create table"):
        catalog.create_table((namespace, "t"), ROWS.schema)
    assert proxy.count("POST") == 1


def test_a_busy_server_is_asked_again_whatever_it_is_asked(
    proxy: FaultProxy, namespace: str
) -> None:
    catalog = connect(proxy)
    proxy.plan("POST", "", reply(429, Retry_After="0"), reply(429))
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    proxy.plan("POST", "/t$", reply(429))
    table.append(ROWS)
    assert proxy.count("POST") == 5
    assert table.scan().to_arrow().num_rows == 2


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize(
    "fault",
    [lose_answer(), truncate(100), *[answer_after(status) for status in (500, 502, 503, 504)]],
)
def test_a_commit_whose_answer_is_lost_is_found(
    proxy: FaultProxy, place: Place, namespace: str, fault: Fault
) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    proxy.plan("POST", "", fault)
    table.append(ROWS)
    assert proxy.count("POST") == 1
    assert table.scan().to_arrow().num_rows == 4
    assert row_count(place, namespace) == 4
    table.append(ROWS)
    assert row_count(place, namespace) == 6


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (drop(), "the server ended the connection before it answered"),
        (reply(500), "the server answers 500"),
        (reply(503), "the server answers 503"),
    ],
)
def test_a_commit_that_can_not_be_found_is_unknown(
    proxy: FaultProxy, place: Place, namespace: str, fault: Fault, why: str
) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    # On a kept connection, too: libcurl would send it again.
    proxy.plan("POST", "", *[fault] * 10)
    with pytest.raises(CommitStateUnknownError, match="look for its snapshot") as raised:
        table.append(ROWS)
    assert why in str(raised.value)
    assert raised.value.snapshot_id is not None
    assert proxy.count("POST") == 1
    assert row_count(place, namespace) == 2


@pytest.mark.requirement("S-FR-006a")
def test_a_commit_that_a_proxy_repeats_is_there_once(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    proxy.plan("POST", "", ask_twice())
    table.append(ROWS)
    assert proxy.count("POST") == 1
    assert row_count(place, namespace) == 4
    assert len(table.snapshots()) == 2
    # The last try that there is, too: its files stay.
    table.set_properties({"commit.retry.num-retries": "0"})
    proxy.plan("POST", "", ask_twice())
    table.append(ROWS)
    assert row_count(place, namespace) == 6


def test_a_commit_that_meets_a_rival_is_made_again(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    place.open().load_table((namespace, "t")).append(ROWS)
    table.append(ROWS)
    assert row_count(place, namespace) == 6


def test_a_conflict_is_one_whatever_its_status(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    place.open().load_table((namespace, "t")).append(ROWS)
    stale = '{"error": {"message": "old sequence number", "type": "ValidationException"}}'
    proxy.plan("POST", "", reply(400, stale))
    table.append(ROWS)
    assert row_count(place, namespace) == 6


def test_a_refused_commit_leaves_nothing(proxy: FaultProxy, place: Place, namespace: str) -> None:
    table = make_table(connect(proxy), namespace, proxy)
    denied = '{"error": {"message": "no writing", "type": "AccessCheckException", "code": 500}}'
    for answer, error in (
        (reply(500, denied), PermissionDeniedError),
        (reply(403), PermissionDeniedError),
        (reply(400), InvalidArgumentError),
    ):
        proxy.forget()
        proxy.plan("POST", "", answer)
        with pytest.raises(error):
            table.append(ROWS)
        assert proxy.count("POST") == 1
    assert row_count(place, namespace) == 2


def test_a_drop_whose_answer_is_lost_is_done(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy)
    make_table(catalog, namespace, proxy)
    proxy.plan("DELETE", "", lose_answer())
    catalog.drop_table((namespace, "t"))
    assert proxy.count("DELETE") == 2  # the second finds nothing
    with pytest.raises(NoSuchTableError):
        catalog.drop_table((namespace, "t"))


NONSENSE = {
    "html": reply(200, "<html>welcome</html>"),
    "empty": reply(200),
    "other json": reply(200, '{"hello": "world"}'),
    "list": reply(200, "[1, 2]"),
    "open": reply(200, '{"metadata": {"format-version": 2'),
    "deep": reply(200, '{"metadata":' + "[" * 100_000),
    "wrong type": reply(200, '{"metadata-location": 5}'),
}


@pytest.mark.parametrize("answer", NONSENSE)
def test_an_answer_that_is_none_of_a_catalog(
    proxy: FaultProxy, namespace: str, answer: str
) -> None:
    catalog = connect(proxy)
    proxy.plan("GET", "", *[NONSENSE[answer]] * 3)
    with pytest.raises(CatalogConnectionError, match="is an Iceberg REST catalog there"):
        catalog.load_table((namespace, "t"))
    if answer != "open":
        with pytest.raises(CatalogConnectionError, match="is an Iceberg REST catalog there"):
            load_catalog("test", uri=proxy.uri, **QUICK)


def test_damaged_metadata_is_named(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy)
    body = '{"metadata-location": "file:///m.json", "metadata": {"format-version": 2}}'
    proxy.plan("GET", "", reply(200, body))
    with pytest.raises(CorruptFileError, match=r"file:///m\.json"):
        catalog.load_table((namespace, "t"))


def test_an_answer_may_not_be_of_any_size(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy, **{"rest.client.max-response-bytes": "100000"})
    for body, headers in (
        (b" " * 200_000, {}),
        (gzip.compress(b" " * 10_000_000), {"Content_Encoding": "gzip"}),
    ):
        proxy.forget()
        proxy.plan("GET", "", reply(200, body, **headers))
        with pytest.raises(CatalogConnectionError, match=r"see property rest\.client\.max-resp"):
            catalog.load_table((namespace, "t"))
        assert proxy.count("GET") == 1


def test_a_silent_server_is_left(proxy: FaultProxy, namespace: str) -> None:
    once = {"rest.client.max-retries": "0"}
    # That of a call, whatever the number of its tries.
    catalog = connect(proxy, **{"rest.client.total-timeout-ms": "1000"})
    proxy.plan("GET", "", *[proxy.silence()] * 10)
    with pytest.raises(
        CatalogConnectionError, match=r"see properties rest\.client\.connection-time"
    ):
        catalog.list_tables(namespace)
    assert proxy.count("GET") == 1
    proxy.forget()
    quiet = connect(proxy, **once, **{"rest.client.socket-timeout-ms": "1000"})
    proxy.plan("GET", "", *[proxy.silence()] * 10)
    with pytest.raises(CatalogConnectionError, match="the server was silent for 1000 ms"):
        quiet.list_tables(namespace)


def test_a_wait_that_would_take_too_long_is_none(proxy: FaultProxy, namespace: str) -> None:
    waits = {"rest.client.retry.max-wait-ms": "20000", "rest.client.total-timeout-ms": "10000"}
    catalog = connect(proxy, **waits)
    proxy.plan("GET", "", reply(503, Retry_After="15"))
    with pytest.raises(CatalogConnectionError, match="the server answers 503"):
        catalog.list_tables(namespace)
    assert proxy.count("GET") == 1


def test_nobody_is_there() -> None:
    with pytest.raises(CatalogConnectionError, match="check property uri, the network and prox"):
        load_catalog("test", uri="http://127.0.0.1:9/", **QUICK)
    with pytest.raises(CatalogConnectionError, match=r"no-such-host\.invalid"):
        load_catalog("test", uri="http://no-such-host.invalid/", **QUICK)


def test_lists_come_in_pages(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy, **{"rest-page-size": "2"})
    for name in "abcde":
        catalog.create_namespace((namespace, name))
        catalog.create_table((namespace, name), ROWS.schema)
    proxy.forget()
    assert [name for _, name in catalog.list_namespaces(namespace)] == list("abcde")
    assert [name for _, name in catalog.list_tables(namespace)] == list("abcde")
    assert proxy.count("GET", "pageSize=2") == 6


def test_a_page_that_comes_again_ends_the_list(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy)
    proxy.plan("GET", "", *[reply(200, '{"identifiers": [], "next-page-token": "x"}')] * 10)
    with pytest.raises(CatalogConnectionError, match="the same page again"):
        catalog.list_tables(namespace)
    assert proxy.count("GET") == 2
