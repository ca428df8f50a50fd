"""Runs the demo: `make demo`, or python examples/flights/run_demo.py."""

import sys
from pathlib import Path

# The project is the package `flights` beside this file, for Dagster's processes as well.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from flights.demo import main  # noqa: E402

if __name__ == "__main__":
    main()
