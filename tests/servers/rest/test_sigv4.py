"""Requests signed by SigV4, before a guard that checks them by AWS's own library."""

import hashlib
import re

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from fault_proxy import Answer, Ask, FaultProxy, Request
from rest_clients import ROWS

from floe_core.errors import InvalidArgumentError, PermissionDeniedError
from floe_iceberg import load_catalog

KEY, SECRET = "AKIDEXAMPLE", "marked-secret/K7MDENG+bPxRfi"
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, SignedHeaders=(?P<names>\S+), Signature=(?P<signature>[0-9a-f]{64})"
)
GIVEN = {
    "rest.sigv4-enabled": "true",
    "rest.signing-region": "eu-west-3",
    "rest.signing-name": "glue",
    "rest.access-key-id": KEY,
    "rest.secret-access-key": SECRET,
}


class Guard:
    """Lets in whose signature is right, and keeps what was signed."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.signed: list[dict[str, str]] = []
        for method in ("GET", "HEAD", "POST", "DELETE"):
            proxy.plan(method, "", *[self.check] * 1_000)

    def check(self, request: Request, ask: Ask) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        parts = SIGNED.fullmatch(headers.get("authorization", ""))
        if parts is None or self.signature(request, headers, parts) != parts["signature"]:
            message = b'{"message": "The request signature we calculated does not match"}'
            return Answer(403, message)
        assert headers["x-amz-content-sha256"] == hashlib.sha256(request.body).hexdigest()
        self.signed.append({**headers, **parts.groupdict()})
        return ask(request)

    def signature(self, request: Request, headers: dict[str, str], parts: re.Match[str]) -> str:
        """Return what AWS's library makes of the request."""
        signer = SigV4Auth(Credentials(KEY, SECRET), parts["service"], parts["region"])
        asked = AWSRequest(
            method=request.method,
            url=f"http://{headers['host']}{request.path}",
            data=request.body,
            headers={name: headers[name] for name in parts["names"].split(";")},
        )
        asked.context["timestamp"] = headers["x-amz-date"]
        to_sign = signer.string_to_sign(asked, signer.canonical_request(asked))
        return str(signer.signature(to_sign, asked))


@pytest.fixture
def guard(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Guard:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "REGION", "DEFAULT_REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    return Guard(proxy)


def test_every_request_is_signed(guard: Guard, namespace: str) -> None:
    catalog = load_catalog("test", uri=guard.proxy.uri, fsync=False, **GIVEN)
    for name in ("t", "a b", "naïve_名", "a;b=c&d+e", "dash-_.~x"):
        table = catalog.create_table((namespace, name), ROWS.schema)
        table.append(ROWS)
        assert catalog.table_exists((namespace, name))
        assert table.refresh().scan().to_arrow().num_rows == 2
        catalog.drop_table((namespace, name))
    catalog.update_namespace_properties(namespace, ["x"], {"a": "b"})
    catalog.create_namespace((namespace, "n n"))
    assert catalog.list_namespaces(namespace) == [(namespace, "n n")]
    assert len(guard.signed) == len(guard.proxy.requests)
    for signed in guard.signed:
        assert (signed["key"], signed["region"], signed["service"]) == (KEY, "eu-west-3", "glue")
        assert {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed["names"].split(";"))


def test_keys_may_come_from_the_environment(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(**more: str) -> dict[str, str]:
        load_catalog("test", uri=guard.proxy.uri, **{"rest.auth.type": "sigv4", **more})
        return guard.signed[-1]

    with pytest.raises(InvalidArgumentError, match="AWS_REGION in the environment"):
        connect()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    with pytest.raises(InvalidArgumentError, match="AWS_ACCESS_KEY_ID in the environment"):
        connect()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "marked-session")
    signed = connect()
    assert (signed["region"], signed["service"]) == ("us-west-2", "execute-api")
    assert signed["x-amz-security-token"] == "marked-session"
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert connect()["region"] == "us-east-2"
    # A pair and its session are of one place.
    own = {name: GIVEN[name] for name in ("rest.access-key-id", "rest.secret-access-key")}
    assert "x-amz-security-token" not in connect(**own)
    with pytest.raises(InvalidArgumentError, match="other half of the pair"):
        connect(**{"rest.access-key-id": KEY})


def test_a_token_goes_along(guard: Guard) -> None:
    load_catalog("test", uri=guard.proxy.uri, token="mine", **GIVEN)  # noqa: S106
    assert guard.signed[0]["original-authorization"] == "Bearer mine"
    assert "original-authorization" in guard.signed[0]["names"]


def test_a_wrong_key_is_told(guard: Guard) -> None:
    wrong = {**GIVEN, "rest.secret-access-key": "wrong-key"}
    with pytest.raises(PermissionDeniedError) as raised:
        load_catalog("test", uri=guard.proxy.uri, **wrong)
    message = str(raised.value)
    assert "signed by key AKIDEXAMPLE for region eu-west-3 and service glue" in message
    assert "rest.secret-access-key" in message
    assert "wrong-key" not in message
    assert len(guard.proxy.requests) == 1
