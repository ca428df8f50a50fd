"""Makes the tables of tests/vectors that are not there, or those that are named, with Spark.

Run it by hand: each run makes files of other names, and readers must cope with what engines wrote,
not the other way round.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
FOLDER = Path("/tmp/floe-vectors")  # noqa: S108 - the same on every machine
ROW_LINEAGE_VERSION = 3


def find_spark() -> Path:
    """Install Spark where it is missing, put pyspark on the path, and return Spark's jars."""
    script = ROOT / "tools" / "peers" / "install_spark.sh"
    run = subprocess.run([script], check=True, capture_output=True, text=True)
    folder = Path(run.stdout.strip())
    sys.path[:0] = [str(folder / "python"), str(ROOT / "tests" / "support")]
    os.environ["PYTHONPATH"] = str(folder / "python")
    return folder / "jars"


JARS = find_spark()

import java_tables  # noqa: E402
import pyiceberg_tables  # noqa: E402
import spark_engine  # noqa: E402
import spark_tables  # noqa: E402
from canonical_rows import canonical_rows  # noqa: E402
from pyiceberg.catalog.sql import SqlCatalog  # noqa: E402


def run_statements(lake: spark_engine.SparkEngine, statements: list[Any]) -> list[str]:
    """Run them, and return what they are."""
    texts = []
    for statement in statements:
        if isinstance(statement, str):
            lake.sql(statement)
            texts.append(" ".join(statement.split()))
        else:
            texts.append(statement(lake))
    return texts


def read_rows(lake: spark_engine.SparkEngine, engine: str, version: int) -> dict[str, Any]:
    """Return what the engine itself reads."""
    if engine == "java":
        return {"rows": java_tables.rows(lake)}
    columns = [
        f"to_json({name}) AS {name}" if type_ == "variant" else name
        for name, type_ in lake.spark.table("t").dtypes
    ]
    rows = canonical_rows(lake.sql(f"SELECT {', '.join(columns)} FROM t"))  # noqa: S608 - ours
    if version < ROW_LINEAGE_VERSION:
        return {"rows": rows}
    lineage = lake.sql("SELECT id, _row_id, _last_updated_sequence_number FROM t")
    return {"rows": rows, "row_lineage": canonical_rows(lineage)}


def keep(target: Path, warehouse: Path, facts: dict[str, Any]) -> None:
    """Copy a table into the checkout, without earlier metadata and Hadoop's checksums."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(
        warehouse,
        target / "files",
        ignore=shutil.ignore_patterns("*.crc", "version-hint.text", "*.metadata.json"),
    )
    shutil.copy(warehouse / facts["metadata"], target / "files" / facts["metadata"])
    (target / "vector.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


def make_with_pyiceberg(name: str, step: pyiceberg_tables.Step) -> None:
    """Make one table of PyIceberg."""
    warehouse = FOLDER / f"pyiceberg-{name}-{secrets.token_hex(4)}"
    catalog = SqlCatalog("lake", uri="sqlite:///:memory:", warehouse=f"file://{warehouse}")
    catalog.create_namespace("db", {"location": f"file://{warehouse}/db"})
    made_by = step(catalog, warehouse)
    table = catalog.load_table("db.t")
    metadata = Path(table.metadata_location.removeprefix("file://"))
    facts = {
        "root": str(warehouse),
        "metadata": str(metadata.relative_to(warehouse)),
        "made_by": [made_by],
        "rows": canonical_rows(table.scan().to_arrow()),
    }
    keep(VECTORS / "pyiceberg" / name, warehouse, facts)
    shutil.rmtree(warehouse)


def make(spark: Any, engine: str, name: str, statements: list[Any]) -> None:
    """Make one table."""
    warehouse = FOLDER / f"{engine}-{name}-{secrets.token_hex(4)}"
    lake = spark_engine.SparkEngine(spark, "", str(warehouse))
    lake.sql("CREATE NAMESPACE IF NOT EXISTS db")
    lake.sql("USE lake.db")
    made_by = run_statements(lake, statements)
    current = lake.load("db.t").operations().current()
    metadata = Path(current.metadataFileLocation().removeprefix("file:"))
    facts = {
        "root": str(warehouse),
        "metadata": str(metadata.relative_to(warehouse)),
        "made_by": made_by,
        **read_rows(lake, engine, current.formatVersion()),
    }
    keep(VECTORS / engine / name, warehouse, facts)
    shutil.rmtree(warehouse)


def main() -> None:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="engine/table")
    names = parser.parse_args().names
    tables: dict[str, Any] = {f"spark/{name}": made for name, made in spark_tables.TABLES.items()}
    tables |= {f"java/{name}": made for name, made in java_tables.TABLES.items()}
    tables |= {f"pyiceberg/{name}": made for name, made in pyiceberg_tables.TABLES.items()}
    spark = spark_engine.start(JARS)
    for name in names or [name for name in tables if not (VECTORS / name).exists()]:
        print(name, flush=True)
        if name.startswith("pyiceberg/"):
            make_with_pyiceberg(name.removeprefix("pyiceberg/"), tables[name])
        else:
            make(spark, *name.split("/"), tables[name])


if __name__ == "__main__":
    main()
