"""Iceberg's REST fixture as a server on this machine, for tests and to try floe with.

    python tools/servers/rest_fixture.py --folder /tmp/lake --port 8181

The catalog is an SQLite file in the folder, the warehouse lies beside it. It gives a token to
anyone and accepts any: for trying and testing only. Needs Java 17 and Maven, which the installer
gets where it may.
"""

import argparse
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

INSTALL = Path(__file__).resolve().parent / "install_rest_fixture.sh"


@contextlib.contextmanager
def rest_fixture(folder: Path, port: int = 0, **properties: str) -> Iterator[str]:
    """Run a server and yield its URI; it ends with the block, and with this process.

    Args:
        folder: Where the catalog, the warehouse and the log are.
        port: 0 takes a free one.
        properties: Of the catalog behind it, as the fixture's environment has them
            (`CATALOG_…`, with `__` for a dash).
    """
    installed = subprocess.run([INSTALL], check=True, stdout=subprocess.PIPE, text=True)
    lib = Path(installed.stdout.strip()) / "lib"
    warehouse = folder / "warehouse"
    warehouse.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "CATALOG_WAREHOUSE": warehouse.as_uri(),
        "CATALOG_URI": f"jdbc:sqlite:{folder / 'catalog.db'}",
        "CATALOG_JDBC_SCHEMA__VERSION": "V1",
        **properties,
    }
    command = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", f"{lib / 'classes'}:{lib}/*"]
    log = folder / "server.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [*command, "org.apache.iceberg.rest.FixtureServer", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
        ) as server,
    ):
        try:
            uri = "" if server.stdout is None else server.stdout.readline().strip()
            if not uri.startswith("http://"):
                message = f"the REST fixture did not start:\n{log.read_text()[-4000:]}"
                raise RuntimeError(message)
            yield uri
        finally:
            server.kill()


def main() -> None:
    """Run a server until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=Path("rest-fixture"))
    parser.add_argument("--port", type=int, default=8181)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    with contextlib.suppress(KeyboardInterrupt), rest_fixture(folder, arguments.port) as uri:
        print(f"{uri} with files in {folder}; Ctrl-C stops it")
        signal.pause()


if __name__ == "__main__":
    main()
