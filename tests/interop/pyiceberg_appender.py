"""Appends rows with PyIceberg, one commit each, until they are in: a process of a contest."""

import random
import sys
import time
from pathlib import Path

import pyarrow as pa
from lake import PyIceberg
from pyiceberg.exceptions import CommitFailedException
from sqlalchemy.exc import OperationalError


def main() -> None:
    """Take the lake's folder, the first id and the number of rows from the command line."""
    folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    engine = PyIceberg(folder / "catalog.db", folder / "warehouse")
    for id_ in range(first, first + count):
        while True:
            try:
                engine.append("t", pa.table({"id": pa.array([id_], pa.int64())}))
                break
            except (CommitFailedException, OperationalError):
                time.sleep(random.random() / 50)  # noqa: S311 - only to be out of step


main()
