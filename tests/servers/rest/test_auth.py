"""Who asks: tokens, passwords and headers, against a real catalog behind a guard of the tests."""

import base64
import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
from fault_proxy import Answer, Ask, FaultProxy, Request, reply
from rest_clients import ROWS

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    InvalidArgumentError,
)
from floe_iceberg import load_catalog

FOREVER = 1_000
MINE = {"token": "mine"}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
CREDENTIALS = "client_credentials"
LONG_AGO = 1_000_000_000


class Guard:
    """Gives numbered tokens, and lets in who has one that was not revoked."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.uri = proxy.uri
        self.proxy = proxy
        self.valid: set[str] = set()
        self.forms: list[dict[str, str]] = []
        self.expires_in: int | None = 3600
        self.exchanges = True
        # Made of the number of a token.
        self.token: Callable[[int], str] = "token-{}".format
        self._numbers = itertools.count(1)
        proxy.plan("POST", "/v1/oauth/tokens", *[self.give] * FOREVER)
        for method in ("GET", "HEAD", "POST", "DELETE"):
            proxy.plan(method, "", *[self.check] * FOREVER)

    def give(self, request: Request, _ask: Ask) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.forms.append(form)
        if form["grant_type"] == EXCHANGE:
            asks = request.headers.get("Authorization")
            if not self.exchanges or asks not in self.valid:
                return Answer(400, b'{"error": "unsupported_grant_type"}')
            assert asks == "Bearer " + form["subject_token"]
        elif form.get("client_secret") != "a:secret&more=":
            return Answer(401, b'{"error": "invalid_client"}')
        token = self.token(next(self._numbers))
        self.valid.add(f"Bearer {token}")
        answer = {"access_token": token, "token_type": "bearer"}
        expiry = {} if self.expires_in is None else {"expires_in": self.expires_in}
        return Answer(200, json.dumps({**answer, **expiry}).encode())

    def check(self, request: Request, ask: Ask) -> Answer:
        if request.headers.get("Authorization") not in self.valid:
            return Answer(401, headers={"WWW-Authenticate": "Bearer"})
        return ask(request)


@pytest.fixture
def guard(proxy: FaultProxy) -> Guard:
    return Guard(proxy)


CREDENTIAL = "ada:a:secret&more="


@pytest.mark.requirement("S-FR-002", "S-FR-006")
def test_client_credentials(guard: Guard) -> None:
    catalog = load_catalog(
        "test",
        uri=guard.uri,
        credential=CREDENTIAL,
        scope="PRINCIPAL_ROLE:ALL",
        audience="lake",
        resource="urn:x",
    )
    catalog.list_namespaces()
    catalog.list_namespaces()
    assert guard.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "ada",
            "client_secret": "a:secret&more=",
            "scope": "PRINCIPAL_ROLE:ALL",
            "audience": "lake",
            "resource": "urn:x",
        }
    ]


@pytest.mark.requirement("S-FR-003")
def test_a_token_and_a_password(guard: Guard) -> None:
    guard.valid = {"Bearer mine", "Basic " + base64.b64encode(b"ada:p:w").decode()}
    load_catalog("test", uri=guard.uri, **MINE).list_namespaces()
    basic = {
        "rest.auth.type": "basic",
        "rest.auth.basic.username": "ada",
        "rest.auth.basic.password": "p:w",
    }
    load_catalog("test", uri=guard.uri, **basic).list_namespaces()
    guard.valid = {"custom"}
    load_catalog("test", uri=guard.uri, **{"header.Authorization": "custom"}).list_namespaces()
    with pytest.raises(CatalogAuthenticationError, match="check property token"):
        load_catalog("test", uri=guard.uri, **{**MINE, "token": "other"})
    assert guard.forms == []


@pytest.mark.requirement("S-FR-004")
def test_a_token_that_is_refused_is_replaced(guard: Guard, namespace: str) -> None:
    catalog = load_catalog("test", uri=guard.uri, credential=CREDENTIAL, fsync=False)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    for _ in range(3):
        guard.valid.clear()
        table.append(ROWS)
        guard.valid.clear()
        assert catalog.table_exists((namespace, "t"))
    assert table.refresh().scan().to_arrow().num_rows == 6
    assert len(guard.forms) == 7


@pytest.mark.requirement("S-FR-004")
def test_a_token_is_replaced_before_it_expires(guard: Guard) -> None:
    guard.expires_in = 0
    catalog = load_catalog("test", uri=guard.uri, credential=CREDENTIAL)
    for _ in range(3):
        catalog.list_namespaces()
    assert len(guard.forms) == 4
    assert guard.proxy.count("GET") == 4  # none was refused


def jwt(expires_at: int, number: int = 0) -> str:
    """Return a token that says when it ends."""
    claims = json.dumps({"sub": "ada", "exp": expires_at, "jti": number}).encode()
    return "e30." + base64.urlsafe_b64encode(claims).decode().rstrip("=") + ".c2lnbmF0dXJl"


def grants(guard: Guard) -> list[str]:
    return [form["grant_type"] for form in guard.forms]


@pytest.mark.requirement("S-FR-004")
def test_a_token_may_say_itself_when_it_ends(guard: Guard) -> None:
    guard.expires_in = None
    guard.token = lambda number: jwt(LONG_AGO, number)
    catalog = load_catalog("test", uri=guard.uri, credential=CREDENTIAL)
    catalog.list_namespaces()
    assert grants(guard) == [CREDENTIALS] * 2
    guard.token = lambda number: jwt(int(time.time()) + 3600, number)
    for _ in range(3):
        catalog.list_namespaces()
    assert grants(guard) == [CREDENTIALS] * 3
    assert guard.proxy.count("GET") == 5  # none was refused


@pytest.mark.requirement("S-FR-004")
def test_a_token_to_begin_with(guard: Guard) -> None:
    catalog = load_catalog("test", uri=guard.uri, credential=CREDENTIAL, token="refused")  # noqa: S106
    assert grants(guard) == [CREDENTIALS]
    ended = jwt(LONG_AGO)
    guard.valid = {f"Bearer {ended}"}
    load_catalog("test", uri=guard.uri, token=ended).list_namespaces()
    assert grants(guard) == [CREDENTIALS]  # the server may see it otherwise
    catalog.list_namespaces()
    assert grants(guard) == [CREDENTIALS] * 2


def test_a_token_is_kept_where_that_is_asked_for(guard: Guard) -> None:
    guard.expires_in = 0
    properties = {"credential": CREDENTIAL, "token-refresh-enabled": "false"}
    catalog = load_catalog("test", uri=guard.uri, **properties)
    catalog.list_namespaces()
    guard.valid.clear()
    with pytest.raises(CatalogAuthenticationError):
        catalog.list_namespaces()
    assert len(guard.forms) == 1


@pytest.mark.requirement("S-FR-004")
def test_threads_share_one_new_token(guard: Guard) -> None:
    catalog = load_catalog("test", uri=guard.uri, credential=CREDENTIAL)
    guard.valid.clear()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: catalog.list_namespaces(), range(64)))
    assert len(guard.forms) == 2


def test_a_server_that_always_refuses_is_asked_twice(guard: Guard) -> None:
    guard.proxy.forget()
    guard.proxy.plan("POST", "", *[reply(200, '{"access_token": "x"}')] * 9)
    guard.proxy.plan("GET", "", *[reply(401)] * 9)
    with pytest.raises(CatalogAuthenticationError):
        load_catalog("test", uri=guard.uri, credential=CREDENTIAL)
    assert guard.proxy.count("GET") == 2
    assert guard.proxy.count("POST") == 2


def test_tokens_can_come_from_elsewhere(guard: Guard, upstream: str) -> None:
    properties = {"oauth2-server-uri": f"{guard.uri}/v1/oauth/tokens", "credential": CREDENTIAL}
    load_catalog("test", uri=upstream, **properties).list_namespaces()
    assert len(guard.forms) == 1
    assert guard.proxy.count("GET") == 0


def test_headers_go_with_every_request(guard: Guard) -> None:
    guard.valid = {"Bearer mine"}
    properties = {"token": "mine", "header.Polaris-Realm": "north", "header.X_Under": "1"}
    load_catalog("test", uri=guard.uri, **properties).list_namespaces()
    for request in guard.proxy.requests:
        assert request.headers["Polaris-Realm"] == "north"
        assert request.headers["X_Under"] == "1"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"uri": "catalog"}, "expected the address of an Iceberg REST catalog"),
        ({"rest.client.max-retries": "many"}, "max-retries of catalog 'test' is 'many'; expected"),
        ({"ssl.verify": "perhaps"}, "ssl.verify of catalog 'test' is 'perhaps'; expected true"),
        ({"rest.auth.type": "kerberos"}, "'kerberos'; this version of floe has none, basic"),
        ({"rest.auth.type": "oauth2"}, "oauth2, which needs a credential or a token"),
        ({"rest.auth.type": "basic"}, "rest.auth.basic.username of catalog 'test' is missing"),
        ({"crednetial": "a:marked-secret"}, "has the unknown property crednetial; known are"),
        ({"header.X-A": "a\r\nX-B: marked-secret"}, "header 'X-A' can't be sent"),
        ({"header.X A": "marked-secret"}, "header 'X A' can't be sent"),
    ],
)
def test_wrong_properties_are_named(properties: dict[str, str], message: str) -> None:
    given = {"uri": "http://127.0.0.1:9", "type": "rest", **properties}
    with pytest.raises(InvalidArgumentError) as raised:
        load_catalog("test", **given)
    assert message in str(raised.value)
    assert "marked-secret" not in str(raised.value)


def test_who_gives_tokens_may_not_be_there(guard: Guard) -> None:
    given = {"credential": "a:b", "oauth2-server-uri": "http://127.0.0.1:9/tokens"}
    with pytest.raises(CatalogConnectionError, match="check property oauth2-server-uri, the net"):
        load_catalog("test", uri=guard.uri, **given, **{"rest.client.max-retries": "0"})
