"""What a REST catalog's client asks for, and how often; counted at a proxy before a real server."""

import json
import queue
import re
from typing import Any

import pytest
from catalog_kinds import Place
from fault_proxy import Answer, Ask, Fault, FaultProxy, Request, lose_answer, reply
from rest_clients import QUICK, ROWS, connect

from floe_core.errors import CommitStateUnknownError, UnsupportedError
from floe_iceberg import Catalog, Table, load_catalog


def rival(place: Place, namespace: str, name: str = "t") -> Table:
    return place.open().load_table((namespace, name))


def asked(proxy: FaultProxy) -> list[str]:
    """Return the methods and last parts of paths, and forget them."""
    found = [f"{r.method} {re.sub(r'.*/', '', r.path)}" for r in proxy.requests]
    proxy.forget()
    return found


def body_of(request: Request, ask: Ask) -> tuple[Answer, dict[str, Any]]:
    """Return the server's answer, and what it says."""
    request.headers.pop("Accept-Encoding", None)
    answer = ask(request)
    return answer, json.loads(answer.body)


def changed(change: dict[str, Any], *, without: tuple[str, ...] = ()) -> Fault:
    """Let the server's answer say something else."""

    def fault(request: Request, ask: Ask) -> Answer:
        answer, said = body_of(request, ask)
        body = {key: value for key, value in said.items() if key not in without}
        return Answer(answer.status, json.dumps({**body, **change}).encode(), answer.headers)

    return fault


