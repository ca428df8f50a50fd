"""Structs, lists and maps, nulls and emptiness at every depth, across engines."""

import pyarrow as pa
import pytest
from filter_samples import theirs
from lake import Lake, to_floe
from nested_samples import POINT, ROWS, SCHEMA
from type_samples import ids, rows_by_id


@pytest.fixture(params=["floe", "pyiceberg"])
def written(lake: Lake, request: pytest.FixtureRequest) -> Lake:
    """A lake with table `t`, whose rows are in two files."""
    engine = lake.engine(request.param)
    engine.create("t", SCHEMA)
    engine.append("t", ROWS.slice(0, 2))
    engine.append("t", ROWS.slice(2))
    return lake


def test_every_engine_reads_the_same_rows(written: Lake) -> None:
    expected = rows_by_id(ROWS)
    assert rows_by_id(written.floe.read("t")) == expected
    assert rows_by_id(written.pyiceberg.read("t")) == expected
    assert rows_by_id(written.sql(f"FROM {written.relation('t')}")) == expected


def test_a_null_list_of_structs_stays_null(lake: Lake) -> None:
    # PyIceberg takes it for an empty list, reading and writing.
    rows = pa.table({"id": [0, 1], "points": pa.array([None, [None]], pa.list_(POINT))})
    lake.floe.create("t", rows.schema)
    lake.floe.append("t", rows)
    assert rows_by_id(lake.floe.read("t")) == rows_by_id(rows)
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == rows_by_id(rows)


def test_fields_of_structs_are_selected_alone(written: Lake) -> None:
    fields = ("id", "point.inner.tags", "matrix")
    expected = {
        row["id"]: [
            row["point"]
            and {"inner": row["point"]["inner"] and {"tags": row["point"]["inner"]["tags"]}},
            row["matrix"],
        ]
        for row in ROWS.to_pylist()
    }
    assert rows_by_id(written.floe.read("t", selected_fields=fields)) == expected
    assert rows_by_id(written.pyiceberg.read("t", selected_fields=fields)) == expected


@pytest.mark.parametrize(
    ("expression", "sql", "expected"),
    [
        (theirs.GreaterThan("point.x", 1.0), "point.x > 1 AND NOT isnan(point.x)", [0, 3]),
        (theirs.LessThanOrEqual("point.x", 1.5), "point.x <= 1.5", [0]),
        (theirs.IsNull("point.x"), "point.x IS NULL", [1]),
        (theirs.NotNull("point.x"), "point.x IS NOT NULL", [0, 2, 3]),
        (theirs.IsNaN("point.x"), "isnan(point.x)", [2]),
        (theirs.EqualTo("point.label", "q" * 40), f"point.label = '{'q' * 40}'", [3]),
        (theirs.StartsWith("point.label", "q" * 17), "point.label LIKE 'qqqqqqqqqqqqqqqqq%'", [3]),
        (theirs.IsNull("point.label"), "point.label IS NULL", [1]),
        (theirs.IsNull("point.inner.when"), "point.inner.when IS NULL", [0, 1, 2, 3]),
        (theirs.IsNull("point"), "point IS NULL", [1]),
        (theirs.NotNull("points"), "points IS NOT NULL", [0, 1, 2, 3]),
        (theirs.IsNull("counts"), "counts IS NULL", [1, 3]),
    ],
    ids=str,
)
def test_filters_reach_into_structs(
    written: Lake, expression: object, sql: str, expected: list[int]
) -> None:
    assert ids(written.floe.read("t", expression)) == expected
    assert ids(written.sql(f"FROM {written.relation('t')} WHERE {sql}")) == expected


def test_a_field_of_a_struct_makes_partitions(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA, ["bucket(4, point.label)", "point.x"])
    lake.floe.append("t", ROWS)
    expected = rows_by_id(ROWS)
    assert rows_by_id(lake.floe.read("t")) == expected
    assert rows_by_id(lake.pyiceberg.read("t")) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected
    for filter_, found in [
        (theirs.EqualTo("point.label", "a"), [0]),
        (theirs.IsNull("point.x"), [1]),
        (theirs.GreaterThan("point.x", 2.0), [3]),
    ]:
        assert ids(lake.floe.load("t").scan(to_floe(filter_)).to_arrow()) == found
        assert ids(lake.pyiceberg.read("t", filter_)) == found
