"""Tables of sample values, in several files."""

from collections.abc import Sequence

import pyarrow as pa
from lake import Floe, PyIceberg
from type_samples import Sample

FILES = 3


def schema_of(sample: Sample) -> pa.Schema:
    """Return columns that are optional, required and nothing but null."""
    return pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("optional", sample.type),
            pa.field("required", sample.type, nullable=False),
            pa.field("nothing", sample.type),
        ]
    )


def rows_of(sample: Sample) -> pa.Table:
    """Return a row for each value, its position as `id`, and one of a null."""
    values = [*sample.values, None]
    columns = [
        pa.array(range(len(values)), pa.int64()),
        pa.array(values, sample.type),
        pa.array([*sample.values, sample.values[0]], sample.type),
        pa.nulls(len(values), sample.type),
    ]
    return pa.table(columns, schema=schema_of(sample))


def write_in_files(
    engine: Floe | PyIceberg, name: str, rows: pa.Table, terms: Sequence[str] = ()
) -> None:
    """Make a table in several commits, so in several files with bounds of their own."""
    engine.create(name, rows.schema, terms)
    step = -(-rows.num_rows // FILES)
    for start in range(0, rows.num_rows, step):
        engine.append(name, rows.slice(start, step))
