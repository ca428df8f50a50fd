"""Azurite on this machine: an Azure Blob Storage.

    python tools/servers/azurite.py --folder /tmp/azurite

It listens at port 10000 (with `--port 0` at a free one), knows two accounts, `floe` and
`other`, and has a container `lake` in the first.
"""

import base64
import hashlib
import hmac
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from server_process import HERE, LOOPBACK, Started, free_ports, install, running, serve, status_of

CONTAINER = "lake"
ACCOUNT = "floe"
VERSION = "2023-11-03"
NOT_A_REQUEST = 400
CREATED = 201
CONFLICT = 409
FOREVER = "2099-01-01T00:00:00Z"


def key_of(account: str) -> str:
    """Return an account's key, which is not secret."""
    return base64.b64encode(f"{account}-secret".encode()).decode()


@dataclass(frozen=True)
class Azurite:
    """Where a running Azurite is."""

    endpoint: str

    @property
    def authority(self) -> str:
        """Return its host and port."""
        return urlsplit(self.endpoint).netloc

    def place(self, account: str = ACCOUNT) -> dict[str, str]:
        """Return properties of its storage, without credentials."""
        return {
            "adls.account-name": account,
            "adls.blob-storage-authority": self.authority,
            "adls.blob-storage-scheme": "http",
            "adls.dfs-storage-authority": self.authority,
            "adls.dfs-storage-scheme": "http",
        }

    def storage(self, account: str = ACCOUNT) -> dict[str, str]:
        """Return properties of its storage."""
        return {**self.place(account), "adls.account-key": key_of(account)}

    def sas_token(self, permissions: str = "racwdl", ends: str = FOREVER) -> str:
        """Return a shared access signature for the container `lake` and what is in it."""
        resource = f"/blob/{ACCOUNT}/{CONTAINER}"
        start = "2020-01-01T00:00:00Z"
        # The fields of a service's signature, of which most are not used.
        fields = [permissions, start, ends, resource, "", "", "https,http", VERSION, "c", *[""] * 7]
        return urlencode(
            {
                "sp": permissions,
                "st": start,
                "se": ends,
                "spr": "https,http",
                "sv": VERSION,
                "sr": "c",
                "sig": _signature("\n".join(fields)),
            }
        )

    def make_container(self, name: str) -> None:
        """Make a container, unless it is there."""
        address = f"{self.endpoint}/{ACCOUNT}/{name}?restype=container"
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": VERSION}
        request = urllib.request.Request(address, data=b"", method="PUT")  # noqa: S310 - ours
        signed = _authorization("PUT", address, headers)
        for header, value in {**headers, "Authorization": signed}.items():
            request.add_header(header, value)
        request.add_header("Content-Type", "")
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                pass
        except urllib.error.HTTPError as error:
            if error.code != CONFLICT:
                raise

    def __str__(self) -> str:
        """Return how to use it."""
        return (
            f"Azure Blob Storage at {self.endpoint}, account {ACCOUNT}, key {key_of(ACCOUNT)}, "
            f"container {CONTAINER}"
        )


def _signature(text: str) -> str:
    key = base64.b64decode(key_of(ACCOUNT))
    return base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode()


def _authorization(method: str, address: str, headers: dict[str, str]) -> str:
    """Return the header of a request without a body."""
    parts = urlsplit(address)
    lines = [method, *[""] * 11]
    lines += [f"{name}:{value}" for name, value in sorted(headers.items())]
    # The account is in the path, and again before it.
    resource = f"/{ACCOUNT}{parts.path}"
    queries = [f"{name}:{value}" for name, value in sorted(parse_qsl(parts.query))]
    return f"SharedKey {ACCOUNT}:" + _signature("\n".join([*lines, resource, *queries]))


@contextmanager
def azurite(folder: Path, port: int = 0) -> Iterator[Azurite]:
    """Run a server and yield where it is; it ends with the block, and with this process.

    Args:
        folder: Of its blobs and its log.
        port: 0 takes a free one.
    """
    program = install("install_azurite.sh") / "azurite.js"
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_ports(1)[0]
    place = Azurite(f"http://{LOOPBACK}:{port}")
    server = Started(
        command=[
            "node",
            f"--require={HERE / 'azurite' / 'answer_at_once.cjs'}",
            str(program),
            f"--blobHost={LOOPBACK}",
            f"--blobPort={port}",
            f"--location={data}",
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry",
        ],
        is_ready=lambda: status_of(f"{place.endpoint}/{ACCOUNT}") >= NOT_A_REQUEST,
        log=folder / "server.log",
        environment={
            **os.environ,
            "AZURITE_ACCOUNTS": f"{ACCOUNT}:{key_of(ACCOUNT)};other:{key_of('other')}",
        },
    )
    with running(server):
        place.make_container(CONTAINER)
        yield place


if __name__ == "__main__":
    serve("azurite", "Azurite: an Azure Blob Storage", 10000, azurite)
