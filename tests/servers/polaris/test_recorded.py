"""The stand-in against what a real Apache Polaris 1.7.0 answered: 487 exchanges, in order.

exchanges.jsonl is the recording, secrets left out; lines with `setup` do what it has not recorded.
differences.json lists where the stand-in is known to differ: entries may only go.
"""

import json
import time
from pathlib import Path

import pytest
from polaris_replay import Replay, replay
from polaris_stand_in import Settings, polaris_stand_in

FOLDER = Path(__file__).parent
SETTINGS = {
    "main": Settings(),
    "alt": Settings(purges=True, pages=True, is_idempotent=True),
    "short": Settings(token_seconds=3),
}


@pytest.mark.requirement("S-FR-001", "S-FR-002")
def test_the_stand_in_answers_as_the_real_one_did() -> None:
    exchanges = [json.loads(line) for line in (FOLDER / "exchanges.jsonl").read_text().splitlines()]
    known = json.loads((FOLDER / "differences.json").read_text())
    ahead_ms = [0]

    def clock_ms() -> int:
        return int(time.time() * 1000) + ahead_ms[0]

    def advance(ms: int) -> None:
        ahead_ms[0] += ms

    root = ("root", "s3cr3t")
    with (
        polaris_stand_in(None, SETTINGS["main"], clock_ms=clock_ms) as main,
        polaris_stand_in(None, SETTINGS["alt"], clock_ms=clock_ms) as alt,
        polaris_stand_in(None, SETTINGS["short"], clock_ms=clock_ms) as short,
    ):
        servers = {"main": main, "alt": alt, "short": short}
        found = replay(
            exchanges, {name: Replay(each.address, root) for name, each in servers.items()}, advance
        )
    assert sum("request" in each for each in exchanges) == 487
    assert found.keys() - known.keys() == set(), found
    assert known.keys() - found.keys() == set(), "these agree now: take them off the list"
