"""Iceberg types, named and used as in `pyiceberg.types`. All are immutable values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native

__all__ = [
    "BinaryType",
    "BooleanType",
    "DateType",
    "DecimalType",
    "DoubleType",
    "FixedType",
    "FloatType",
    "IcebergType",
    "IntegerType",
    "ListType",
    "LongType",
    "MapType",
    "NestedField",
    "PrimitiveType",
    "StringType",
    "StructType",
    "TimeType",
    "TimestampType",
    "TimestamptzType",
    "UUIDType",
    "type_from_json",
]


class IcebergType:
    """Base of all types."""

    def to_json(self) -> Any:
        """Return the type's JSON form (Iceberg specification, appendix C)."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class PrimitiveType(IcebergType):
    """Base of types without fields."""

    def __str__(self) -> str:
        """Return the specification's name of the type."""
        return str(self.to_json())

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"{type(self).__name__}()"

    def to_json(self) -> str:
        """Return the specification's name of the type."""
        return _NAMES[type(self)]


class BooleanType(PrimitiveType):
    """True or false."""


class IntegerType(PrimitiveType):
    """32-bit integer."""


class LongType(PrimitiveType):
    """64-bit integer."""


class FloatType(PrimitiveType):
    """32-bit IEEE 754 number."""


class DoubleType(PrimitiveType):
    """64-bit IEEE 754 number."""


class DateType(PrimitiveType):
    """Calendar date."""


class TimeType(PrimitiveType):
    """Time of day, microseconds."""


class TimestampType(PrimitiveType):
    """Date and time without zone, microseconds."""


class TimestamptzType(PrimitiveType):
    """Moment in time, microseconds."""


class StringType(PrimitiveType):
    """Text."""


class UUIDType(PrimitiveType):
    """UUID."""


class BinaryType(PrimitiveType):
    """Bytes of any length."""


_NAMES: dict[type[PrimitiveType], str] = {
    BooleanType: "boolean",
    IntegerType: "int",
    LongType: "long",
    FloatType: "float",
    DoubleType: "double",
    DateType: "date",
    TimeType: "time",
    TimestampType: "timestamp",
    TimestamptzType: "timestamptz",
    StringType: "string",
    UUIDType: "uuid",
    BinaryType: "binary",
}
_BY_NAME = {name: made for made, name in _NAMES.items()}


@dataclass(frozen=True, repr=False)
class DecimalType(PrimitiveType):
    """Decimal number of `precision` digits, `scale` of them after the point."""

    precision: int
    scale: int

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"DecimalType(precision={self.precision}, scale={self.scale})"

    def to_json(self) -> str:
        """Return the specification's name of the type."""
        return f"decimal({self.precision}, {self.scale})"


@dataclass(frozen=True, repr=False)
class FixedType(PrimitiveType):
    """`length` bytes."""

    length: int

    def __repr__(self) -> str:
        """Return the constructor call."""
        return f"FixedType(length={self.length})"

    def to_json(self) -> str:
        """Return the specification's name of the type."""
        return f"fixed[{self.length}]"


@dataclass(frozen=True, init=False)
class NestedField(IcebergType):
    """A column, or a field of a struct.

    Attributes:
        field_id: Id within the schema; it stays through renames.
        name: Name, without those above it.
        field_type: Type of the values.
        required: False if values may be null.
        doc: Description.
    """

    field_id: int
    name: str
    field_type: IcebergType
    required: bool
    doc: str | None = field(default=None)

    def __init__(
        self,
        field_id: int,
        name: str,
        field_type: IcebergType,
        required: bool = False,  # noqa: FBT001, FBT002 - PyIceberg's signature
        doc: str | None = None,
    ) -> None:
        """Make a field."""
        object.__setattr__(self, "field_id", field_id)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "field_type", field_type)
        object.__setattr__(self, "required", required)
        object.__setattr__(self, "doc", doc)

    @property
    def optional(self) -> bool:
        """True if values may be null."""
        return not self.required

    def to_json(self) -> dict[str, Any]:
        """Return the field's JSON form."""
        out: dict[str, Any] = {
            "id": self.field_id,
            "name": self.name,
            "required": self.required,
            "type": self.field_type.to_json(),
        }
        if self.doc:
            out["doc"] = self.doc
        return out


@dataclass(frozen=True, init=False)
class StructType(IcebergType):
    """Named fields side by side."""

    fields: tuple[NestedField, ...]

    def __init__(self, *fields: NestedField) -> None:
        """Make a struct of fields."""
        object.__setattr__(self, "fields", fields)

    def to_json(self) -> dict[str, Any]:
        """Return the type's JSON form."""
        return {"type": "struct", "fields": [f.to_json() for f in self.fields]}


@dataclass(frozen=True)
class ListType(IcebergType):
    """Any number of elements of one type."""

    element_id: int
    element_type: IcebergType
    element_required: bool = True

    @property
    def element_field(self) -> NestedField:
        """The element as a field."""
        return NestedField(
            self.element_id, "element", self.element_type, required=self.element_required
        )

    def to_json(self) -> dict[str, Any]:
        """Return the type's JSON form."""
        return {
            "type": "list",
            "element-id": self.element_id,
            "element": self.element_type.to_json(),
            "element-required": self.element_required,
        }


@dataclass(frozen=True)
class MapType(IcebergType):
    """Values by key."""

    key_id: int
    key_type: IcebergType
    value_id: int
    value_type: IcebergType
    value_required: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the type's JSON form."""
        return {
            "type": "map",
            "key-id": self.key_id,
            "key": self.key_type.to_json(),
            "value-id": self.value_id,
            "value": self.value_type.to_json(),
            "value-required": self.value_required,
        }


def _fields(items: Iterable[dict[str, Any]]) -> list[NestedField]:
    return [
        NestedField(
            item["id"],
            item["name"],
            type_from_json(item["type"]),
            required=item["required"],
            doc=item.get("doc"),
        )
        for item in items
    ]


def _primitive(text: str) -> PrimitiveType:
    name = _native.normalize_type(text)
    if name in _BY_NAME:
        return _BY_NAME[name]()
    arguments = name[name.index("(" if "(" in name else "[") + 1 : -1]
    if name.startswith("fixed"):
        return FixedType(int(arguments))
    precision, scale = arguments.split(",")
    return DecimalType(int(precision), int(scale))


def type_from_json(value: Any) -> IcebergType:
    """Read the JSON form of a type; raises ParseError."""
    if isinstance(value, str):
        return _primitive(value)
    kind = value.get("type")
    if kind == "struct":
        return StructType(*_fields(value["fields"]))
    if kind == "list":
        return ListType(
            value["element-id"], type_from_json(value["element"]), value["element-required"]
        )
    if kind == "map":
        return MapType(
            value["key-id"],
            type_from_json(value["key"]),
            value["value-id"],
            type_from_json(value["value"]),
            value["value-required"],
        )
    message = f"expected a type, found {value!r}"
    raise InvalidArgumentError(message)
