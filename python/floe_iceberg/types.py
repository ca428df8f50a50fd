"""Iceberg types, named and used as in `pyiceberg.types`. All are immutable values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _defaults, _native

__all__ = [
    "BinaryType",
    "BooleanType",
    "DateType",
    "DecimalType",
    "DoubleType",
    "FixedType",
    "FloatType",
    "GeographyType",
    "GeometryType",
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
    "TimestampNanoType",
    "TimestampType",
    "TimestamptzNanoType",
    "TimestamptzType",
    "UUIDType",
    "UnknownType",
    "VariantType",
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


class TimestampNanoType(PrimitiveType):
    """Date and time without zone, nanoseconds. Format version 3."""


class TimestamptzNanoType(PrimitiveType):
    """Moment in time, nanoseconds. Format version 3."""


class UnknownType(PrimitiveType):
    """Nothing but nulls, until the column gets another type. Format version 3."""


class VariantType(PrimitiveType):
    """Semi-structured values. Format version 3."""


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
    TimestampNanoType: "timestamp_ns",
    TimestamptzNanoType: "timestamptz_ns",
    UnknownType: "unknown",
    VariantType: "variant",
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


_DEFAULT_CRS = "OGC:CRS84"


@dataclass(frozen=True, repr=False)
class GeometryType(PrimitiveType):
    """Shapes on a plane, as WKB. Format version 3."""

    crs: str = _DEFAULT_CRS

    def __repr__(self) -> str:
        """Return the constructor call."""
        return "GeometryType()" if self.crs == _DEFAULT_CRS else f"GeometryType(crs={self.crs!r})"

    def to_json(self) -> str:
        """Return the specification's name of the type."""
        return "geometry" if self.crs == _DEFAULT_CRS else f"geometry({self.crs})"


@dataclass(frozen=True, repr=False)
class GeographyType(PrimitiveType):
    """Shapes on the Earth, as WKB, whose edges `algorithm` draws. Format version 3."""

    crs: str = _DEFAULT_CRS
    algorithm: str = "spherical"

    def __repr__(self) -> str:
        """Return the constructor call."""
        arguments = f"crs={self.crs!r}, algorithm={self.algorithm!r}"
        return "GeographyType()" if self == GeographyType() else f"GeographyType({arguments})"

    def to_json(self) -> str:
        """Return the specification's name of the type."""
        if self.algorithm != "spherical":
            return f"geography({self.crs}, {self.algorithm})"
        return "geography" if self.crs == _DEFAULT_CRS else f"geography({self.crs})"


@dataclass(frozen=True, init=False)
class NestedField(IcebergType):
    """A column, or a field of a struct.

    Attributes:
        field_id: Id within the schema; it stays through renames.
        name: Name, without those above it.
        field_type: Type of the values.
        required: False if values may be null.
        doc: Description.
        initial_default: Value in rows that were written before the column was added.
        write_default: Value in rows that are written without the column.
    """

    field_id: int
    name: str
    field_type: IcebergType
    required: bool
    doc: str | None
    initial_default: Any = field(hash=False)
    write_default: Any = field(hash=False)

    def __init__(  # noqa: PLR0913 - PyIceberg's signature
        self,
        field_id: int,
        name: str,
        field_type: IcebergType,
        required: bool = False,  # noqa: FBT001, FBT002 - PyIceberg's signature
        doc: str | None = None,
        *,
        initial_default: Any = None,
        write_default: Any = None,
    ) -> None:
        """Make a field.

        Defaults are values of the type: `date`, `Decimal`, `bytes`, `UUID` and so on, text for
        nanosecond timestamps, `{}` for a struct whose fields have defaults of their own. Raises
        InvalidArgumentError for what is not a value of the type.
        """
        object.__setattr__(self, "field_id", field_id)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "field_type", field_type)
        object.__setattr__(self, "required", required)
        object.__setattr__(self, "doc", doc)
        made = field_type.to_json()
        object.__setattr__(self, "initial_default", _defaults.canonical(made, initial_default))
        object.__setattr__(self, "write_default", _defaults.canonical(made, write_default))

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
        if self.initial_default is not None:
            out["initial-default"] = _defaults.to_json(out["type"], self.initial_default)
        if self.write_default is not None:
            out["write-default"] = _defaults.to_json(out["type"], self.write_default)
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


def _field(item: dict[str, Any]) -> NestedField:
    return NestedField(
        item["id"],
        item["name"],
        type_from_json(item["type"]),
        item["required"],
        item.get("doc"),
        initial_default=_defaults.from_json(item["type"], item.get("initial-default")),
        write_default=_defaults.from_json(item["type"], item.get("write-default")),
    )


def _fields(items: Iterable[dict[str, Any]]) -> list[NestedField]:
    return [_field(item) for item in items]


def _primitive(text: str) -> PrimitiveType:
    name = _native.normalize_type(text)
    if name in _BY_NAME:
        return _BY_NAME[name]()
    kind, _, rest = name.replace("[", "(").partition("(")
    arguments = [argument.strip() for argument in rest[:-1].split(",") if argument]
    if kind in {"geometry", "geography"}:
        return (GeometryType if kind == "geometry" else GeographyType)(*arguments)
    return (FixedType if kind == "fixed" else DecimalType)(*map(int, arguments))


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
