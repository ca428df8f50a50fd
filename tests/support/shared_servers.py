"""Servers of tools/servers that all workers of a test run share.

The first that asks starts a server, by its own command line; it ends when the last worker has
ended, however that came about: each holds a pipe open, whose end the server reads.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).parents[2] / "tools" / "servers"
PATIENCE_SECONDS = 300


class SharedServers:
    """Servers in the folders below one that the workers of a run have in common."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pipes: dict[str, int] = {}

    def folder(self, name: str) -> Path:
        """Return where a server has its data and logs, and `ready.json`."""
        return self._root / name

    def start(self, name: str) -> None:
        """Start a server, unless someone has; does not wait until it is ready."""
        if name in self._pipes:
            return
        folder = self._root / name
        folder.mkdir(parents=True, exist_ok=True)
        pipe = folder / "pipe"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_first = not pipe.exists()
            if is_first:
                os.mkfifo(pipe)
            self._pipes[name] = os.open(pipe, os.O_RDWR)
            if is_first:
                self._spawn(name, folder, pipe)

    def _spawn(self, name: str, folder: Path, pipe: Path) -> None:
        command = [sys.executable, str(TOOLS / f"{name}.py"), "--json", "--port=0"]
        write = os.O_WRONLY | os.O_CREAT
        os.posix_spawn(
            sys.executable,
            [*command, f"--folder={folder}"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, str(pipe), os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(folder / "ready.json"), write, 0o600),
                (os.POSIX_SPAWN_OPEN, 2, str(folder / "starter.log"), write, 0o600),
            ],
            setsid=True,
        )

    def wait(self, name: str) -> dict[str, Any]:
        """Return what the server says of itself, once it is ready."""
        self.start(name)
        folder = self._root / name
        end = time.monotonic() + PATIENCE_SECONDS
        ready = folder / "ready.json"
        while not (ready.exists() and ready.read_text().endswith("\n")):
            log = folder / "starter.log"
            if time.monotonic() > end or (log.exists() and "Error" in log.read_text()):
                message = f"{name} did not start: {log.read_text()}"
                raise RuntimeError(message)
            time.sleep(0.1)
        found: dict[str, Any] = json.loads(ready.read_text())
        return found

    def let_go(self) -> None:
        """Need the servers no more."""
        for pipe in self._pipes.values():
            os.close(pipe)
        self._pipes.clear()
