"""Reads scenario scripts (tests/README.md): statements, and the types and values in them."""

import datetime as dt
import json
import math
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from arrow_values import make_array

MARK = "----"
BATCH_MARK = "--"


class ScenarioError(Exception):
    """A script that can't be read, or whose outcome is not what it says."""


class Statement(NamedTuple):
    """A command with its rows, and what it is to print."""

    where: str
    command: str
    rows: list[str]
    expected: list[str]
    source: list[str]


def read_script(path: Path) -> tuple[list[Statement], list[list[str]]]:
    """Return a file's statements, and before each the lines that belong to none.

    Blank lines part statements; lines that begin with `#` before one are remarks.
    """
    statements: list[Statement] = []
    between: list[list[str]] = [[]]
    block: list[str] = []
    for number, line in enumerate([*path.read_text().split("\n"), ""], start=1):
        if line.strip() and (block or not line.startswith("#")):
            block.append(line)
            continue
        if block:
            statements.append(_statement(f"{path.name}:{number - len(block)}", block))
            between.append([])
            block = []
        between[-1].append(line)
    between[-1].pop()
    return statements, between


def _statement(where: str, lines: list[str]) -> Statement:
    if lines.count(MARK) != 1:
        raise ScenarioError(f"{where}: a statement has one line {MARK!r}, this has another number")
    mark = lines.index(MARK)
    begin = next((i for i in range(1, mark) if not lines[i].startswith("  ")), mark)
    command = " ".join(line.strip() for line in lines[:begin])
    return Statement(where, command, lines[begin:mark], lines[mark + 1 :], lines[: mark + 1])


def split_top(text: str) -> list[str]:
    """Split at the commas that are in no brackets."""
    parts, depth, begin = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "(<[") - (character in ")>]")
        if character == "," and depth == 0:
            parts.append(text[begin:position].strip())
            begin = position + 1
    parts.append(text[begin:].strip())
    return [part for part in parts if part]


_PRIMITIVES = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "string": pa.string(),
    "uuid": pa.uuid(),
    "binary": pa.binary(),
}


def parse_type(text: str) -> pa.DataType:
    """Return the Arrow type of an Iceberg type; others have Arrow's own names."""
    if text in _PRIMITIVES:
        return _PRIMITIVES[text]
    found = re.fullmatch(r"(struct|list|map)<(.*)>", text)
    if found is None:
        sizes = [int(digits) for digits in re.findall(r"\d+", text)]
        if text.startswith("decimal("):
            return pa.decimal128(*sizes)
        return pa.binary(*sizes) if text.startswith("fixed[") else pa.type_for_alias(text)
    parts = split_top(found[2])
    if found[1] == "struct":
        return pa.struct(parse_columns(found[2], ": "))
    if found[1] == "list":
        return pa.list_(pa.field("element", parse_type(parts[0])))
    return pa.map_(parse_type(parts[0]), parse_type(parts[1]))


def parse_columns(text: str, between: str = " ") -> pa.Schema:
    """Return the columns of `name type [required], …`."""
    fields = []
    for part in split_top(text):
        name, _, type_ = part.partition(between)
        required = type_.endswith(" required")
        made = parse_type(type_.removesuffix(" required").strip())
        fields.append(pa.field(name, made, nullable=not required))
    return pa.schema(fields)


_SCALARS: list[tuple[Callable[[pa.DataType], bool], Callable[[str], Any]]] = [
    (pa.types.is_boolean, lambda text: {"true": True, "false": False}[text]),
    (pa.types.is_integer, int),
    (pa.types.is_floating, float),
    (pa.types.is_decimal, Decimal),
    (pa.types.is_date, dt.date.fromisoformat),
    (pa.types.is_time, dt.time.fromisoformat),
    (pa.types.is_timestamp, dt.datetime.fromisoformat),
    (lambda type_: type_ == pa.uuid(), lambda text: uuid.UUID(text).bytes),
    (pa.types.is_string, str),
    (lambda _: True, lambda text: bytes.fromhex(text.removeprefix("X'").removesuffix("'"))),
]


def _from_json(value: Any, type_: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_struct(type_):
        return {field.name: _from_json(value.get(field.name), field.type) for field in type_}
    if pa.types.is_map(type_):
        return [(_from_json(k, type_.key_type), _from_json(v, type_.item_type)) for k, v in value]
    if pa.types.is_list(type_):
        return [_from_json(each, type_.value_type) for each in value]
    if not isinstance(value, str):
        value = json.dumps(value)
    return next(read for fits, read in _SCALARS if fits(type_))(value)


def _parse_cell(text: str, type_: pa.DataType) -> Any:
    if text == "null":
        return None
    return _from_json(json.loads(text) if text[:1] in ('"', "[", "{") else text, type_)


def parse_batches(rows: list[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Return the batches of lines of values, between lines that part them."""
    batches: list[list[str]] = [[]]
    for row in rows:
        if row == BATCH_MARK:
            batches.append([])
        else:
            batches[-1].append(row)
    for batch in batches:
        cells = [row.split(" | ") for row in batch]
        wrong = [row for row, found in zip(batch, cells, strict=True) if len(found) != len(schema)]
        if wrong:
            raise ScenarioError(f"{wrong[0]!r} does not have {len(schema)} values")
        columns = [
            make_array([_parse_cell(row[i].strip(), field.type) for row in cells], field.type)
            for i, field in enumerate(schema)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def show(value: Any) -> str:
    """Return a value as a cell, in the form that is read."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        plain = value.isprintable() and value == value.strip() and "|" not in value
        odd = not value or value[0] in '"[{' or value == "null" or not plain
        return json.dumps(value, ensure_ascii=not value.isprintable()) if odd else value
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(_to_json(value), ensure_ascii=False)
    return str(value)


def _to_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _to_json(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float, str, type(None))) else show(value)


def show_row(values: list[Any]) -> str:
    """Return values as a line."""
    return " | ".join(map(show, values))
