"""Checks that python/floe_iceberg/_native.pyi is what the built extension has; --write makes it."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).resolve().parent.parent / "python" / "floe_iceberg" / "_native.pyi"


def generate() -> str:
    """Return the stub of the installed extension."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "_native.pyi"
        command = [sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "floe_iceberg._native"]
        subprocess.run([*command, "-o", str(made)], check=True)
        subprocess.run(
            [str(Path(sys.executable).parent / "ruff"), "format", "-q", str(made)], check=True
        )
        return made.read_text()


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the stub")
    generated = generate()
    if parser.parse_args().write:
        STUB.write_text(generated)
        return 0
    if STUB.exists() and STUB.read_text() == generated:
        return 0
    print(f"{STUB.name} is not what the extension has; run `make golden`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
