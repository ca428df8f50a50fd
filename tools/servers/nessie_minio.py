"""Project Nessie on this machine, which lends credentials for the files of its tables in MinIO.

    python tools/servers/nessie_minio.py --folder /tmp/nessie

It starts MinIO for its files and Keycloak for its users, too: `engineer` may do anything, `analyst`
reads, `intruder` may do nothing. What is lent is for one table and 15 minutes, and MinIO heeds it;
in the warehouse `brief` it is for 10 seconds (short_sts.py).
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
from short_sts import short_sts


@contextmanager
def nessie_minio(
    folder: Path, port: int = 0, *, token_seconds: int = 300, brief_seconds: int = 10
) -> Iterator[Nessie]:
    """Run Nessie, MinIO and Keycloak, and yield where they are; all end with the block.

    With a port, the others take their usual ones, too. Tokens are good for `token_seconds`, what is
    lent in the warehouse `brief` for `brief_seconds`.
    """
    with (
        keycloak(
            folder / "keycloak",
            USUAL_KEYCLOAK_PORT if port else 0,
            token_seconds=token_seconds,
            lender_seconds=brief_seconds,
        ) as users,
        minio(folder / "minio", USUAL_MINIO_PORT if port else 0, users) as files,
        short_sts(files, users, brief_seconds) as sts,
        nessie_on(folder, files, users, port, sts) as server,
    ):
        yield server


if __name__ == "__main__":
    serve("nessie", "Nessie: a REST catalog, with Keycloak and MinIO", 19120, nessie_minio)
