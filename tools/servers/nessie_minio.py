"""Project Nessie on this machine, which lends credentials for the files of its tables in MinIO.

    python tools/servers/nessie_minio.py --folder /tmp/nessie

It starts MinIO for its files and Keycloak for its users, too: `engineer` may do anything, `analyst`
reads, `intruder` may do nothing. What is lent is for one table and 15 minutes, and MinIO heeds it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keycloak import USUAL_PORT as USUAL_KEYCLOAK_PORT
from keycloak import keycloak
from minio import USUAL_PORT as USUAL_MINIO_PORT
from minio import minio
from nessie import Nessie, nessie_on
from server_process import serve


@contextmanager
def nessie_minio(folder: Path, port: int = 0) -> Iterator[Nessie]:
    """Run Nessie, MinIO and Keycloak, and yield where they are; all end with the block.

    With a port, the others take their usual ones, too.
    """
    with (
        minio(folder / "minio", USUAL_MINIO_PORT if port else 0) as files,
        keycloak(folder / "keycloak", USUAL_KEYCLOAK_PORT if port else 0) as users,
        nessie_on(folder, files, users, port, lends=True) as server,
    ):
        yield server


if __name__ == "__main__":
    serve("nessie", "Nessie: a REST catalog, with Keycloak and MinIO", 19120, nessie_minio)
