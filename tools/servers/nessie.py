"""Project Nessie on this machine: a REST catalog that asks Keycloak who may do what.

    python tools/servers/nessie.py --folder /tmp/nessie

It starts SeaweedFS for its files and Keycloak for its users, too: `engineer` may do anything,
`analyst` reads, `intruder` may do nothing; nessie-roles.properties says it exactly. Namespaces and
tables are forgotten when it ends. nessie_minio.py has its files in MinIO, and lends credentials.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keycloak import USUAL_PORT, Keycloak, keycloak
from minio import OTHER_BUCKET, Minio
from seaweed import BUCKET, USUAL_S3_PORT, Seaweed, s3_properties, seaweed
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
from short_sts import ShortSts

UNAUTHORIZED = 401


@dataclass(frozen=True)
class Nessie:
    """Where a running Nessie is, and what it stands on."""

    uri: str
    token_uri: str
    s3_endpoint: str
    lends: bool = False

    def catalog(self, user: str = "engineer", warehouse: str = "warehouse") -> dict[str, str]:
        """Return properties of its catalog; with `lends`, there is the warehouse `brief`, too."""
        shared = {
            "type": "rest",
            "uri": self.uri,
            "credential": f"{user}:{user}-secret",
            "warehouse": warehouse,
            "oauth2-server-uri": self.token_uri,
            "scope": "catalog",
        }
        if self.lends:
            return {**shared, "header.X-Iceberg-Access-Delegation": "vended-credentials"}
        return {**shared, **s3_properties(self.s3_endpoint)}

    def __str__(self) -> str:
        """Return how to use it."""
        keys = "credentials are lent" if self.lends else "engineer:engineer-secret"
        return (
            f"catalog at {self.uri}, tokens at {self.token_uri} (engineer:engineer-secret, scope "
            f"catalog), S3 at {self.s3_endpoint} ({keys})"
        )


@contextmanager
def nessie(folder: Path, port: int = 0) -> Iterator[Nessie]:
    """Run Nessie, SeaweedFS and Keycloak, and yield where they are; all end with the block.

    With a port, the others take their usual ones, too.
    """
    with (
        seaweed(folder / "seaweed", s3_port=USUAL_S3_PORT if port else 0) as files,
        keycloak(folder / "keycloak", USUAL_PORT if port else 0) as users,
        nessie_on(folder, files, users, port) as server,
    ):
        yield server


@contextmanager
def nessie_on(
    folder: Path,
    files: Seaweed | Minio,
    users: Keycloak,
    port: int = 0,
    sts: ShortSts | None = None,
) -> Iterator[Nessie]:
    """Run Nessie on servers that run; with `sts`, it lends credentials for a table's files."""
    home = install("install_nessie.sh")
    java = install("install_java.sh")
    free = free_ports(2)
    own_port = port_or(port, free[0])
    s3 = "nessie.catalog.service.s3.default-options"
    properties = {
        "quarkus.http.host": LOOPBACK,
        "quarkus.http.port": own_port,
        "quarkus.management.host": LOOPBACK,
        "quarkus.management.port": free[1],
        "quarkus.otel.sdk.disabled": "true",
        "quarkus.config.locations": HERE / "nessie-roles.properties",
        "nessie.version.store.type": "IN_MEMORY",
        "nessie.catalog.default-warehouse": "warehouse",
        "nessie.catalog.warehouses.warehouse.location": f"s3://{BUCKET}/nessie",
        f"{s3}.endpoint": files.s3_endpoint,
        f"{s3}.path-style-access": "true",
        f"{s3}.region": "us-east-1",
        f"{s3}.access-key": "urn:nessie-secret:quarkus:files.s3",
        "files.s3.name": "engineer",
        "files.s3.secret": "engineer-secret",
    }
    if sts is not None:
        brief = f"nessie.catalog.service.s3.buckets.{OTHER_BUCKET}"
        properties |= {
            f"{s3}.sts-endpoint": files.s3_endpoint,
            f"{s3}.client-iam.enabled": "true",
            # MinIO asks for one, and does not look at it.
            f"{s3}.client-iam.assume-role": "arn:aws:iam::123456789012:role/nessie",
            f"{s3}.client-iam.session-duration": "PT15M",
            "nessie.catalog.warehouses.brief.location": f"s3://{OTHER_BUCKET}/nessie",
            f"{brief}.sts-endpoint": sts.endpoint,
            # At least; short_sts.py gives more.
            f"{brief}.client-iam.session-duration": f"PT{sts.shortest_seconds}S",
        }
    uri = f"http://{LOOPBACK}:{own_port}/iceberg"
    server = Started(
        command=[
            str(java),
            "-Xmx400m",
            "-XX:TieredStopAtLevel=1",
            *(f"-D{name}={value}" for name, value in properties.items()),
            "-jar",
            str(home / "nessie.jar"),
        ],
        is_ready=lambda: status_of(f"{uri}/v1/config") == UNAUTHORIZED,
        log=folder / "server.log",
        environment={**os.environ, "OIDC_ISSUER": users.issuer},
    )
    with running(server):
        yield Nessie(uri, users.token_uri, files.s3_endpoint, sts is not None)


if __name__ == "__main__":
    serve("nessie", "Nessie: a REST catalog, with Keycloak and SeaweedFS", 19120, nessie)
