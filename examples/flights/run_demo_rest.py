"""Runs the demo on servers that ask who you are: `make demo-rest`.

They start on this machine, at free ports, and end with it: Nessie, a REST catalog; Keycloak, whose
tokens are good for a minute; MinIO, with keys that Nessie lends for a minute.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import DagsterExecutionInterruptedError

# The project is the package `flights` beside this file, for Dagster's processes as well.
_EXAMPLES = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(_EXAMPLES), str(_EXAMPLES.parent / "tools" / "servers")]

from nessie import Nessie  # noqa: E402
from nessie_minio import nessie_minio  # noqa: E402

_SECONDS = 60
_OF_CATALOG = "PYICEBERG_CATALOG__DEFAULT__"


def main() -> None:
    """Start the servers, unless they run already, and tell the story."""
    parser = argparse.ArgumentParser(description="The demo on Nessie, Keycloak and MinIO.")
    parser.add_argument("--servers", type=Path, help="what nessie_minio.py --json has printed")
    parser.add_argument("--user", default="engineer")
    parser.add_argument("--write-seconds", type=int, default=_SECONDS + 10)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="flights-") as home,
        _servers(Path(home), arguments.servers) as (nessie, log),
    ):
        _configure(nessie, arguments.user, home)
        _tell_story(arguments.user, arguments.write_seconds, log)
    ended = "" if arguments.servers else "; the servers have ended"
    print(f"\nDone in {time.monotonic() - began:.0f} s{ended}.")


@contextmanager
def _servers(home: Path, running: Path | None) -> Iterator[tuple[Nessie, Path]]:
    """Yield where Nessie is, and Keycloak's log."""
    if running is not None:
        yield Nessie(**json.loads(running.read_text())), running.parent / "keycloak" / "server.log"
        return
    print("Keycloak, MinIO and Nessie start on this machine", end="", flush=True)
    began = time.monotonic()
    folder = home / "servers"
    with nessie_minio(folder, token_seconds=_SECONDS, brief_seconds=_SECONDS) as nessie:
        print(f": {time.monotonic() - began:.0f} s")
        yield nessie, folder / "keycloak" / "server.log"


def _configure(nessie: Nessie, user: str, home: str) -> None:
    """Say by variables where tables are, which is all that differs from `make demo`."""
    properties = nessie.catalog(user, "brief")
    variables = {
        "FLIGHTS_CATALOG_URI": properties["uri"],
        "FLIGHTS_WAREHOUSE": properties["warehouse"],
    }
    for name in ("credential", "scope", "oauth2-server-uri", "header.X-Iceberg-Access-Delegation"):
        variable = name.upper().replace(".", "__").replace("-", "_")
        variables[_OF_CATALOG + variable] = properties[name]
    print("\nThe configuration, which is all that differs from `make demo`:")
    for name, value in variables.items():
        print(f"  {name}={value}")
    print()
    os.environ.update(variables, FLIGHTS_HOME=home)


def _tell_story(user: str, write_seconds: int, log: Path) -> None:
    # What they import reads the configuration.
    from flights.demo import main as run_demo  # noqa: PLC0415
    from flights.governed import (  # noqa: PLC0415
        print_analyst,
        print_intruder,
        print_slow_write,
    )

    run_demo()
    print_slow_write(write_seconds)
    print(
        f"\nUntil here, Keycloak has given {user} {_tokens(log, user)} tokens, "
        f"and MinIO {_tokens(log, 'lender')} times keys for a table"
    )
    print_analyst()
    print_intruder()


def _tokens(log: Path, client: str) -> int:
    """Return how many tokens a client was given."""
    given = ('type="CLIENT_LOGIN"', f'clientId="{client}"')
    lines = log.read_text(errors="replace").splitlines()
    return sum(all(word in line for word in given) for line in lines)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, DagsterExecutionInterruptedError):
        sys.exit("\nInterrupted; the servers have ended.")
