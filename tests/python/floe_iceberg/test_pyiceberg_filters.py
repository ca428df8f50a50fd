"""Filters of PyIceberg, as text and as objects, mean the same here."""

import contextlib
import random
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.expressions as theirs
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions.parser import parse as parse_theirs
from pyparsing import ParseException
from warehouse import make_catalog, make_table

from floe_core.errors import FloeStorageError, InvalidArgumentError
from floe_iceberg import Table
from floe_iceberg.expressions import And, EqualTo, parse, to_native
from floe_iceberg.schema import Schema
from floe_iceberg.types import (
    BooleanType,
    DateType,
    DoubleType,
    LongType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
)

SCHEMA = Schema(
    NestedField(1, "a", LongType()),
    NestedField(2, "b", DoubleType()),
    NestedField(3, "c", StringType()),
    NestedField(4, "d e", BooleanType()),
    NestedField(5, "f", DateType()),
    NestedField(6, "in", LongType()),
    NestedField(
        7, "g", StructType(NestedField(8, "h", LongType()), NestedField(9, "i j", LongType()))
    ),
    NestedField(10, "is", TimestampType()),
).to_json()

NUMBERS = ["1", "-2", "+3", "0", "1.5", "-.25", "2.", "100000000000"]
TEXTS = ["'x'", "''", "'it''s'", "'50\\%'", "'a b'"]
PATTERNS = ["'x%'", "'%'", "'it''s%'", "'50\\% off%'", "'plain'"]
COLUMNS = {
    "number": ["a", "b", "in", "g.h", 'g."i j"', "g . h", '"a"', '"g"."h"'],
    "text": ["c", '"c"'],
    "boolean": ['"d e"'],
    "date": ["f"],
    "timestamp": ["is"],
}
LITERALS = {
    "number": NUMBERS,
    "text": TEXTS,
    "boolean": ["true", "FALSE"],
    "date": ["'2024-01-31'"],
    "timestamp": ["'2024-01-31T10:00:00'"],
}


def predicate(rng: random.Random) -> str:
    kind = rng.choice(list(COLUMNS))
    column, literal = rng.choice(COLUMNS[kind]), rng.choice(LITERALS[kind])
    comparison = rng.choice(["<", "<=", ">", ">=", "=", "==", "!=", "<>"])
    forms = [
        f"{column} {comparison} {literal}",
        f"{column}{comparison}{literal}",
        f"{literal} {comparison} {column}",
        f"{column} IS NULL",
        f"{column} is not null",
        f"{column} between {literal} AND {rng.choice(LITERALS[kind])}",
    ]
    if kind != "number":
        forms.append(f"{column} in ({literal}, {rng.choice(LITERALS[kind])})")
    else:
        forms += [f"{column} not in (1, -2, 3)", f"{column} IN (1.5,2.25)", f"{column} in ( 7 )"]
    if kind == "text":
        forms += [f"{column} like {rng.choice(PATTERNS)}", f"{column} NOT LIKE 'x%'"]
    if column == "b":
        forms += ["b is nan", "b is not nan"]
    return rng.choice(forms)


