"""Changes of a table's columns, as `pyiceberg.table.update.schema`."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Self

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type, text
from floe_iceberg._update import Update, full_name
from floe_iceberg.schema import Schema
from floe_iceberg.types import IcebergType, type_from_json

__all__ = ["UpdateSchema"]

Path = str | Sequence[str]


class UpdateSchema(Update):
    """Changes of a table's columns, made together at the end of a `with` block.

    A column is named by its full name, `place.city`, or by a tuple, `("place", "city")`: the
    name it had before these changes. Data files stay as they are: values belong to columns by
    id, whatever becomes of names and places.

    Raises:
        SchemaEvolutionError: No such column, a name twice, two changes that exclude each other.
        IncompatibleSchemaChangeError: A change that rows may contradict; names the column, from,
            to and the rule. `allow_incompatible_changes` allows to require values that rows may
            lack; what would make rows unreadable is always refused.
    """

    def __init__(
        self,
        table: _native.Table,
        add: Callable[[_native.Change], None],
        *,
        allow_incompatible_changes: bool,
        case_sensitive: bool,
    ) -> None:
        """Change the columns of `table`; `Table.update_schema()` is how to make one."""
        super().__init__(add)
        self._table = table
        self._allow_incompatible = allow_incompatible_changes
        self._edits = _native.SchemaEdits(table, allow_incompatible_changes, case_sensitive)

    def case_sensitive(
        self,
        case_sensitive: bool,  # noqa: FBT001 - PyIceberg's signature
    ) -> Self:
        """Say, before any change, whether names of columns are found by case."""
        self._edits = _native.SchemaEdits(self._table, self._allow_incompatible, case_sensitive)
        return self

    def add_column(
        self,
        path: Path,
        field_type: IcebergType | str,
        doc: str | None = None,
        required: bool = False,  # noqa: FBT001, FBT002 - PyIceberg's signature
        default_value: Any = None,
    ) -> Self:
        """Add a column at the end of the table, or of a struct.

        Args:
            path: Its name; a tuple for one in a struct, a list of structs or a map to structs.
            field_type: A type, or its name; ids within it are reassigned.
            doc: Description.
            required: Needs a default or `allow_incompatible_changes`, as rows that are there
                have no value.
            default_value: What rows have that are there already, or are written without the
                column; in tables of format version 3.
        """
        if isinstance(path, str):
            if "." in path:
                parts = tuple(path.split("."))
                message = f"can't tell where to add column {path!r}; pass a tuple such as {parts}"
                raise InvalidArgumentError(message)
            path = (path,)
        *parent, name = path
        self._edits.add_column(
            full_name("path", parent),
            text("path", name),
            _type_json(field_type),
            required,
            doc or "",
            default_value,
        )
        return self

    def delete_column(self, path: Path) -> Self:
        """Delete a column. One of that name that is added later does not get its values."""
        self._edits.delete_column(full_name("path", path))
        return self

    def rename_column(self, path_from: Path, new_name: str) -> Self:
        """Rename a column; `new_name` is its own name, without those above it."""
        self._edits.rename_column(full_name("path_from", path_from), text("new_name", new_name))
        return self

    def update_column(
        self,
        path: Path,
        field_type: IcebergType | str | None = None,
        required: bool | None = None,  # noqa: FBT001 - PyIceberg's signature
        doc: str | None = None,
    ) -> Self:
        """Widen a column's type, require its values or not, describe it."""
        name = full_name("path", path)
        if field_type is not None:
            self._edits.update_type(name, _type_json(field_type))
        if required is not None:
            (self._edits.make_required if required else self._edits.make_optional)(name)
        if doc is not None:
            self._edits.update_doc(name, doc)
        return self

    def set_default_value(self, path: Path, default_value: Any) -> Self:
        """Say what rows have that are written without a column; None: no default.

        Rows that are there stay as they are.
        """
        self._edits.update_default(full_name("path", path), default_value)
        return self

    def make_column_optional(self, path: Path) -> Self:
        """Allow nulls in a column."""
        self._edits.make_optional(full_name("path", path))
        return self

    def move_first(self, path: Path) -> Self:
        """Move a column to the front of its struct."""
        self._edits.move_first(full_name("path", path))
        return self

    def move_before(self, path: Path, before_path: Path) -> Self:
        """Move a column before another one of the same struct."""
        self._edits.move_before(full_name("path", path), full_name("before_path", before_path))
        return self

    def move_after(self, path: Path, after_name: Path) -> Self:
        """Move a column behind another one of the same struct."""
        self._edits.move_after(full_name("path", path), full_name("after_name", after_name))
        return self

    def set_identifier_fields(self, *fields: str) -> None:
        """Say which columns tell rows apart, by their names after the changes."""
        self._edits.set_identifier_fields([full_name("fields", field) for field in fields])

    def union_by_name(self, new_schema: Any) -> Self:
        """Add the columns of another schema that are missing, and widen types, by name.

        Args:
            new_schema: A Schema of floe, or anything with an Arrow schema.
        """
        schema = (
            new_schema
            if isinstance(new_schema, Schema)
            else Schema.from_arrow(new_schema, self._table.format_version)
        )
        self._edits.union_by_name(schema.to_json())
        return self

    def schema(self) -> Schema:
        """Return the schema as the changes so far make it."""
        return Schema.from_json(self._edits.build())

    def _change(self) -> _native.Change:
        return self._edits.change()


def _type_json(field_type: IcebergType | str) -> str:
    if isinstance(field_type, str):
        field_type = type_from_json(field_type)
    if not isinstance(field_type, IcebergType):
        refuse_type("field_type", field_type, "a type of floe_iceberg.types, or its name")
    return json.dumps(field_type.to_json())
