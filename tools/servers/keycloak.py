"""Keycloak on this machine: an OAuth2 server, with the clients of keycloak-realm.json.

    python tools/servers/keycloak.py --folder /tmp/keycloak

The secret of each client is its name and `-secret`: `engineer`, `analyst`, `intruder`, and
`engineer-short`, whose tokens are good for 5 seconds; with tokens of `lender`, MinIO gives
credentials that end with them (short_sts.py). Nothing is kept when it ends, but for the log, which
has a line for each token that was given.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server_process import (
    LOOPBACK,
    Started,
    free_ports,
    install,
    port_or,
    running,
    serve,
    status_of,
)

USUAL_PORT = 8180
LENDER = "lender"
OK = 200


@dataclass(frozen=True)
class Keycloak:
    """Where a running Keycloak is."""

    issuer: str

    @property
    def token_uri(self) -> str:
        """Where tokens come from."""
        return f"{self.issuer}/protocol/openid-connect/token"

    @property
    def configuration_uri(self) -> str:
        """Where it says what else there is."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def __str__(self) -> str:
        """Return how to use it."""
        return f"tokens at {self.token_uri} (engineer:engineer-secret, scope catalog)"


@contextmanager
def keycloak(
    folder: Path, port: int = 0, *, token_seconds: int = 300, lender_seconds: int = 10
) -> Iterator[Keycloak]:
    """Run a server and yield where it is; it ends with the block, and with this process.

    Its tokens are good for `token_seconds`, those of the client `lender` for `lender_seconds`.
    """
    home = install("install_keycloak.sh")
    java = install("install_java.sh")
    free = free_ports(2)
    own_port = port_or(port, free[0])
    made = Keycloak(f"http://{LOOPBACK}:{own_port}/realms/iceberg")
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
            "--spi-events-listener--jboss-logging--success-level=info",
        ],
        is_ready=lambda: status_of(made.configuration_uri) == OK,
        log=folder / "server.log",
        environment={
            **os.environ,
            "JAVA": str(java),
            "KC_TOKEN_LIFESPAN": str(token_seconds),
            "KC_LENT_LIFESPAN": str(lender_seconds),
            "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx400m",
            "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
        },
    )
    with running(server):
        yield made


if __name__ == "__main__":
    serve("keycloak", "Keycloak: an OAuth2 server with clients for trying", USUAL_PORT, keycloak)
