"""What the servers of this folder have in common: starting, waiting, ending, a command line."""

import argparse
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

HERE = Path(__file__).resolve().parent
LOOPBACK = "127.0.0.1"

# Ends the server when its starter closes the pipe, or is gone, and itself when the server is.
_GUARD = 'exec 3<&0; "$@" </dev/null 3<&- & cat <&3 >/dev/null & wait -n; kill -KILL 0'


@dataclass(frozen=True)
class Started:
    """What there is to start: a command, and how to see that it is ready."""

    command: Sequence[str]
    is_ready: Callable[[], bool]
    log: Path
    environment: Mapping[str, str]
    patience_seconds: float = 180


def install(script: str) -> Path:
    """Run an installer of this folder and return what it prints."""
    done = subprocess.run([HERE / script], check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip())


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on, below those that the system gives to clients."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(found) < count:
            bound = stack.enter_context(socket.socket())
            bound.bind((LOOPBACK, 0))
            found.append(int(bound.getsockname()[1]))
    return found


def port_or(port: int, free: int) -> int:
    """Return `port`, which must be free, or `free` where it is 0."""
    if port == 0:
        return free
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((LOOPBACK, port))
        except OSError as error:
            message = f"port {port} is taken: end what listens there, or choose another by --port"
            raise RuntimeError(message) from error
    return port


@contextlib.contextmanager
def running(server: Started) -> Iterator[None]:
    """Run a server until the block ends, or this process; the block starts when it is ready."""
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with (
        server.log.open("wb") as log,
        subprocess.Popen(
            ["bash", "-c", _GUARD, "guard", *server.command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=dict(server.environment),
            start_new_session=True,
        ) as guard,
    ):
        try:
            _wait_until_ready(server, guard)
            yield
        finally:
            if guard.stdin is not None:
                guard.stdin.close()
            guard.wait()


def _wait_until_ready(server: Started, guard: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + server.patience_seconds
    while not server.is_ready():
        if guard.poll() is not None or time.monotonic() > end:
            last = server.log.read_text(errors="replace")[-4000:]
            message = f"{server.command[0]} did not start:\n{last}"
            raise RuntimeError(message)
        time.sleep(0.05)


def status_of(url: str, method: str = "GET", **headers: str) -> int:
    """Return the status that a server answers; 0 if it does not."""
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Serve(Protocol):
    """Starts a server in a folder, at a port."""

    def __call__(self, folder: Path, port: int) -> AbstractContextManager[Any]:
        """Return what runs it."""


def serve(name: str, what: str, port: int, start: Serve) -> None:
    """Run a server from the command line, until Ctrl-C."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--folder", type=Path, default=Path(name), help="of its data and its log")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print where it is as JSON, and end when the standard input does",
    )
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    with contextlib.suppress(KeyboardInterrupt), start(folder, arguments.port) as server:
        if arguments.json:
            print(json.dumps(asdict(server)), flush=True)
            sys.stdin.read()
        else:
            print(f"{server}\nfiles in {folder}; Ctrl-C stops it", flush=True)
            signal.pause()
