"""Keycloak on this machine: an OAuth2 server, with the clients of keycloak-realm.json.

    python tools/servers/keycloak.py --folder /tmp/keycloak

The secret of each client is its name and `-secret`: `engineer`, `analyst`, `intruder`, and
`engineer-short`, whose tokens are good for 5 seconds. Nothing is kept when it ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server_process import LOOPBACK, Started, free_ports, install, running, serve, status_of

USUAL_PORT = 8180
OK = 200


@dataclass(frozen=True)
class Keycloak:
    """Where a running Keycloak is."""

    issuer: str

    @property
    def token_uri(self) -> str:
        """Where tokens come from."""
        return f"{self.issuer}/protocol/openid-connect/token"

    def __str__(self) -> str:
        """Return how to use it."""
        return f"tokens at {self.token_uri} (engineer:engineer-secret, scope catalog)"


@contextmanager
def keycloak(folder: Path, port: int = 0) -> Iterator[Keycloak]:
    """Run a server and yield where it is; it ends with the block, and with this process."""
    home = install("install_keycloak.sh")
    java = install("install_java.sh")
    free = free_ports(2)
    own_port = port or free[0]
    issuer = f"http://{LOOPBACK}:{own_port}/realms/iceberg"
    server = Started(
        command=[
            str(home / "bin" / "kc.sh"),
            "start",
            "--optimized",
            "--import-realm",
            "--http-enabled=true",
            "--hostname-strict=false",
            "--cache=local",
            f"--http-host={LOOPBACK}",
            f"--http-port={own_port}",
            f"--http-management-host={LOOPBACK}",
            f"--http-management-port={free[1]}",
        ],
        is_ready=lambda: status_of(f"{issuer}/.well-known/openid-configuration") == OK,
        log=folder / "server.log",
        environment={
            **os.environ,
            "JAVA": str(java),
            "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx400m",
            "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
        },
    )
    with running(server):
        yield Keycloak(issuer)


if __name__ == "__main__":
    serve("keycloak", "Keycloak: an OAuth2 server with clients for trying", USUAL_PORT, keycloak)
