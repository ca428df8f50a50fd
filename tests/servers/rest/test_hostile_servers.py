"""What servers answer that mean harm, or are broken: an error of theirs, and no crash, no loop, no
secret in a message, and no more memory than an answer may have.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from raw_server import CONFIGURATION, RawServer, answer, raw_server
from rest_clients import ONCE, ROWS
from warehouse import local_path

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    CommitStateUnknownError,
    FloeStorageError,
    InvalidArgumentError,
)
from floe_iceberg import Catalog, load_catalog

GIVEN = {**ONCE, "rest.client.circuit-breaker.threshold": "0", "fsync": False}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as server:
        yield server


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the metadata of a table on disk."""
    folder = tmp_path_factory.mktemp("table")
    catalog = load_catalog("hostile", type="in-memory", warehouse=folder)
    catalog.create_namespace("a")
    table = catalog.create_table("a.t", ROWS.schema)
    return dict(json.loads(local_path(table.metadata_location).read_text()))


def connect(server: RawServer, say: bytes | Callable[[str], bytes], **given: Any) -> Catalog:
    """Return a catalog whose calls are answered so; its configuration is a good one."""

    def said(line: str) -> bytes:
        if "/v1/config" in line:
            return answer(CONFIGURATION)
        return say if isinstance(say, bytes) else say(line)

    server.say = said
    return load_catalog("test", uri=server.uri, **{**GIVEN, **given})


CONFIGURATIONS: dict[str, Any] = {
    "page size": {"rest-page-size": "abc"},
    "negative page size": {"rest-page-size": "-1"},
    "mode": {"snapshot-loading-mode": "some"},
    "truth": {"rest-metrics-reporting-enabled": "maybe"},
    "file": {"uri": "file:///etc/passwd"},
    "no address": {"uri": ""},
    "lines": {"uri": "http://127.0.0.1:1/\r\nX-Y: z"},
    "user": {"uri": "http://ada:word@127.0.0.1:1"},
    "separator of lines": {"namespace-separator": "\r\n"},
    "separator of paths": {"namespace-separator": "/"},
    "no separator": {"namespace-separator": ""},
    "number": {"prefix": 5},
}


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        *[(name, "overrides") for name in CONFIGURATIONS],
        # Above a default address there is the caller's own.
        *[(name, "defaults") for name, said in CONFIGURATIONS.items() if "uri" not in said],
    ],
)
def test_a_configuration_that_can_not_be(server: RawServer, name: str, layer: str) -> None:
    server.say = lambda _line: answer({**CONFIGURATION, layer: CONFIGURATIONS[name]})
    # Not the caller's mistake.
    with pytest.raises(CatalogConnectionError, match="is not what the REST") as raised:
        load_catalog("test", uri=server.uri, **GIVEN)
    assert "\n" not in str(raised.value)
    assert len(server.asked) == 1


TOKENS: dict[str, bytes] = {
    "lines": b'{"access_token": "x\\r\\nX-Y: z"}',
    "nul": b'{"access_token": "x\\u0000"}',
    "long": b'{"access_token": "' + b"x" * 100_000 + b'"}',
    "number": b'{"access_token": 5}',
    "null": b'{"access_token": null}',
    "huge life": b'{"access_token": "x", "expires_in": 99999999999999999999}',
    "no number": b'{"access_token": "x", "expires_in": NaN}',
    "nothing": b"",
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_is_none(server: RawServer, name: str) -> None:
    server.say = lambda _line: answer(TOKENS[name])
    with pytest.raises(CatalogConnectionError, match=r"can't get a token from .* is not what"):
        load_catalog("test", uri=server.uri, credential="ada:marked-secret", **GIVEN)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("life", "tokens"),
    [("-5", 3), ("0", 3), ('"-5"', 3), ('"3600"', 1), ('"soon"', 1), ("9223372036854775807", 1)],
)
def test_the_life_of_a_token(server: RawServer, life: str, tokens: int) -> None:
    token = f'{{"access_token": "x", "expires_in": {life}}}'.encode()
    lists = {"identifiers": []}
    catalog = connect(
        server,
        lambda line: answer(token if "oauth" in line else lists),
        credential="ada:marked-secret",
    )
    for _ in range(2):
        assert catalog.list_tables("a") == []
    assert sum("oauth" in line for line in server.asked) == tokens


@pytest.mark.parametrize("etag", ["\x01\x7f", "x" * 5_000, "x" * 200_000])
def test_an_etag_that_can_not_be_sent_back(
    server: RawServer, metadata: dict[str, Any], etag: str
) -> None:
    catalog = connect(server, answer({"metadata": metadata}, ETag=etag))
    if len(etag) > 100_000:
        with pytest.raises(CatalogConnectionError, match="longer than any that a server needs"):
            catalog.load_table("a.t")
    else:
        assert catalog.load_table("a.t").refresh().scan().to_arrow().num_rows == 0


def test_pages_without_end(server: RawServer) -> None:
    def page(items: list[Any]) -> Callable[[str], bytes]:
        return lambda _line: answer(
            {"identifiers": items, "next-page-token": str(len(server.asked))}
        )

    catalog = connect(server, page([]))
    with pytest.raises(CatalogConnectionError, match="empty pages again and again"):
        catalog.list_tables("a")
    assert len(server.asked) == 1002
    names = [{"namespace": ["a"], "name": "x" * 50}] * 20
    catalog = connect(server, page(names), **{"rest.client.max-response-bytes": "20000"})
    server.asked.clear()
    with pytest.raises(CatalogConnectionError, match="the pages of the list have more bytes"):
        catalog.list_tables("a")
    assert len(server.asked) == 12
    # Some of a list may be empty, as filters make them.
    few = iter([[], [], names, [], names])
    last = {"identifiers": names}
    catalog = connect(
        server,
        lambda line: (
            page(following)(line) if (following := next(few, None)) is not None else answer(last)
        ),
    )
    assert len(catalog.list_tables("a")) == 60


