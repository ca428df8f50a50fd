"""The demo of `make demo-rest`: the project under examples/ where users, tokens and keys count."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from shared_servers import SharedServers

CHECKOUT = Path(__file__).resolve().parents[2]
DEMO = [sys.executable, str(CHECKOUT / "examples" / "flights" / "run_demo_rest.py")]


def part(output: str, begin: str, end: str) -> str:
    """Return what stands between two texts, both of which are there."""
    assert begin in output, output
    assert end in output, output
    return output.partition(begin)[2].partition(end)[0]


@pytest.mark.slow
@pytest.mark.requirement("S-FR-005")
def test_the_demo_runs_on_servers_that_ask_who_one_is(servers: SharedServers) -> None:
    servers.wait("nessie_minio")
    ready = servers.folder("nessie_minio") / "ready.json"
    # Tokens of 5 seconds, and keys of 10.
    options = ["--servers", str(ready), "--user", "engineer-short", "--write-seconds", "12"]
    done = subprocess.run([*DEMO, *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    output = done.stdout
    engines = part(output, "three engines", "A copy of silver.flights").splitlines()[2:-1]
    assert len(engines) == 8
    assert all(len(set(re.split(r"\s{2,}", line.strip())[1:])) == 1 for line in engines)
    assert "data files replaced: 1, untouched: 11" in output
    written = part(output, "A copy of silver.flights", "Until here")
    assert "with keys lent now: done" in written
    assert "refused, INVALID_ACCESS_KEY_ID, as MinIO has ended them" in written
    assert "gold.slow_copy has 336,776 rows" in written
    assert "111,279 rows of JFK" in written
    tokens = re.search(r"given engineer-short (\d+) tokens", output)
    assert tokens is not None
    assert int(tokens[1]) > 5
    analyst = part(output, "As analyst", "As intruder")
    assert re.search(r"read gold.route_punctuality +437 rows\n", analyst)
    assert re.search(r"append 3 rows to it +StorageAccessError\n", analyst)
    assert re.search(r"create table gold.mine +PermissionDeniedError\n", analyst)
    assert re.search(r"list its files +done\n", analyst)
    assert re.search(r"write one +refused, ACCESS_DENIED\n", analyst)
    intruder = part(output, "As intruder", "Done in")
    assert len(re.findall(r"^  \w.* PermissionDeniedError$", intruder, re.MULTILINE)) == 3


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # What a shell starts in the background ignores Ctrl-C, and so would the demo.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(DEMO, env=environment, stdout=-1, stderr=-1, text=True) as demo:
        root = psutil.Process(demo.pid)
        end = time.monotonic() + 60
        while not (started := root.children(recursive=True)) or not list(tmp_path.rglob("*.log")):
            assert demo.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        demo.send_signal(signal.SIGINT)
        _, errors = demo.communicate(timeout=60)
    assert errors == "\nInterrupted; the servers have ended.\n"
    assert demo.returncode == 1
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    assert list(tmp_path.iterdir()) == []
