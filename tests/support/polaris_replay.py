"""Asks a server what a real Polaris was asked, in the order of the recording, and compares.

What differs from run to run (ids, times, secrets, tokens) is learned from the answers, and put into
the requests that come later.
"""

import base64
import contextlib
import gzip
import http.client
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Values that no two runs share; only whether there is one is compared.
_OWN = {
    "access_token",
    "clientId",
    "clientSecret",
    "createTimestamp",
    "created-at",
    "last-updated-ms",
    "lastUpdateTimestamp",
    "next-page-token",
    "s3.access-key-id",
    "s3.secret-access-key",
    "s3.session-token",
    "s3.session-token-expires-at-ms",
    "timestamp-ms",
}
_BIG_BODY = '{"namespace":["big"],"properties":{"p":"' + "v" * 11_000_000 + '"}}'
_HEADERS = ("etag", "www-authenticate", "allow")
_SHOWN = 160

Answer = tuple[int, dict[str, str], Any]


class Replay:
    """A conversation with one server."""

    def __init__(self, address: str, root: tuple[str, str]) -> None:
        """Sign in at `address` as `root`, its id and secret."""
        self._host = urlsplit(address).netloc
        self._root = root
        self._learned: dict[str, str] = {}
        self._principals: dict[str, tuple[str, str]] = {"root": root}
        self._tokens: dict[str, str] = {}

    def set_up(self, line: str, who: str, body: Any, learn: Any) -> None:
        """Do what the recording needs and does not have; raises RuntimeError."""
        headers = {"Authorization": f"Bearer <TOKEN:{who}>", "Content-Type": "application/json"}
        status, _, answer = self.ask(f"{line} HTTP/1.1", headers, body)
        if status >= http.client.BAD_REQUEST:
            message = f"{line}: {status} {answer}"
            raise RuntimeError(message)
        self._keep_secret(answer)
        if learn is not None:
            self._learn(learn, answer)

    def keep_token(self, who: str) -> None:
        """Go on with the token of `who`, whatever becomes of it."""
        self._token(who)

    def differences(self, exchange: dict[str, Any]) -> list[str]:
        """Ask what was asked; return how the answer differs."""
        request, recorded = exchange["request"], exchange["response"]
        headers = dict(request["headers"])
        if exchange["name"] == "auth-tampered":
            headers["Authorization"] = f"Bearer {self._token('root')}x"
        if exchange["name"] == "auth-token-of-other-server":
            headers["Authorization"] = "Bearer eyJhbGciOiJub25lIn0.other.server"
        if exchange["name"] == "auth-token-unknown-role-list-catalogs":
            token = self._new_token("root", "PRINCIPAL_ROLE:doesnotexist")
            headers["Authorization"] = f"Bearer {token}"
        status, found, body = self.ask(request["line"], headers, request["body"])
        self._keep_secret(body)
        if status != recorded["status"]:
            return [f"status {recorded['status']}, here {status}"]
        theirs = {name.lower(): value for name, value in recorded["headers"]}
        problems = [
            f"{name} {theirs.get(name, 'is not there')}, here {found.get(name, 'not there')}"
            for name in _HEADERS
            if not _same_header(theirs.get(name), found.get(name))
        ]
        if "etag" in theirs and "etag" in found:
            self._learned[theirs["etag"]] = found["etag"]
        if isinstance(recorded["body"], str) and recorded["body"].startswith("<binary"):
            return problems
        self._learn(recorded["body"], body)
        return problems + list(_compare("", recorded["body"] or None, body))

    def ask(self, line: str, headers: dict[str, str], body: Any) -> Answer:
        """Send a request as it was recorded, placeholders filled in."""
        method, target, _ = line.split(" ")
        raw = None
        if body is not None:
            raw = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            raw = _BIG_BODY if raw.startswith("<JSON") else self._filled(raw)
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.putrequest(method, self._filled(target), skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, self._filled(value))
            if raw is not None:
                connection.putheader("Content-Length", str(len(raw.encode())))
            connection.endheaders()
            with contextlib.suppress(OSError):  # some bodies are not read; the answer is there
                connection.send(b"" if raw is None else raw.encode())
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            content = response.read()
        finally:
            connection.close()
        if found.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return response.status, found, json.loads(content) if content else None

    def _filled(self, text: str) -> str:
        """Return text of the recording with this run's values."""
        if "<" in text:
            text = re.sub("<TOKEN:([a-z0-9]+)>", lambda found: self._token(found[1]), text)
            text = text.replace("<ROOT_SECRET>", self._root[1])
            basic = base64.b64encode(":".join(self._root).encode()).decode()
            text = text.replace("<BASE64 root:ROOT_SECRET>", basic)
            text = text.replace("<30000 x 'x'>", "x" * 30_000)
            if "<JWT>" in text:
                text = text.replace("<JWT>", self._token("root"))
        for theirs, own in self._learned.items():
            text = text.replace(theirs, own)
        return text

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            self._tokens[who] = self._new_token(who, "PRINCIPAL_ROLE:ALL")
        return self._tokens[who]

    def _new_token(self, who: str, scope: str) -> str:
        client_id, secret = self._principals[who]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = (
            f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
            f"&scope={scope}"
        )
        line = "POST /api/catalog/v1/oauth/tokens HTTP/1.1"
        return str(self.ask(line, headers, body)[2]["access_token"])

    def _keep_secret(self, body: Any) -> None:
        if isinstance(body, dict) and "credentials" in body and "principal" in body:
            found = body["credentials"]
            name = body["principal"]["name"]
            self._principals[name] = (found["clientId"], found["clientSecret"])

    def _learn(self, theirs: Any, own: Any) -> None:
        if isinstance(theirs, dict) and isinstance(own, dict):
            for key in theirs.keys() & own.keys():
                self._learn(theirs[key], own[key])
                if key == "next-page-token" and theirs[key] and own[key]:
                    self._learned[quote(theirs[key], safe="")] = quote(own[key], safe="")
        elif isinstance(theirs, list) and isinstance(own, list):
            for one, other in zip(theirs, own, strict=False):
                self._learn(one, other)
        elif isinstance(theirs, str) and isinstance(own, str):
            for one, other in zip(_UUID.findall(theirs), _UUID.findall(own), strict=False):
                self._learned[one] = other


