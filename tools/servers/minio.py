"""MinIO on this machine: an S3 with users, policies, quotas, and credentials for a while (STS).

    python tools/servers/minio.py --folder /tmp/minio

It knows three users, whose secret is their name and `-secret`: `engineer` may do anything,
`analyst` reads the bucket `lake`, `intruder` may do nothing. `brief` is another bucket, `small` one
that is full after a megabyte. Each may ask it (AssumeRole, at the same address) for credentials of
15 minutes and more, for a part of what they may do.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keycloak import LENDER, Keycloak
from server_process import (
    HERE,
    LOOPBACK,
    Started,
    free_ports,
    install,
    port_or,
    running,
    serve,
    status_of,
)

BUCKET = "lake"
OTHER_BUCKET = "brief"
FULL_BUCKET = "small"
USUAL_PORT = 9000
ADMINISTRATOR = ("administrator", "administrator-secret")
OK = 200


@dataclass(frozen=True)
class Minio:
    """Where a running MinIO is."""

    s3_endpoint: str

    def storage(self, user: str = "engineer") -> dict[str, str]:
        """Return properties of its S3."""
        return {
            "s3.endpoint": self.s3_endpoint,
            "s3.access-key-id": user,
            "s3.secret-access-key": f"{user}-secret",
            "s3.region": "us-east-1",
        }

    def __str__(self) -> str:
        """Return how to use it."""
        return f"S3 at {self.s3_endpoint} (engineer:engineer-secret), with the bucket {BUCKET}"


@contextmanager
def minio(folder: Path, port: int = 0, users: Keycloak | None = None) -> Iterator[Minio]:
    """Run a server and yield where it is; it ends with the block, and with this process.

    With `users`, who has a token for the client `lender` may do anything until that ends.
    """
    home = install("install_minio.sh")
    data = folder / "data"
    is_new = not data.exists()
    data.mkdir(parents=True, exist_ok=True)
    address = f"{LOOPBACK}:{port_or(port, free_ports(1)[0])}"
    endpoint = f"http://{address}"
    name, password = ADMINISTRATOR
    server = Started(
        command=[str(home / "bin" / "minio"), "server", "--address", address, "--quiet", str(data)],
        is_ready=lambda: status_of(f"{endpoint}/minio/health/ready") == OK,
        log=folder / "server.log",
        environment={
            **os.environ,
            "MINIO_ROOT_USER": name,
            "MINIO_ROOT_PASSWORD": password,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
            "MINIO_CALLHOME_ENABLE": "off",
            **({} if users is None else _trust(users)),
        },
    )
    with running(server):
        if is_new:
            subprocess.run(
                [sys.executable, "-P", HERE / "minio_users.py", address, name, password],
                env={**os.environ, "PYTHONPATH": str(home / "python")},
                check=True,
            )
        yield Minio(endpoint)


def _trust(users: Keycloak) -> dict[str, str]:
    return {
        "MINIO_IDENTITY_OPENID_CONFIG_URL": users.configuration_uri,
        "MINIO_IDENTITY_OPENID_CLIENT_ID": LENDER,
        "MINIO_IDENTITY_OPENID_ROLE_POLICY": "readwrite",
    }


if __name__ == "__main__":
    serve("minio", "MinIO: an S3 with users and policies", USUAL_PORT, minio)