def test_requests_of_each_operation(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    assert asked(proxy) == ["POST tables"]
    table.append(ROWS)
    assert asked(proxy) == ["POST t"]
    catalog.load_table((namespace, "t"))
    assert asked(proxy) == ["GET t"]
    table.scan().to_arrow()
    table.snapshots()
    assert asked(proxy) == []
    table.refresh()
    assert asked(proxy) == ["GET t"]
    with table.transaction() as transaction:
        transaction.append(ROWS)
        transaction.set_properties({"a": "1"})
    assert asked(proxy) == ["POST t"]
    with catalog.create_table_transaction((namespace, "u"), ROWS.schema) as new:
        new.append(ROWS)
    assert asked(proxy) == ["POST tables", "POST u"]
    catalog.rename_table((namespace, "u"), (namespace, "v"))
    assert asked(proxy) == ["POST rename", "GET v"]
    catalog.drop_table((namespace, "v"))
    assert asked(proxy) == ["DELETE v?purgeRequested=false"]
    catalog.list_tables(namespace)
    catalog.table_exists((namespace, "t"))
    catalog.namespace_exists(namespace)
    assert asked(proxy) == ["GET tables", "HEAD t", f"HEAD {namespace}"]
    catalog.purge_table((namespace, "t"))
    assert asked(proxy) == ["DELETE t?purgeRequested=true"]


def test_what_has_not_changed_is_not_sent_again(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    catalog = connect(proxy)
    catalog.create_table((namespace, "t"), ROWS.schema)
    table = catalog.load_table((namespace, "t"))
    proxy.forget()
    before = table.metadata_location
    statuses: list[int] = []

    def note(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        statuses.append(answer.status)
        return answer

    proxy.plan("GET", "/t$", *[note] * 3)
    table.refresh()
    assert table.metadata_location == before
    rival(place, namespace).append(ROWS)
    table.refresh()
    assert table.scan().to_arrow().num_rows == 2
    table.refresh()
    assert statuses == [304, 200, 304]
    assert all(request.headers.get("If-None-Match") for request in proxy.requests)
    # Not modified, but what is vended is about to end: what is new comes with all.
    ends = {"config": {"s3.session-token-expires-at-ms": "1"}}
    proxy.forget()
    proxy.plan("GET", "/t$", changed(ends))
    table = catalog.load_table((namespace, "t"))
    table.refresh()
    assert [request.headers.get("If-None-Match") for request in proxy.requests] == [None, None]


def endpoints(*gone: str) -> Fault:
    """Let the server list its endpoints, without some."""

    def fault(request: Request, ask: Ask) -> Answer:
        _, body = body_of(request, ask)
        body["endpoints"] = [text for text in body["endpoints"] if text not in gone]
        return Answer(200, json.dumps(body).encode())

    return fault


def test_only_what_is_offered_is_asked_for(proxy: FaultProxy, namespace: str) -> None:
    proxy.plan(
        "GET",
        "/config",
        endpoints(
            "POST /v1/{prefix}/transactions/commit",
            "HEAD /v1/{prefix}/namespaces/{namespace}",
            "POST /v1/{prefix}/tables/rename",
        ),
    )
    catalog = connect(proxy)
    tables = [catalog.create_table((namespace, name), ROWS.schema) for name in "ab"]
    transactions = [table.transaction() for table in tables]
    for transaction in transactions:
        transaction.append(ROWS)
    proxy.forget()
    with pytest.raises(UnsupportedError, match=r"'POST /v1/\{prefix\}/transactions/commit' is not"):
        catalog.commit_transactions(transactions)
    with pytest.raises(UnsupportedError, match="tables/rename"):
        catalog.rename_table((namespace, "a"), (namespace, "c"))
    assert asked(proxy) == []
    assert catalog.namespace_exists(namespace)
    assert asked(proxy) == [f"GET {namespace}"]


def test_a_list_of_endpoints_may_lack_slashes_and_prefixes(
    proxy: FaultProxy, namespace: str
) -> None:
    def shorten(request: Request, ask: Ask) -> Answer:
        _, body = body_of(request, ask)
        body["endpoints"] = [text.replace(" /v1/{prefix}", " v1") for text in body["endpoints"]]
        return Answer(200, json.dumps(body).encode())

    proxy.plan("GET", "/config", shorten)
    catalog = connect(proxy)
    catalog.create_table((namespace, "t"), ROWS.schema)
    assert catalog.table_exists((namespace, "t"))
    assert asked(proxy) == ["POST tables", "HEAD t"]


def test_a_server_without_a_list_is_asked_for_everything(proxy: FaultProxy, namespace: str) -> None:
    proxy.plan("GET", "/config", changed({}, without=("endpoints",)))
    catalog = connect(proxy)
    catalog.create_table((namespace, "t"), ROWS.schema)
    assert catalog.table_exists((namespace, "t"))
    assert asked(proxy) == ["POST tables", "GET t"]


def test_separators_are_the_servers(proxy: FaultProxy, namespace: str) -> None:
    for overrides, separator in (({}, "%1F"), ({"namespace-separator": "%2E"}, "%2E")):
        proxy.forget()
        proxy.plan("GET", "/config", changed({"overrides": overrides}))
        proxy.plan("HEAD", "", reply(404))
        catalog = load_catalog("test", uri=proxy.uri, **QUICK)
        assert not catalog.namespace_exists((namespace, "b"))
        assert proxy.requests[-1].path.endswith(f"/{namespace}{separator}b")


def test_the_pages_that_the_server_announces(proxy: FaultProxy, namespace: str) -> None:
    proxy.plan("GET", "/config", changed({"defaults": {"rest-page-size": "2"}}))
    catalog = connect(proxy)
    for name in "abc":
        catalog.create_table((namespace, name), ROWS.schema)
    proxy.forget()
    assert len(catalog.list_tables(namespace)) == 3
    assert proxy.count("GET", "pageSize=2") == 2


def many_snapshots(catalog: Catalog, namespace: str) -> list[int]:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    ids = []
    for _ in range(3):
        table.append(ROWS)
        snapshot = table.current_snapshot()
        assert snapshot is not None
        ids.append(snapshot.snapshot_id)
    return ids


def test_only_snapshots_of_refs_are_loaded_at_first(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    ids = many_snapshots(connect(proxy), namespace)
    catalog = connect(proxy, **{"snapshot-loading-mode": "refs"})
    table = catalog.load_table((namespace, "t"))
    assert asked(proxy) == ["GET t?snapshots=refs"]
    assert table.scan().to_arrow().num_rows == 6
    assert table.snapshot_by_id(ids[2]) is not None
    assert len(table.history()) == 3
    table.append(ROWS)
    assert asked(proxy) == ["POST t"]
    # The past is loaded when it is asked for.
    table = catalog.load_table((namespace, "t"))
    scan = table.scan(snapshot_id=ids[0])
    snapshot = scan.snapshot()
    assert snapshot is not None
    assert snapshot.snapshot_id == ids[0]
    assert scan.to_arrow().num_rows == 2
    assert asked(proxy) == ["GET t?snapshots=refs", "GET t?snapshots=all"]
    assert len(table.snapshots()) == 4
    assert len(table.snapshots()) == 4
    assert asked(proxy) == ["GET t?snapshots=all"]
    table = catalog.load_table((namespace, "t"))
    assert table.inspect.snapshots().num_rows == 4
    table.manage_snapshots().create_tag(ids[1], "old").commit()
    assert rival(place, namespace).refs()["old"].snapshot_id == ids[1]
    table = catalog.load_table((namespace, "t"))
    with table.transaction() as transaction:
        transaction.append(ROWS)
        with transaction.manage_snapshots() as refs:
            refs.rollback_to_snapshot(ids[0])
    assert rival(place, namespace).scan().to_arrow().num_rows == 2


def test_a_table_without_its_past_is_written_as_safely(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    many_snapshots(connect(proxy), namespace)
    catalog = connect(proxy, **{"snapshot-loading-mode": "refs"})
    table = catalog.load_table((namespace, "t"))
    rival(place, namespace).append(ROWS)
    table.append(ROWS)  # meets the rival's
    # Lost, done, and followed by another commit: it is found in the past.
    table = catalog.load_table((namespace, "t"))

    def overtake(request: Request, ask: Ask) -> None:
        ask(request)
        rival(place, namespace).append(ROWS)

    proxy.plan("POST", "/t$", overtake)
    table.append(ROWS)
    assert rival(place, namespace).scan().to_arrow().num_rows == 14


KEYS = changed({"idempotency-key-lifetime": "PT30M"})


def keys(proxy: FaultProxy) -> list[str | None]:
    return [request.headers.get("Idempotency-Key") for request in proxy.requests]


def test_calls_have_keys_where_the_server_keeps_them(proxy: FaultProxy, namespace: str) -> None:
    connect(proxy).create_namespace((namespace, "a"))
    assert keys(proxy) == [None]
    proxy.forget()
    proxy.plan("GET", "/config", KEYS)
    catalog = connect(proxy)
    catalog.create_namespace((namespace, "b"))
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    catalog.drop_table((namespace, "t"))
    sent = keys(proxy)
    assert len(set(sent)) == 4
    for key in sent:
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key or ""
        )
    proxy.forget()
    catalog.list_tables(namespace)
    assert keys(proxy) == [None]


def replay() -> tuple[Fault, Fault]:
    """Do a call and lose the answer; give it when the call comes again, as the key promises."""
    kept: dict[str, Answer] = {}

    def first(request: Request, ask: Ask) -> None:
        kept[request.headers["Idempotency-Key"]] = ask(request)

    def second(request: Request, _ask: Ask) -> Answer:
        return kept[request.headers["Idempotency-Key"]]

    return first, second


@pytest.mark.requirement("S-FR-006a")
def test_a_call_with_a_key_is_repeated(proxy: FaultProxy, place: Place, namespace: str) -> None:
    proxy.plan("GET", "/config", KEYS)
    catalog = connect(proxy)
    proxy.plan("POST", "/tables$", *replay())
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    proxy.plan("POST", "/t$", *replay())
    table.append(ROWS)
    assert proxy.count("POST") == 4
    assert proxy.count("GET") == 0
    assert len(set(keys(proxy))) == 2
    assert rival(place, namespace).scan().to_arrow().num_rows == 2
    # A server that forgets its keys does no harm: the commit is found, once.
    proxy.forget()
    proxy.plan("POST", "/t$", lose_answer())
    table.append(ROWS)
    assert rival(place, namespace).scan().to_arrow().num_rows == 4


def test_a_joint_commit_whose_answer_is_lost_is_found(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    catalog = connect(proxy)
    tables = [catalog.create_table((namespace, name), ROWS.schema) for name in "ab"]
    for fault, error in ((lose_answer(), None), (reply(503), CommitStateUnknownError)):
        transactions = [table.transaction() for table in tables]
        for transaction in transactions:
            transaction.append(ROWS)
        proxy.forget()
        proxy.plan("POST", "/commit$", fault)
        if error is None:
            catalog.commit_transactions(transactions)
        else:
            with pytest.raises(error, match=r"a commit to tables ns_\w+\.a, ns_\w+\.b happened"):
                catalog.commit_transactions(transactions)
        assert proxy.count("POST") == 1
        for name in "ab":
            assert rival(place, namespace, name).scan().to_arrow().num_rows == 2


def test_a_creation_whose_answer_is_lost_is_found(
    proxy: FaultProxy, place: Place, namespace: str
) -> None:
    catalog = connect(proxy)
    proxy.plan("POST", "/t$", lose_answer())
    with catalog.create_table_transaction((namespace, "t"), ROWS.schema) as new:
        new.append(ROWS)
    assert rival(place, namespace).scan().to_arrow().num_rows == 2
    proxy.forget()
    proxy.plan("POST", "/u$", reply(503))
    with (
        pytest.raises(CommitStateUnknownError),
        catalog.create_table_transaction((namespace, "u"), ROWS.schema) as new,
    ):
        new.append(ROWS)
    assert proxy.count("POST", "/u$") == 1


def test_the_server_hears_what_was_read_and_written(proxy: FaultProxy, namespace: str) -> None:
    heard: queue.Queue[tuple[str, Any, int]] = queue.Queue()

    def note(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        heard.put((request.path, json.loads(request.body), answer.status))
        return answer

    catalog = connect(proxy, **{"rest-metrics-reporting-enabled": "true"})
    proxy.plan("POST", "/metrics$", *[note] * 3)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    path, report, status = heard.get(timeout=30)
    assert path.endswith("/t/metrics")
    assert status == 204  # the server has read it as what it is
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert report["report-type"] == "commit-report"
    assert report["snapshot-id"] == snapshot.snapshot_id
    assert report["operation"] == "append"
    assert report["metrics"]["added-records"] == {"unit": "count", "value": 2}
    assert report["metrics"]["attempts"]["value"] == 1
    secret = 987654321
    table.scan(f"id < {secret} and id not in (5, {secret})", selected_fields=("id",)).to_arrow()
    _, report, status = heard.get(timeout=30)
    assert status == 204
    assert report["report-type"] == "scan-report"
    assert report["table-name"] == f"{namespace}.t"
    assert report["projected-field-names"] == ["id"]
    assert report["metrics"]["result-data-files"]["value"] == 1
    assert report["filter"]["left"] == {"type": "lt", "term": "id", "value": "(value)"}
    assert report["filter"]["right"]["values"] == ["(2 values)"]
    assert str(secret) not in json.dumps(report)


def test_reports_disturb_nobody(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy, **{"rest-metrics-reporting-enabled": "true"})
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    for fault in (reply(500), reply(403), lose_answer(), proxy.silence()):
        proxy.plan("POST", "/metrics$", *[fault] * 2)
        table.append(ROWS)
    assert table.scan().to_arrow().num_rows == 8
    proxy.forget()
    # Nor are they sent to who does not want them.
    quiet = connect(proxy)
    quiet.load_table((namespace, "t")).scan().to_arrow()
    proxy.plan(
        "GET",
        "/config",
        endpoints("POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics"),
    )
    other = connect(proxy, **{"rest-metrics-reporting-enabled": "true"})
    other.load_table((namespace, "t")).append(ROWS)
    del other
    assert proxy.count("POST", "/metrics$") == 0
