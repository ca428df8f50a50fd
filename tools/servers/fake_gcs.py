"""fake-gcs-server on this machine: a Google Cloud Storage that takes any token.

    python tools/servers/fake_gcs.py --folder /tmp/gcs

It listens at port 4443 (with `--port 0` at a free one), and has a bucket `lake`.
"""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server_process import LOOPBACK, Started, free_ports, install, running, serve, status_of

BUCKET = "lake"
OK = 200
FOREVER_MS = "4102444800000"


@dataclass(frozen=True)
class FakeGcs:
    """Where a running fake-gcs-server is."""

    endpoint: str

    def storage(self) -> dict[str, str]:
        """Return properties of its storage."""
        return {
            "gcs.service.host": self.endpoint,
            "gcs.oauth2.token": "any-token",
            "gcs.oauth2.token-expires-at": FOREVER_MS,
        }

    def __str__(self) -> str:
        """Return how to use it."""
        return f"Google Cloud Storage at {self.endpoint}, bucket {BUCKET}, any token"


@contextmanager
def fake_gcs(folder: Path, port: int = 0) -> Iterator[FakeGcs]:
    """Run a server and yield where it is; it ends with the block, and with this process.

    Args:
        folder: Of its objects and its log.
        port: 0 takes a free one.
    """
    program = install("install_fake_gcs.sh") / "bin" / "fake-gcs-server"
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_ports(1)[0]
    endpoint = f"http://{LOOPBACK}:{port}"
    options = {
        "scheme": "http",
        "host": LOOPBACK,
        "port": port,
        "public-host": f"{LOOPBACK}:{port}",
        "external-url": endpoint,
        "backend": "filesystem",
        "filesystem-root": data,
        "log-level": "warn",
    }
    server = Started(
        command=[str(program), *(f"-{name}={value}" for name, value in options.items())],
        is_ready=lambda: status_of(f"{endpoint}/storage/v1/b") == OK,
        log=folder / "server.log",
        environment=os.environ,
    )
    with running(server):
        _make_bucket(endpoint)
        yield FakeGcs(endpoint)


def _make_bucket(endpoint: str) -> None:
    if status_of(f"{endpoint}/storage/v1/b/{BUCKET}") == OK:
        return  # of an earlier run in this folder
    request = urllib.request.Request(  # noqa: S310 - ours
        f"{endpoint}/storage/v1/b?project=floe",
        data=json.dumps({"name": BUCKET}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5):  # noqa: S310
        pass


if __name__ == "__main__":
    serve("fake-gcs", "fake-gcs-server: a Google Cloud Storage", 4443, fake_gcs)
