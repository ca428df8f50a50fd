"""Runs the demo: `make demo`, or python examples/flights/run_demo.py."""

import sys
import time
from pathlib import Path

# The project is the package `flights` beside this file, for Dagster's processes as well.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from flights.demo import main  # noqa: E402

if __name__ == "__main__":
    began = time.monotonic()
    main()
    seconds = time.monotonic() - began
    print(f"\nDone in {seconds:.0f} s. The project in Dagster's UI, at http://localhost:3000:")
    print('  DAGSTER_HOME="$PWD/warehouse/flights/dagster" \\')
    print("    .venv/bin/dagster dev -d examples -m flights.definitions")
