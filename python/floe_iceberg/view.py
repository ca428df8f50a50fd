"""Views, as in `pyiceberg.view`: named queries that a catalog keeps for all engines.

floe keeps and shows them; it runs no SQL.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import names, refuse_type, text, text_pairs
from floe_iceberg.schema import Schema

__all__ = ["SQLViewRepresentation", "View", "ViewHistoryEntry", "ViewVersion"]


@dataclass(frozen=True)
class SQLViewRepresentation:
    """A view's definition in one dialect of SQL, such as "spark" or "trino"."""

    sql: str
    dialect: str
    type: str = "sql"


@dataclass(frozen=True)
class ViewVersion:
    """A definition that a view has, or had.

    Attributes:
        representations: The same definition in one or more dialects.
        default_namespace: Where the definition looks for names without a namespace.
        default_catalog: Where it looks for names without a catalog; None: the view's own.
        summary: Who made it.
        version_id: Assigned by the catalog, as are the others below.
        schema_id: Of the columns of the result.
        timestamp_ms: When it was made.
    """

    representations: Sequence[SQLViewRepresentation]
    default_namespace: Sequence[str]
    default_catalog: str | None = None
    summary: Mapping[str, str] = field(default_factory=dict)
    version_id: int = 1
    schema_id: int = 0
    timestamp_ms: int = 0

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ViewVersion":
        """Read a version's JSON form; representations that are no SQL are left out."""
        return cls(
            representations=tuple(
                SQLViewRepresentation(item["sql"], item["dialect"])
                for item in value["representations"]
                if item["type"] == "sql"
            ),
            default_namespace=tuple(value["default-namespace"]),
            default_catalog=value.get("default-catalog"),
            summary=value["summary"],
            version_id=value["version-id"],
            schema_id=value["schema-id"],
            timestamp_ms=value["timestamp-ms"],
        )

    def to_json(self) -> str:
        """Return the JSON form."""
        representations: list[Any] = list(self.representations)
        for item in representations:
            if not isinstance(item, SQLViewRepresentation):
                message = f"a view's representation is {item!r}; expected a SQLViewRepresentation"
                raise InvalidArgumentError(message)
        value: dict[str, Any] = {
            "version-id": self.version_id,
            "schema-id": self.schema_id,
            "timestamp-ms": self.timestamp_ms,
            "summary": dict(text_pairs("summary", self.summary)),
            "representations": [
                {
                    "type": item.type,
                    "sql": text("sql of a view", item.sql),
                    "dialect": text("dialect of a view", item.dialect),
                }
                for item in representations
            ],
            "default-namespace": names("default_namespace", self.default_namespace, "('db',)"),
        }
        if self.default_catalog is not None:
            value["default-catalog"] = text("default_catalog", self.default_catalog)
        return json.dumps(value)


@dataclass(frozen=True)
class ViewHistoryEntry:
    """The current version from a moment on."""

    timestamp_ms: int
    version_id: int


class View:
    """A view as it was when it was loaded. Immutable."""

    def __init__(self, native: _native.View) -> None:
        """Wrap an engine view; `Catalog.load_view()` makes one."""
        self._native = native
        self._metadata: dict[str, Any] = json.loads(native.metadata_json)

    def name(self) -> tuple[str, ...]:
        """Return the namespace's levels and the view's name."""
        levels, name = self._native.identifier
        return (*levels, name)

    @property
    def identifier(self) -> tuple[str, ...]:
        """The namespace's levels and the view's name."""
        return self.name()

    @property
    def metadata_location(self) -> str:
        """Location of the metadata file that is shown."""
        return self._native.metadata_location

    @property
    def uuid(self) -> str:
        """The view's id, which it keeps for life."""
        return str(self._metadata["view-uuid"])

    def location(self) -> str:
        """Return the view's base location."""
        return str(self._metadata["location"])

    def schema(self) -> Schema:
        """Return the columns of the current version's result."""
        return self.schemas()[self.current_version().schema_id]

    def schemas(self) -> dict[int, Schema]:
        """Return all schemas the view has had, by id."""
        found = (Schema.from_json(json.dumps(value)) for value in self._metadata["schemas"])
        return {schema.schema_id: schema for schema in found}

    @property
    def versions(self) -> list[ViewVersion]:
        """The definitions that the view has and had."""
        return [ViewVersion.from_json(value) for value in self._metadata["versions"]]

    def current_version(self) -> ViewVersion:
        """Return the definition that the view has."""
        wanted = self._metadata["current-version-id"]
        return next(version for version in self.versions if version.version_id == wanted)

    def version(self, version_id: int) -> ViewVersion | None:
        """Return a definition, None if there is none of that id."""
        return next((v for v in self.versions if v.version_id == version_id), None)

    def history(self) -> list[ViewHistoryEntry]:
        """Return which definition was current from when on."""
        return [
            ViewHistoryEntry(entry["timestamp-ms"], entry["version-id"])
            for entry in self._metadata["version-log"]
        ]

    def sql_for(self, dialect: str) -> SQLViewRepresentation | None:
        """Return the current definition in a dialect, whatever its case; None if it has none."""
        wanted = text("dialect", dialect).lower()
        found = self.current_version().representations
        return next((item for item in found if item.dialect.lower() == wanted), None)

    @property
    def properties(self) -> dict[str, str]:
        """The view's properties."""
        return dict(self._metadata.get("properties") or {})

    def __repr__(self) -> str:
        """Return the identifier."""
        return f"View({'.'.join(self.name())})"

    def __eq__(self, other: object) -> bool:
        """Compare the state that is shown."""
        return (
            isinstance(other, View)
            and self.name() == other.name()
            and self._metadata == other._metadata
        )

    def __hash__(self) -> int:
        """Hash the identity of the view."""
        return hash(self.uuid)


def version_json(version: Any) -> str:
    """Return the JSON form of a version that a caller gave."""
    if not isinstance(version, ViewVersion):
        refuse_type("view_version", version, "a ViewVersion")
    return version.to_json()
