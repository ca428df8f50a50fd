"""A stand-in for Apache Polaris on this machine, for tests and to try floe with.

    python tools/servers/run_polaris_stand_in.py --folder /tmp/lake --port 8182

Needs nothing but Python. Catalogs of storage type FILE may have their tables below the folder. All
else is in memory, and gone when it ends.
"""

import argparse
import contextlib
import signal
from pathlib import Path

from polaris_stand_in import Settings, polaris_stand_in


def main() -> None:
    """Run a server until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=Path("polaris-stand-in"))
    parser.add_argument("--port", type=int, default=8182)
    parser.add_argument("--client-id", default="root")
    parser.add_argument("--client-secret", default="s3cr3t")
    parser.add_argument("--token-seconds", type=int, default=3600)
    given = parser.parse_args()
    settings = Settings(given.client_id, given.client_secret, given.token_seconds)
    folder = given.folder.resolve()
    with (
        contextlib.suppress(KeyboardInterrupt),
        polaris_stand_in(folder, settings, given.port) as server,
    ):
        print(f"{server.uri} with catalogs below {folder}; Ctrl-C stops it", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
