"""Schemas and partition specs in Iceberg's JSON, made here so that every engine gets the same."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pyarrow as pa
from canonical_rows import type_that_is_not_arrows

_PRIMITIVES = {
    pa.bool_(): "boolean",
    pa.int32(): "int",
    pa.int64(): "long",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.time64("us"): "time",
    pa.timestamp("us"): "timestamp",
    pa.timestamp("us", "UTC"): "timestamptz",
    pa.timestamp("ns"): "timestamp_ns",
    pa.timestamp("ns", "UTC"): "timestamptz_ns",
    pa.string(): "string",
    pa.binary(): "binary",
    pa.uuid(): "uuid",
    pa.null(): "unknown",
}


def _type(type_: pa.DataType, ids: Iterator[int]) -> Any:
    if pa.types.is_struct(type_):
        return {"type": "struct", "fields": _fields(type_, ids)}
    if pa.types.is_map(type_):
        key, value = next(ids), next(ids)
        return {
            "type": "map",
            "key-id": key,
            "key": _type(type_.key_type, ids),
            "value-id": value,
            "value": _type(type_.item_type, ids),
            "value-required": False,
        }
    if pa.types.is_list(type_):
        element = next(ids)
        return {
            "type": "list",
            "element-id": element,
            "element": _type(type_.value_type, ids),
            "element-required": False,
        }
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})"
    if pa.types.is_fixed_size_binary(type_):
        return f"fixed[{type_.byte_width}]"
    return _PRIMITIVES[type_]


def _fields(fields: Any, ids: Iterator[int]) -> list[dict[str, Any]]:
    numbered = [(next(ids), field) for field in fields]
    return [
        {
            "id": id_,
            "name": f.name,
            "required": not f.nullable,
            "type": type_that_is_not_arrows(f) or _type(f.type, ids),
        }
        for id_, f in numbered
    ]


def schema_json(schema: pa.Schema) -> str:
    """Return the schema; ids count from 1, those of a level before those below it."""
    fields = _fields(schema, count(1))
    return json.dumps({"type": "struct", "schema-id": 0, "fields": fields})


_TERM = re.compile(r"(?:(\w+)\((?:(\d+), )?)?(\w+)\)?")


def spec_json(schema: pa.Schema, terms: Sequence[str]) -> str:
    """Return the spec of terms such as "bucket(4, id)"; fields are named as engines name them."""
    fields = []
    for number, term in enumerate(terms):
        match = _TERM.fullmatch(term)
        assert match, term
        transform, parameter, column = match.groups()
        suffix = {"truncate": "trunc"}.get(transform, transform)
        fields.append(
            {
                "source-id": schema.get_field_index(column) + 1,
                "field-id": 1000 + number,
                "name": f"{column}_{suffix}" if transform else column,
                "transform": (transform or "identity") + (f"[{parameter}]" if parameter else ""),
            }
        )
    return json.dumps({"spec-id": 0, "fields": fields})
