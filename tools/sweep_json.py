"""Changes known inputs of the targets that read JSON in every single place, in order.

Each value of each small input is removed, and replaced by odd values and by those that other
inputs, also of other targets, have under its name. With --texts, characters of texts are removed,
replaced and inserted instead, one at a time: dates, types, transforms. What one such change reaches
is so reached for certain, which changes at random take hours for. What brings new edges is put into
build/fuzz/found, from where fuzzing goes on.
"""

import argparse
import copy
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import run_fuzz

TARGETS = (
    *("expression_json", "name_mapping", "rest_json", "schema_json", "table_metadata"),
    *("update_json", "value_json"),
)
MAX_INPUT_BYTES = 6_000
MAX_VALUE_BYTES = 400
MAX_VALUES_OF_NAME = 60
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31 - 1, 2**31, 2**63 - 1, -(2**63), 2**64, 1.5, 1e308, -0.0),
    *("", "a", "0", "-1", "\0", "é", "1.0", "true", "x" * 300, [], {}, [None], {"a": 1}),
]

MAX_TEXT = 48
CHARACTERS = (" ", "0", "9", "-", "+", ".", ":", "Z", "a", "[", "(", ",", ")", "]", "\0", "é")

Place = tuple[str | int, ...]


class Input:
    """An input: what is before its JSON text, and what that text says."""

    def __init__(self, head: bytes, value: Any) -> None:
        """Take both."""
        self.head = head
        self.value = value

    @classmethod
    def of(cls, content: bytes) -> "Input | None":
        """Read an input; None where there is no JSON in it."""
        begins = [at for at in (content.find(b"{"), content.find(b"[")) if at in (0, 1)]
        if not begins:
            return None
        try:
            return cls(content[: min(begins)], json.loads(content[min(begins) :]))
        except (ValueError, RecursionError):
            return None

    def places(self) -> list[tuple[Place, Any]]:
        """Return all values with where they are."""
        found: list[tuple[Place, Any]] = [((), self.value)]
        for place, value in found:
            if isinstance(value, dict):
                found.extend(((*place, name), inner) for name, inner in value.items())
            elif isinstance(value, list):
                found.extend(((*place, at), inner) for at, inner in enumerate(value))
        return found

    def changed(self, place: Place, value: tuple[Any, ...]) -> bytes:
        """Return the input with a value put at a place, or, if there is none, without it."""
        root = [copy.deepcopy(self.value)]
        holder: Any = root
        *parents, last = (0, *place)
        for step in parents:
            holder = holder[step]
        if value:
            holder[last] = value[0]
        else:
            del holder[last]
        text = json.dumps(root[0]) if root else ""
        return self.head + text.encode()


def name_of(place: Place) -> str:
    """Return the member's name that a place ends with; items of lists share one."""
    return place[-1] if place and isinstance(place[-1], str) else "[]"


Change = tuple[Input, Place, tuple[Any, ...]]
"""An input, one of its places, and the value to be put there; none: the place is to go."""


def inputs_of(target: str) -> list[Input]:
    """Return the small inputs of a target that are known."""
    folders = (
        *(run_fuzz.CORPUS / target, run_fuzz.BUILD / "seeds" / target),
        run_fuzz.folder("found", target),
    )
    contents = set()
    for path in [path for folder in folders for path in folder.glob("*")]:
        with suppress(FileNotFoundError):  # a fuzzer that runs has found a smaller one
            contents.add(path.read_bytes())
    small = sorted(content for content in contents if len(content) <= MAX_INPUT_BYTES)
    return [known for known in map(Input.of, small) if known is not None]


def values_by_name(inputs: list[Input]) -> dict[str, dict[str, Any]]:
    """Return for each name the values that inputs have under it, by their texts."""
    values: dict[str, dict[str, Any]] = {}
    for known in inputs:
        for place, value in known.places():
            text = json.dumps(value)
            of_name = values.setdefault(name_of(place), {})
            if len(text) <= MAX_VALUE_BYTES and len(of_name) < MAX_VALUES_OF_NAME:
                of_name[text] = value
    return values


def changes(target: str, inputs: list[Input]) -> Iterator[Change]:
    """Return all changes of a target's inputs."""
    values = values_by_name(inputs)
    for other in TARGETS:
        if other != target:
            for name, of_name in values_by_name(inputs_of(other)).items():
                values[name] = of_name | values.get(name, {})
    for known in inputs:
        for place, _ in known.places():
            yield known, place, ()
            for value in (*ODD, *values[name_of(place)].values()):
                yield known, place, (value,)


def shape_of(text: str) -> str:
    """Return what texts have in common that are read alike."""
    return re.sub(r"[A-Za-z]{5,}", "a", re.sub(r"\d", "0", text))


def text_changes(inputs: list[Input]) -> Iterator[Change]:
    """Return all changes of characters, of one text of each shape under each name."""
    seen = set()
    for known in inputs:
        for place, text in known.places():
            if not isinstance(text, str) or len(text) > MAX_TEXT:
                continue
            key = (name_of(place), shape_of(text))
            if key in seen:
                continue
            seen.add(key)
            for at in range(len(text) + 1):
                before, here, after = text[:at], text[at : at + 1], text[at + 1 :]
                yield known, place, (before,)
                yield known, place, (before + after,)
                for character in CHARACTERS:
                    yield known, place, (before + character + after,)
                    yield known, place, (before + character + here + after,)


def sweep(target: str, limit: int, seed: int, *, texts: bool) -> bool:
    """Run a target on changes of its inputs; if there are more than `limit`, on some of them."""
    inputs = inputs_of(target)

    def all_changes() -> Iterator[Change]:
        return text_changes(inputs) if texts else changes(target, inputs)

    chance = random.Random(seed)  # noqa: S311 - picks a sample
    share = limit / max(1, sum(1 for _ in all_changes()))
    with tempfile.TemporaryDirectory() as folder:
        made = {
            known.changed(place, value)
            for known, place, value in all_changes()
            if chance.random() < share
        }
        for index, content in enumerate(made):
            (Path(folder) / str(index)).write_bytes(content)
        merging = subprocess.run(
            run_fuzz.command(target, ["-merge=1", str(run_fuzz.folder("found", target)), folder]),
            env=run_fuzz.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    output = merging.stdout.decode(errors="replace")
    told = [line for line in output.splitlines() if "new coverage edges" in line]
    print(f"{target}: {len(made)} changes of {len(inputs)} inputs; {''.join(told)}", flush=True)
    if merging.returncode != 0 or "ERROR:" in output:
        print(output[-4_000:])
        return False
    return True


def main() -> int:
    """Sweep over the targets that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help="names; all by default")
    parser.add_argument("--limit", type=int, default=60_000, help="changes of a target")
    parser.add_argument("--seed", type=int, default=0, help="which of them, if there are more")
    parser.add_argument("--texts", action="store_true", help="change texts, not values")
    arguments = parser.parse_args()
    for unknown in set(arguments.targets) - set(TARGETS):
        parser.error(f"{unknown} is not a target that reads JSON; there are {', '.join(TARGETS)}")
    outcomes = [
        sweep(target, arguments.limit, arguments.seed, texts=arguments.texts)
        for target in arguments.targets
    ]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