def text_of(rng: random.Random, depth: int = 0) -> str:
    if depth > 3 or rng.random() < 0.3:
        return predicate(rng)
    left, right = text_of(rng, depth + 1), text_of(rng, depth + 1)
    return rng.choice(
        [
            f"{left} and {right}",
            f"{left} OR {right}",
            f"({left}) and ({right})",
            f"not {left}",
            f"NOT ({left} or {right})",
            f" ( {left} ) ",
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_text_means_what_it_means_to_pyiceberg(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable test
    compared = 0
    for _ in range(40):
        text = text_of(rng)
        ours = to_native(parse(text)).bind(SCHEMA)
        with contextlib.suppress(ParseException):  # it stumbles over some columns named as keywords
            assert ours == to_native(parse_theirs(text)).bind(SCHEMA), text
            compared += 1
    assert compared > 25


def parsed_by_pyiceberg(text: str) -> Any:
    """Return its expression; None where it refuses the text, by whichever error."""
    try:
        parsed = parse_theirs(text)
    except Exception:  # noqa: BLE001 - it has several kinds
        return None
    return parsed if isinstance(parsed, theirs.BooleanExpression) else None


def test_what_pyiceberg_accepts_is_accepted() -> None:
    """Damaged filters, too; the differences are in docs/filter-grammar.md."""
    rng = random.Random(5)  # noqa: S311 - a repeatable test
    for _ in range(200):
        text = text_of(rng, 2)
        at = rng.randrange(len(text))
        text = (
            text[:at] + rng.choice(["", " ", ".", "$", "1", "-", "is", "(", ")"]) + text[at + 1 :]
        )
        theirs_parsed = parsed_by_pyiceberg(text)
        if theirs_parsed is None:
            continue
        expected, ours = to_native(theirs_parsed), to_native(parse(text))
        try:
            bound = expected.bind(SCHEMA)
        except FloeStorageError:
            with pytest.raises(FloeStorageError):
                ours.bind(SCHEMA)
        else:
            assert ours.bind(SCHEMA) == bound, text


ROWS = pa.table(
    {
        "id": range(6),
        "n": [1, 2, None, 3, 4, 5],
        "s": ["ab", "b", None, "abc", "", "é"],
        "x": [1.0, float("nan"), None, -0.0, 2.5, float("inf")],
        "d": [date(2024, 1, day) if day else None for day in (1, 2, 0, 3, 4, 5)],
        "t": [time(day) if day else None for day in (1, 2, 0, 3, 4, 5)],
        "ts": [datetime(2024, 1, day) if day else None for day in (1, 2, 0, 3, 4, 5)],
        "tz": [datetime(2024, 1, day, tzinfo=UTC) if day else None for day in (1, 2, 0, 3, 4, 5)],
        "dec": pa.array([Decimal(n) for n in range(6)], pa.decimal128(9, 2)),
        "bin": [b"a", b"b", None, b"c", b"", b"\xff"],
        "u": pa.array([uuid.UUID(int=n).bytes for n in range(6)], pa.uuid()),
        "flag": [True, False, None, True, False, True],
    }
)
OBJECTS = [
    theirs.AlwaysTrue(),
    theirs.AlwaysFalse(),
    theirs.EqualTo("n", 2),
    theirs.NotEqualTo("n", 2),
    theirs.In("n", {1, 2, 7}),
    theirs.And(theirs.NotIn("s", ["b", "é"]), theirs.NotNull("s")),  # its not in keeps nulls
    theirs.StartsWith("s", "ab"),
    theirs.NotStartsWith("s", "a"),
    theirs.IsNull("n"),
    theirs.NotNull("s"),
    theirs.IsNaN("x"),
    theirs.NotNaN("x"),
    theirs.LessThan("x", 1.5),
    theirs.GreaterThanOrEqual("d", date(2024, 1, 3)),
    theirs.LessThan("ts", datetime(2024, 1, 3)),
    theirs.GreaterThan("tz", datetime(2024, 1, 3, tzinfo=UTC)),
    theirs.LessThanOrEqual("t", time(3)),
    theirs.EqualTo("dec", Decimal("3.00")),
    theirs.GreaterThan("bin", b"b"),
    theirs.EqualTo("u", uuid.UUID(int=4)),
    theirs.EqualTo("flag", True),
    theirs.And(theirs.GreaterThan("n", 1), theirs.Not(theirs.EqualTo("s", "abc"))),
    theirs.Or(theirs.EqualTo("n", 1), theirs.EqualTo("n", 4), theirs.IsNull("n")),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Any]:
    """One table as both see it."""
    folder = tmp_path_factory.mktemp("filters")
    ours = make_catalog(folder).create_table("db.t", ROWS.schema)
    ours.append(ROWS)
    return ours, SqlCatalog("test", uri=f"sqlite:///{folder}/catalog.db").load_table("db.t")


def ids(rows: pa.Table) -> list[int]:
    return sorted(rows["id"].to_pylist())


@pytest.mark.parametrize("filter_", OBJECTS, ids=str)
def test_an_object_of_pyiceberg_is_a_filter(both: tuple[Table, Any], filter_: Any) -> None:
    ours, pyiceberg = both
    expected = ids(pyiceberg.scan(filter_).to_arrow())
    assert ids(ours.scan(filter_).to_arrow()) == expected
    assert ids(ours.scan().filter(filter_).to_arrow()) == expected
    assert ids(ours.scan(And(filter_, EqualTo("id", 3))).to_arrow()) == (
        [3] if 3 in expected else []
    )


def test_a_long_chain_of_pyiceberg_is_no_danger(both: tuple[Table, Any]) -> None:
    chain: Any = theirs.EqualTo("n", 0)
    for n in range(1, 3_000):
        chain = theirs.Or(chain, theirs.EqualTo("n", n))
    assert ids(both[0].scan(chain).to_arrow()) == [0, 1, 3, 4, 5]


def test_what_is_bound_is_refused(both: tuple[Table, Any]) -> None:
    bound = theirs.EqualTo("n", 1).bind(both[1].schema(), case_sensitive=True)
    with pytest.raises(InvalidArgumentError, match="PyIceberg's BoundEqualTo can't be used"):
        both[0].scan(bound)
    with pytest.raises(InvalidArgumentError, match="a filter is of type int"):
        both[0].scan(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_datetime_of_pyiceberg_is_an_instant_in_any_unit(tmp_path: Path, unit: str) -> None:
    second = datetime(2024, 1, 31, 10, 0, 1, tzinfo=UTC)
    columns = {
        "id": pa.array([0, 1, 2]),
        "plain": pa.array([s * 10**9 for s in range(3)], pa.timestamp("ns")).cast(
            pa.timestamp(unit)
        ),
        "day": pa.array([date(1970, 1, 1), date(1970, 1, 2), None]),
    }
    start = int(datetime(2024, 1, 31, 10, tzinfo=UTC).timestamp())
    zoned = pa.array([(start + s) * 10**9 for s in range(3)], pa.timestamp("ns", "UTC"))
    columns["zoned"] = zoned.cast(pa.timestamp(unit, "UTC"))
    table = make_table(
        make_catalog(tmp_path), pa.table(columns), properties={"format-version": "3"}
    )
    assert str(table.schema().find_type("plain")) == (
        "timestamp" if unit == "us" else "timestamp_ns"
    )
    for filter_, expected in [
        (theirs.EqualTo("plain", datetime(1970, 1, 1, 0, 0, 1)), [1]),
        (theirs.GreaterThan("plain", datetime(1970, 1, 1, tzinfo=UTC)), [1, 2]),
        (theirs.In("zoned", [second, second.replace(second=2)]), [1, 2]),
        (theirs.LessThan("zoned", second.replace(tzinfo=None)), [0]),
        (theirs.LessThanOrEqual("day", datetime(1970, 1, 1, 12, tzinfo=UTC)), [0]),
    ]:
        assert ids(table.scan(filter_).to_arrow()) == expected