SECRET = "marked-secret-0123456789"  # noqa: S105 - made up
LONG_SECRET = "marked-" + "0123456789" * 800
MESSAGES = {
    "tokens": (SECRET, "Bearer abcdefghijklmnopqrstuvwxyz " * 250_000),
    "secret": (SECRET, SECRET * 350_000),
    # Of which no more is left than is shown, and a part at the end of what is read.
    "long secret": (LONG_SECRET, LONG_SECRET * 20),
    "secret in between": (SECRET, "x" * 990 + SECRET),
    "lines": (SECRET, "a\r\n\x1b[31mred\x00"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_any_length(server: RawServer, name: str) -> None:
    token, words = MESSAGES[name]
    error = {"error": {"message": words, "type": "X\n", "code": 400}}
    catalog = connect(server, answer(error, "400 Bad"), token=token)
    with pytest.raises(InvalidArgumentError) as raised:
        catalog.load_table("a.t")
    message = str(raised.value)
    assert len(message) < 2_500
    assert "marked" not in message
    assert "abcdef" not in message
    assert message.isprintable()


def test_a_commit_that_is_said_to_be_done_and_is_not(
    server: RawServer, metadata: dict[str, Any]
) -> None:
    table = connect(server, answer({"metadata": metadata})).load_table("a.t")
    with pytest.raises(CommitStateUnknownError, match="shows a table without it"):
        table.append(ROWS)
    assert sum(line.startswith("POST") for line in server.asked) == 1
    # Its files stay, as it may be done yet.
    data = local_path(metadata["location"]) / "data"
    assert len(list(data.iterdir())) == 1


def packed(size: int) -> bytes:
    """Return blanks, packed, without ever having them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


# What HTTP has no meaning for, and what is expected of it.
BYTES: dict[str, bytes] = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-x\r\n",
    "no head": b"<html>welcome",
    "no status": b"HTTP/1.1 abc\r\n\r\n",
    "status 0": b"HTTP/1.1 000 X\r\n\r\n",
    "status 999": answer({}, "999 X"),
    "switching": b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n{}",
    "not modified": answer(b"", "304 X"),
    "elsewhere": answer(b"", "302 Found", Location="file:///etc/passwd"),
    "no content": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde",
    "nul in the head": b"HTTP/1.1 200 OK\r\nX\x00: y\r\n\r\n{}",
    "heads without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
    "lines without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000,
    "a line without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000,
    "less than it said": answer(b"{}", Content_Length="100"),
    "more than it said": answer({"metadata": {}}, Content_Length="3"),
    "less than nothing": answer(b"{}", Content_Length="-5"),
    "two lengths": answer({}).replace(b"Content-Type", b"Content-Length: 1\r\nContent-Type"),
    "a chunk of no size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a huge chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"f" * 16
    + b"\r\n{}",
    "not packed": answer(b"{}", Content_Encoding="gzip"),
    "half of it packed": answer(gzip.compress(b" " * 999)[:-20], Content_Encoding="gzip"),
    "packed as nobody does": answer(b"{}", Content_Encoding="x-unknown"),
    "packed again and again": answer(b"{}", Content_Encoding=", ".join(["gzip"] * 50)),
    "a bomb": answer(packed(1 << 29), Content_Encoding="gzip"),
    "a bomb in a bomb": answer(gzip.compress(packed(1 << 29)), Content_Encoding="gzip, gzip"),
    "deep": answer(b'{"metadata":' + b'{"a":' * 100_000),
    "deep error": answer(b'{"error":' + b'{"a":' * 100_000, "500 X"),
    "an error of numbers": answer({"error": {"message": 5, "type": [], "code": "x"}}, "500 X"),
    "two of all": answer(b'{"metadata": {}, "metadata": 5}'),
    "half a letter": answer(b'{"metadata-location": "\\ud800"}'),
    "no letter": answer(b'{"metadata-location": "\xff"}'),
}


@pytest.mark.parametrize("name", BYTES)
def test_an_answer_that_is_none(server: RawServer, name: str) -> None:
    catalog = connect(server, BYTES[name])
    with pytest.raises(FloeStorageError) as raised:
        catalog.load_table("a.t")
    assert isinstance(raised.value, CatalogConnectionError) or name == "two of all"
    assert str(raised.value).isprintable()
    # libcurl asks once more where a connection ends without a word.
    assert len(server.asked) <= 3
    if "head" in name or "line" in name:
        assert "max-response-bytes" not in str(raised.value)


def test_addresses_have_no_users(server: RawServer) -> None:
    hidden = server.uri.replace("://", "://ada:marked-secret@")
    for given in ({"uri": hidden}, {"uri": server.uri, "oauth2-server-uri": hidden + "/token"}):
        with pytest.raises(InvalidArgumentError, match=r"rest\.auth\.basic\.password") as raised:
            load_catalog("test", credential="ada:x", **given)
        assert "marked-secret" not in str(raised.value)
    with pytest.raises(InvalidArgumentError, match="an address with a query") as raised:
        load_catalog("test", uri=f"{server.uri}/?key=marked-secret")
    assert "marked-secret" not in str(raised.value)
    assert server.asked == []
    server.say = lambda _line: answer({}, "401 X")
    tokens = {"oauth2-server-uri": f"{server.uri}/token?key=marked-secret"}
    with pytest.raises(CatalogAuthenticationError) as raised:
        load_catalog("test", uri=server.uri, credential="ada:x", **tokens)
    assert "marked-secret" not in str(raised.value)
    assert server.asked == ["POST /token?key=marked-secret HTTP/1.1"]