def _same_header(theirs: str | None, own: str | None) -> bool:
    if theirs is None or own is None:
        return theirs is own
    if theirs.startswith('W/"'):
        return re.fullmatch(r'W/"[0-9a-f]{64}"', own) is not None
    return sorted(theirs.split(", ")) == sorted(own.split(", "))


def _compare(place: str, theirs: Any, own: Any) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(own, dict):
        for key in sorted(theirs.keys() | own.keys()):
            if key not in theirs or key not in own:
                yield f"{place}.{key} is {'missing' if key in theirs else 'not in the recording'}"
            elif key not in _OWN or not theirs[key] or not own[key]:
                yield from _compare(f"{place}.{key}", theirs[key], own[key])
    elif isinstance(theirs, list) and isinstance(own, list) and len(theirs) == len(own):
        for index, (one, other) in enumerate(zip(theirs, own, strict=True)):
            yield from _compare(f"{place}[{index}]", one, other)
    elif _plain(theirs) != _plain(own):
        shown = [json.dumps(_plain(each), ensure_ascii=False)[:_SHOWN] for each in (theirs, own)]
        yield f"{place} is {shown[0]}, here {shown[1]}"


def _plain(value: Any) -> Any:
    return _UUID.sub("<UUID>", value) if isinstance(value, str) else value


def replay(
    exchanges: list[dict[str, Any]],
    conversations: dict[str, Replay],
    advance_ms: Callable[[int], None],
) -> dict[str, list[str]]:
    """Return the differences of all exchanges that have some, by their names."""
    found: dict[str, list[str]] = {}
    for each in exchanges:
        conversation = conversations[each["server"]]
        if "setup" in each:
            conversation.set_up(each["setup"], each["who"], each["body"], each.get("learn"))
        elif "keep_token" in each:
            conversation.keep_token(each["keep_token"])
        elif "advance_ms" in each:
            advance_ms(each["advance_ms"])
        else:
            problems = conversation.differences(each)
            if problems:
                found[each["name"]] = problems
    return found
