"""Lends credentials of MinIO that end within a minute, to a catalog that asks as it asks AWS.

MinIO's AssumeRole gives none for less than 15 minutes. What it gives for a token of an OpenID
server (AssumeRoleWithWebIdentity) ends with that token. So this one passes a catalog's AssumeRole
on, for MinIO to check who asks; shows MinIO a fresh token of Keycloak's client `lender`; and
answers with what it gets for that, under the policy that the catalog has asked for. MinIO itself
refuses it when it has ended.
"""

import base64
import hashlib
import http.client
import json
import re
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from keycloak import LENDER, Keycloak
from minio import Minio
from server_process import LOOPBACK

# What MinIO says last, to who may ask for less than 15 minutes.
_TOO_SHORT = b"invalid token expiry"
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "accept-encoding"}
# MinIO's name for who trusts the client's tokens.
_ROLE = "arn:minio:iam:::role/" + base64.urlsafe_b64encode(
    hashlib.sha1(LENDER.encode(), usedforsecurity=False).digest()
).decode().rstrip("=")
_ANYTHING_THEN = re.compile(r"(arn:aws:s3:::[^/*]+)/\*/(.*)")


@dataclass(frozen=True)
class ShortSts:
    """Where it is, and what may be asked for."""

    endpoint: str
    shortest_seconds: int


@contextmanager
def short_sts(files: Minio, users: Keycloak, seconds: int) -> Iterator[ShortSts]:
    """Lend credentials for `files` while the block runs.

    They end with tokens of `users`, which are good for `seconds`; there may be a half of that left.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, answer = _answer(files, users, dict(self.headers.items()), asked)
            except OSError as error:
                status, answer = http.client.BAD_GATEWAY, str(error).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield ShortSts(f"http://{LOOPBACK}:{server.server_port}", seconds // 2)
        finally:
            server.shutdown()
            thread.join()


def _answer(
    files: Minio, users: Keycloak, headers: dict[str, str], asked: bytes
) -> tuple[int, bytes]:
    # As it was signed, host and all.
    signed = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
    status, answer = _post(files.s3_endpoint, asked, signed)
    if status != http.client.OK and _TOO_SHORT not in answer:
        return status, answer
    parameters = dict(urllib.parse.parse_qsl(asked.decode()))
    wanted = {
        "Version": parameters["Version"],
        "Action": "AssumeRoleWithWebIdentity",
        "RoleArn": _ROLE,
        "WebIdentityToken": _token(users),
    }
    if "Policy" in parameters:
        wanted["Policy"] = _repaired(parameters["Policy"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = _post(files.s3_endpoint, urllib.parse.urlencode(wanted).encode(), form)
    return status, answer.replace(b"AssumeRoleWithWebIdentity", b"AssumeRole")


def _post(endpoint: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(endpoint).netloc, timeout=30)
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _token(users: Keycloak) -> str:
    wanted = {
        "grant_type": "client_credentials",
        "client_id": LENDER,
        "client_secret": f"{LENDER}-secret",
    }
    body = urllib.parse.urlencode(wanted).encode()
    with urllib.request.urlopen(users.token_uri, body, timeout=30) as answer:  # noqa: S310 - ours
        return str(json.load(answer)["access_token"])


def _repaired(policy: str) -> str:
    """Return a policy of Nessie's in which the files of a table that may be read can be.

    Nessie 0.99 names them twice: at any depth (`bucket/*/path`), and at their own place, where it
    leaves out the slash after the bucket (`bucketpath`) unless they may be written, too.
    """
    document: dict[str, Any] = json.loads(policy)
    for statement in document["Statement"]:
        resources = statement["Resource"]
        if isinstance(resources, list):
            found = [match for each in resources if (match := _ANYTHING_THEN.fullmatch(each))]
            own = [f"{match[1]}/{match[2]}" for match in found]
            statement["Resource"] = list(dict.fromkeys([*resources, *own]))
    return json.dumps(document)
