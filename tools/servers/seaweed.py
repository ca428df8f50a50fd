"""SeaweedFS on this machine: an S3, and an Iceberg REST catalog whose tables are in it.

    python tools/servers/seaweed.py --folder /tmp/seaweed

The catalog is at port 8181, S3 at 8333 (with `--port 0` both take free ones).

It knows three users, whose secret is their name and `-secret`: `engineer` may do anything,
`analyst` reads, `intruder` may do nothing. They sign in to the catalog by OAuth2, and to S3 with
the same words as key id and secret. The bucket of the catalog is `warehouse`, `lake` is for others.
"""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from server_process import HERE, LOOPBACK, Started, free_ports, install, running, serve, status_of

CATALOG_BUCKET = "warehouse"
BUCKET = "lake"
USUAL_S3_PORT = 8333
OK = 200
FORBIDDEN = 403


@dataclass(frozen=True)
class Seaweed:
    """Where a running SeaweedFS is."""

    catalog_uri: str
    s3_endpoint: str

    def catalog(self, user: str = "engineer") -> dict[str, str]:
        """Return properties of its catalog."""
        return {
            "type": "rest",
            "uri": self.catalog_uri,
            "warehouse": f"s3://{CATALOG_BUCKET}/",
            "credential": f"{user}:{user}-secret",
            **self.storage(user),
        }

    def storage(self, user: str = "engineer") -> dict[str, str]:
        """Return properties of its S3."""
        return s3_properties(self.s3_endpoint, user)

    def __str__(self) -> str:
        """Return how to use it."""
        return f"catalog at {self.catalog_uri}, S3 at {self.s3_endpoint} (engineer:engineer-secret)"


def s3_properties(endpoint: str, user: str = "engineer") -> dict[str, str]:
    """Return properties of an S3 that one of the users has keys to."""
    return {
        "s3.endpoint": endpoint,
        "s3.access-key-id": user,
        "s3.secret-access-key": f"{user}-secret",
        "s3.region": "us-east-1",
    }


@contextmanager
def seaweed(
    folder: Path, port: int = 0, s3_port: int = 0, token_seconds: int | None = None
) -> Iterator[Seaweed]:
    """Run a server and yield where it is; it ends with the block, and with this process.

    Args:
        folder: Of its data and its log.
        port: Of the catalog; 0 takes a free one.
        s3_port: Of S3; the same.
        token_seconds: How long its tokens are good; an hour if not said.
    """
    program = install("install_seaweed.sh") / "bin" / "weed"
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    names = ("master", "volume", "filer", "admin")
    ports = free_ports(2 + 2 * len(names) + 1)
    catalog_port = port or ports.pop()
    s3_port = s3_port or ports.pop()
    options = {
        "dir": str(data),
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "s3.port": s3_port,
        "s3.port.grpc": ports.pop(),
        "s3.port.iceberg": catalog_port,
        "s3.port.lance": 0,
        "s3.autoCreateBucket": "false",
        "s3.config": HERE / "seaweed-identities.json",
        "tableBucket": CATALOG_BUCKET,
        "bucket": BUCKET,
        "webdav": "false",
        "admin.ui": "false",
        "master.telemetry": "false",
    }
    for name in names:
        options[f"{name}.port"] = ports.pop()
        options[f"{name}.port.grpc"] = ports.pop()
    environment = dict(os.environ)
    if token_seconds is not None:
        environment["ICEBERG_OAUTH_TOKEN_EXPIRY"] = str(token_seconds)
    uri = f"http://{LOOPBACK}:{catalog_port}"
    endpoint = f"http://{LOOPBACK}:{s3_port}"
    server = Started(
        command=[
            str(program),
            "-logtostderr=true",
            "mini",
            *(f"-{name}={value}" for name, value in options.items()),
        ],
        is_ready=lambda: _has_buckets(uri, endpoint),
        log=folder / "server.log",
        environment=environment,
    )
    with running(server):
        yield Seaweed(catalog_uri=uri, s3_endpoint=endpoint)


def _has_buckets(uri: str, endpoint: str) -> bool:
    # They are made after it has begun to answer. Without a token it says 403 to what is there.
    if status_of(f"{endpoint}/{BUCKET}", "HEAD") != FORBIDDEN:
        return False
    form = b"grant_type=client_credentials&client_id=engineer&client_secret=engineer-secret"
    try:
        with urllib.request.urlopen(f"{uri}/v1/oauth/tokens", form, 5) as answer:  # noqa: S310
            token = json.load(answer)["access_token"]
    except OSError:
        return False
    listing = f"{uri}/v1/{CATALOG_BUCKET}/namespaces"
    return status_of(listing, Authorization=f"Bearer {token}") == OK


def _serve(folder: Path, port: int) -> AbstractContextManager[Seaweed]:
    return seaweed(folder, port, s3_port=USUAL_S3_PORT if port else 0)


if __name__ == "__main__":
    serve("seaweed", "SeaweedFS: an S3 with an Iceberg REST catalog", 8181, _serve)
