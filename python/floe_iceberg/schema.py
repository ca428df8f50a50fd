"""A table's columns, as in `pyiceberg.schema`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import integer, refuse_type
from floe_iceberg.types import (
    IcebergType,
    ListType,
    MapType,
    NestedField,
    StructType,
    type_from_json,
)

__all__ = ["Schema"]


class Schema:
    """The columns of a table as of one schema id. Immutable."""

    def __init__(
        self,
        *fields: NestedField,
        schema_id: int = 0,
        identifier_field_ids: Sequence[int] = (),
    ) -> None:
        """Make a schema of top-level fields."""
        self.fields = fields
        self.schema_id = schema_id
        self.identifier_field_ids = list(identifier_field_ids)

    @classmethod
    def from_json(cls, text: str) -> "Schema":
        """Read a schema's JSON form; raises ParseError."""
        value = json.loads(_native.normalize_schema(text))
        struct = type_from_json({"type": "struct", "fields": value["fields"]})
        assert isinstance(struct, StructType)  # noqa: S101 - for the type checker
        return cls(
            *struct.fields,
            schema_id=value["schema-id"],
            identifier_field_ids=value.get("identifier-field-ids", []),
        )

    @classmethod
    def from_arrow(cls, schema: Any, format_version: int = 2) -> "Schema":
        """Return the schema that holds an Arrow schema's values.

        Field ids are those of its `PARQUET:field_id` metadata, or new ones. Tables of format
        version 3 have timestamps in nanoseconds, and a type for columns of nothing but nulls.
        In earlier ones nanoseconds become microseconds, and rows that are finer are refused.

        Raises:
            SchemaMismatchError: Names every column whose type that format version does not have.
        """
        if not hasattr(schema, "__arrow_c_schema__"):
            refuse_type("schema", schema, "a Schema of floe or an Arrow schema")
        version = integer("format_version", format_version)
        return cls.from_json(_native.schema_from_arrow(schema, version))

    def to_json(self) -> str:
        """Return the JSON form (Iceberg specification, appendix C)."""
        value = {
            "type": "struct",
            "schema-id": self.schema_id,
            "fields": [field.to_json() for field in self.fields],
        }
        if self.identifier_field_ids:
            value["identifier-field-ids"] = self.identifier_field_ids
        return json.dumps(value)

    def as_arrow(self) -> pa.Schema:
        """Return the Arrow schema of what scans yield."""
        return pa.schema(_ArrowSchema(self.to_json()))

    def as_struct(self) -> StructType:
        """Return all columns as one struct."""
        return StructType(*self.fields)

    @property
    def columns(self) -> tuple[NestedField, ...]:
        """Top-level fields."""
        return self.fields

    @property
    def column_names(self) -> list[str]:
        """Full dotted names at every depth."""
        return [name for name, _ in self._walk()]

    @property
    def highest_field_id(self) -> int:
        """Highest id at any depth, 0 without fields."""
        return max((field.field_id for _, field in self._walk()), default=0)

    def find_field(self, name_or_id: str | int, *, case_sensitive: bool = True) -> NestedField:
        """Return a field by full name or id; raises InvalidArgumentError."""
        for name, field in self._walk():
            if name_or_id in (field.field_id, name):
                return field
            if not case_sensitive and name.lower() == str(name_or_id).lower():
                return field
        columns = _native.describe_columns(self.to_json(), str(name_or_id))
        message = f"no column {name_or_id!r} in the schema; {columns}"
        raise InvalidArgumentError(message, details={"column": str(name_or_id)})

    def find_type(self, name_or_id: str | int, *, case_sensitive: bool = True) -> IcebergType:
        """Return a field's type by full name or id."""
        return self.find_field(name_or_id, case_sensitive=case_sensitive).field_type

    def find_column_name(self, column_id: int) -> str | None:
        """Return the full name of a field, None if there is none of that id."""
        return next((name for name, field in self._walk() if field.field_id == column_id), None)

    def _walk(self) -> Iterator[tuple[str, NestedField]]:
        for field in self.fields:
            yield from _walk_field(field, "")

    def __iter__(self) -> Iterator[NestedField]:
        """Iterate over the top-level fields."""
        return iter(self.fields)

    def __len__(self) -> int:
        """Return the number of top-level fields."""
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        """Compare columns and identifier fields, not schema ids."""
        return (
            isinstance(other, Schema)
            and self.fields == other.fields
            and sorted(self.identifier_field_ids) == sorted(other.identifier_field_ids)
        )

    def __hash__(self) -> int:
        """Hash the columns."""
        return hash(self.fields)

    def __repr__(self) -> str:
        """Return a line for each column."""
        lines = "".join(
            f"  {field.field_id}: {field.name}: "
            f"{'required' if field.required else 'optional'} {_type_text(field.field_type)}\n"
            for field in self.fields
        )
        return f"table {{\n{lines}}}"


class _ArrowSchema:
    """Hands an Iceberg schema to pyarrow by the PyCapsule protocol."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __arrow_c_schema__(self) -> object:
        return _native.schema_to_arrow(self._text)


def _walk_field(field: NestedField, prefix: str) -> Iterator[tuple[str, NestedField]]:
    name = prefix + field.name
    yield name, field
    for inner in _inner_fields(field.field_type):
        yield from _walk_field(inner, name + ".")


def _inner_fields(field_type: IcebergType) -> tuple[NestedField, ...]:
    if isinstance(field_type, StructType):
        return field_type.fields
    if isinstance(field_type, ListType):
        return (field_type.element_field,)
    if isinstance(field_type, MapType):
        return (
            NestedField(field_type.key_id, "key", field_type.key_type, required=True),
            NestedField(
                field_type.value_id,
                "value",
                field_type.value_type,
                required=field_type.value_required,
            ),
        )
    return ()


def _type_text(field_type: IcebergType) -> str:
    inner = ", ".join(
        f"{field.name}: {_type_text(field.field_type)}" for field in _inner_fields(field_type)
    )
    if not inner:
        return str(field_type)
    return f"{type(field_type).__name__.removesuffix('Type').lower()}<{inner}>"
