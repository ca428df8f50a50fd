"""Every type as element, key, value and field: rows and evolution, across engines."""

from typing import Any

import pyarrow as pa
import pytest
from lake import Lake
from type_samples import SAMPLES, Sample, canonical


def schema_of(type_: pa.DataType) -> pa.Schema:
    """Return the columns, nested ones of a type."""
    return pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("list", pa.list_(type_)),
            pa.field("required_list", pa.list_(pa.field("element", type_, nullable=False))),
            pa.field("values", pa.map_(pa.string(), type_)),
            pa.field("keys", pa.map_(type_, pa.int32())),
            pa.field("struct", pa.struct([("a", type_), pa.field("b", type_, nullable=False)])),
        ]
    )


def rows_of(sample: Sample) -> pa.Table:
    """Return rows of nested columns of a type, nulls and emptiness among them."""
    type_, values = sample
    keys = [value for value in values if value == value]  # noqa: PLR0124 - NaN is no key
    rows: list[dict[str, Any]] = [
        {
            "id": 0,
            "list": [*values, None],
            "required_list": values,
            "values": [(str(i), value) for i, value in enumerate([*values, None])],
            "keys": [(key, i) for i, key in enumerate(keys)],
            "struct": {"a": values[0], "b": values[-1]},
        },
        {
            "id": 1,
            "list": [],
            "required_list": [],
            "values": [],
            "keys": [],
            "struct": {"a": None, "b": values[0]},
        },
        {"id": 2, "list": [None, None], "keys": [(keys[0], None)]},
    ]
    storage = type_.storage_type if isinstance(type_, pa.UuidType) else type_
    return pa.Table.from_pylist(rows, schema_of(storage)).cast(schema_of(type_))


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
@pytest.mark.parametrize("type_name", SAMPLES)
def test_every_engine_reads_the_same_rows(lake: Lake, writer: str, type_name: str) -> None:
    rows = rows_of(SAMPLES[type_name])
    engine = lake.engine(writer)
    engine.create("t", rows.schema)
    engine.append("t", rows.slice(0, 1))
    engine.append("t", rows.slice(1))
    expected = canonical(rows.to_pylist())

    def found(table: pa.Table) -> Any:
        return canonical(table.sort_by("id").to_pylist())

    assert found(lake.floe.read("t")) == expected
    assert found(lake.pyiceberg.read("t")) == expected
    assert found(lake.sql(f"FROM {lake.relation('t')}")) == expected
