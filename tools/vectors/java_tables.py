"""Tables of tests/vectors/java: what Iceberg's Java library can write and Spark can't."""

import json
from collections.abc import Callable
from typing import Any

from canonical_rows import canonical_json

Step = Callable[[Any], str]


def create(version: int, *fields: tuple[str, str | dict[str, Any]], **more: Any) -> Step:
    """Create the table; the fields' ids count from 1."""

    def step(lake: Any) -> str:
        columns = [
            {
                "id": 1 + i,
                "name": name,
                "required": name == "id",
                "type": type_,
                **more.get(name, {}),
            }
            for i, (name, type_) in enumerate(fields)
        ]
        schema = {"type": "struct", "schema-id": 0, "fields": columns}
        lake.create("db.t", json.dumps(schema), None, {"format-version": str(version)})
        return f"buildTable: format version {version}, {json.dumps(columns)}"

    return step


def append(*rows: dict[str, Any], file_format: str = "parquet") -> Step:
    """Append rows, objects of single-value JSON by field id."""

    def step(lake: Any) -> str:
        lake.generic("db.t").append(list(rows), file_format)
        return f"newFastAppend of one {file_format} file"

    return step


def delete(columns: list[str], *rows: dict[str, Any], file_format: str = "parquet") -> Step:
    """Delete by equality."""

    def step(lake: Any) -> str:
        lake.generic("db.t").delete_equal(columns, list(rows), file_format)
        return f"newRowDelta of an equality delete file in {file_format} by {columns}: {rows}"

    return step


def rows(lake: Any) -> list[dict[str, Any]]:
    """Return the rows as Java reads them, in the form of canonical_rows()."""
    table = lake.generic("db.t")
    return canonical_json(table.read(), table.types())


def add_with_defaults(lake: Any) -> str:
    """Add columns that the rows so far have values in."""
    iceberg = lake.iceberg
    types, expressions = iceberg.types.Types, iceberg.expressions.Expressions
    update = lake.load("db.t").updateSchema()
    for name, type_, value in (
        ("number", types.IntegerType.get(), 42),
        ("text", types.StringType.get(), "was not there"),
        ("yes", types.BooleanType.get(), True),
    ):
        update = update.addColumn(name, type_, None, expressions.lit(value))
    update.commit()
    return "updateSchema: addColumn number int, text string, yes boolean, with defaults 42, 'was not there', true"


_NS = [
    {"1": 0, "2": "1969-12-31T23:59:59.999999999", "3": "1969-12-31T23:59:59.999999999+00:00"},
    {"1": 1, "2": "2024-02-29T01:02:03.000000004", "3": "2024-02-29T01:02:03.000000004+00:00"},
    {"1": 2},
]
_TIMES = [{"1": 0, "2": "00:00:00"}, {"1": 1, "2": "23:59:59.999999"}, {"1": 2}]
_TEXTS = ["text 0", "text 1", "text 2", None, "text 4", "text 5"]
_ROWS = [{"1": i, "2": text, "3": i / 2} for i, text in enumerate(_TEXTS)]
_COLUMNS = (("id", "long"), ("text", "string"), ("number", "double"))


def _by_formats(name: str, steps: Callable[[str], list[Step]]) -> dict[str, list[Step]]:
    return {f"{name}_{format_}": steps(format_) for format_ in ("parquet", "avro")}


TABLES: dict[str, list[Step]] = {
    **_by_formats(
        "nanoseconds",
        lambda format_: [
            create(3, ("id", "long"), ("a", "timestamp_ns"), ("b", "timestamptz_ns")),
            append(*_NS, file_format=format_),
        ],
    ),
    **_by_formats(
        "time",
        lambda format_: [
            create(2, ("id", "long"), ("t", "time")),
            append(*_TIMES, file_format=format_),
        ],
    ),
    "uuid_and_fixed": [
        create(2, ("id", "long"), ("u", "uuid"), ("f", "fixed[3]")),
        append(
            {"1": 0, "2": "79eb3a27-0000-4000-8000-000000000001", "3": "00ff80"},
            {"1": 1, "2": "f79c3e09-677c-4bbd-a479-3f349cb785e7", "3": "000000"},
            {"1": 2},
        ),
    ],
    **_by_formats(
        "equality_deletes",
        lambda format_: [
            create(2, *_COLUMNS),
            append(*_ROWS),
            delete(["id"], {"1": 1}, {"1": 99}, file_format=format_),
            append({"1": 1, "2": "again", "3": 0.5}),
            delete(
                ["text", "number"], {"2": "text 2", "3": 1.0}, {"2": "text 4"}, file_format=format_
            ),
            delete(["text"], {}, file_format=format_),
        ],
    ),
    "defaults": [
        create(3, ("id", "long")),
        append({"1": 0}),
        add_with_defaults,
        append({"1": 1, "2": 5}),
    ],
    "unknown": [
        create(3, ("id", "long"), ("nothing", "unknown")),
        append({"1": 0}, {"1": 1}),
    ],
}
