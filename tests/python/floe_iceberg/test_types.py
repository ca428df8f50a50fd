import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest

from floe_core.errors import InvalidArgumentError
from floe_iceberg.schema import Schema
from floe_iceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    GeographyType,
    GeometryType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampNanoType,
    TimestampType,
    TimestamptzNanoType,
    TimestamptzType,
    TimeType,
    UnknownType,
    UUIDType,
    VariantType,
    type_from_json,
)


@pytest.mark.parametrize(
    ("made", "text", "call"),
    [
        (TimestampNanoType(), "timestamp_ns", "TimestampNanoType()"),
        (TimestamptzNanoType(), "timestamptz_ns", "TimestamptzNanoType()"),
        (UnknownType(), "unknown", "UnknownType()"),
        (VariantType(), "variant", "VariantType()"),
        (GeometryType(), "geometry", "GeometryType()"),
        (GeometryType("srid:4326"), "geometry(srid:4326)", "GeometryType(crs='srid:4326')"),
        (GeographyType(), "geography", "GeographyType()"),
        (
            GeographyType("srid:4326", "karney"),
            "geography(srid:4326, karney)",
            "GeographyType(crs='srid:4326', algorithm='karney')",
        ),
    ],
)
def test_types_of_version_3_have_names(made: IcebergType, text: str, call: str) -> None:
    assert str(made) == text
    assert repr(made) == call
    assert type_from_json(text) == made


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (BooleanType(), True),
        (IntegerType(), -3),
        (LongType(), 2**40),
        (FloatType(), 0.5),
        (DoubleType(), 1e300),
        (DecimalType(9, 2), Decimal("-12.50")),
        (DateType(), datetime.date(2024, 2, 29)),
        (TimeType(), datetime.time(1, 2, 3, 4)),
        (TimestampType(), datetime.datetime(2024, 1, 31, 23, 59, 59, 1)),
        (TimestamptzType(), datetime.datetime(2024, 1, 31, tzinfo=datetime.UTC)),
        (TimestampNanoType(), "2024-01-31T00:00:00.000000001"),
        (TimestamptzNanoType(), "2024-01-31T00:00:00.000000001+00:00"),
        (StringType(), 'a "quoted" ü'),
        (UUIDType(), uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7")),
        (FixedType(2), b"\x00\xff"),
        (BinaryType(), b""),
        (ListType(2, LongType(), element_required=False), [1, None, 3]),
        (MapType(2, StringType(), 3, DateType()), {"a": datetime.date(1969, 12, 31)}),
        (StructType(NestedField(2, "x", IntegerType(), initial_default=1)), {}),
    ],
)
def test_defaults_survive_a_schemas_json(field_type: IcebergType, value: Any) -> None:
    field = NestedField(1, "a", field_type, initial_default=value, write_default=value)
    assert field.initial_default == value
    (read,) = Schema.from_json(Schema(field).to_json()).fields
    assert read == field
    assert read.write_default == value
    assert type(read.write_default) is type(value)


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (IntegerType(), 2**31),
        (LongType(), 2**63),
        (IntegerType(), 1.5),
        (IntegerType(), True),
        (FloatType(), 1e39),
        (DoubleType(), float("nan")),
        (DoubleType(), float("inf")),
        (DecimalType(4, 2), Decimal("123.45")),
        (DecimalType(9, 2), Decimal("0.001")),
        (DateType(), "yesterday"),
        (TimestampType(), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)),
        (FixedType(2), b"a"),
        (StringType(), 1),
        (UnknownType(), 1),
        (VariantType(), 1),
        (GeometryType(), b"\x01"),
        (ListType(2, LongType()), 1),
        (StructType(NestedField(2, "x", IntegerType())), {"x": 1}),
    ],
)
def test_defaults_that_the_type_does_not_have_are_refused(
    field_type: IcebergType, value: Any
) -> None:
    with pytest.raises(InvalidArgumentError):
        NestedField(1, "a", field_type, write_default=value)
