"""Catalogs, as in `pyiceberg.catalog`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from floe_core.catalog_files import default_catalog_name
from floe_core.errors import (
    NamespaceAlreadyExistsError,
    TableAlreadyExistsError,
)
from floe_core.trace import operation
from floe_iceberg import _native
from floe_iceberg._arguments import names, path_text, text_pairs
from floe_iceberg._names import Identifier, name_levels, split_name
from floe_iceberg._new_table import begin_creation, iceberg_schema, new_table
from floe_iceberg._open_catalog import open_catalog
from floe_iceberg._to_pyiceberg import Given, pyiceberg_catalog
from floe_iceberg._traced import traced
from floe_iceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionSpec
from floe_iceberg.schema import Schema
from floe_iceberg.sorting import UNSORTED_SORT_ORDER, SortOrder
from floe_iceberg.table import CreateTableTransaction, Table, Transaction
from floe_iceberg.view import View, ViewVersion, version_json

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as PyIcebergCatalog

__all__ = ["Catalog", "Identifier", "PropertiesUpdateSummary", "load_catalog"]


def load_catalog(name: str | None = None, **properties: Any) -> "Catalog":
    """Open a catalog.

    Properties that are not given here come from `.pyiceberg.yaml` and from variables of the
    environment, by the catalog's name: `FLOE_CATALOG__NAME__URI`, `PYICEBERG_CATALOG__NAME__URI`.

    Args:
        name: The catalog's name; rows of a shared database carry it. Without it,
            `default-catalog` of the configuration, or "default".
        properties: `type` (`rest` or `sql`; where it is missing, `uri` tells), `uri`, and
            `warehouse`. Of a REST catalog also `credential`, `token`, `scope` and others; of an
            SQLite one `busy-timeout-ms`. `fsync` (`false`) gives up durability for speed.
            docs/catalogs.md has all of them. Names with `_` for `-` are the same.

    Raises:
        InvalidArgumentError: A property that is missing, unknown or wrong.
        ConfigurationError: A file or variable that says what can't be.
        UnsupportedError: Another kind of catalog or database.
        CatalogConnectionError: The database can't be opened, or the server not be reached.
        CatalogAuthenticationError: The server does not believe who asks.
        PermissionDeniedError: It does not let them in.
    """
    known = default_catalog_name() if name is None else name
    with operation("iceberg.load_catalog", {"catalog": str(known), "operation": "load_catalog"}):
        return Catalog(*open_catalog(known, properties))


class PropertiesUpdateSummary(NamedTuple):
    """Names of the properties that an update removed, set, and did not find."""

    removed: list[str]
    updated: list[str]
    missing: list[str]


class Catalog:
    """Namespaces and tables by name. Thread-safe.

    Names are texts with dots (`"bronze.flights"`) or tuples (`("bronze", "flights")`).
    """

    # What names of spans begin with.
    _spans = "iceberg"

    def __init__(self, native: _native.Catalog, properties: dict[str, str], given: Given) -> None:
        """Wrap an engine catalog, its properties but the secret ones, and all of them.

        `load_catalog()` makes one.
        """
        self._native = native
        self.properties = properties
        self._given = given

    @property
    def name(self) -> str:
        """The catalog's name."""
        return self._native.name

    @traced("namespace")
    def list_namespaces(self, namespace: str | Identifier = ()) -> list[Identifier]:
        """Return the namespaces directly below one, or at the top."""
        found = self._native.list_namespaces(name_levels(namespace) if namespace else [])
        return [tuple(levels) for levels in found]

    @traced("namespace")
    def create_namespace(
        self, namespace: str | Identifier, properties: Mapping[str, str] | None = None
    ) -> None:
        """Create a namespace; raises NamespaceAlreadyExistsError."""
        self._native.create_namespace(name_levels(namespace), text_pairs("properties", properties))

    def create_namespace_if_not_exists(
        self, namespace: str | Identifier, properties: Mapping[str, str] | None = None
    ) -> None:
        """Create a namespace unless it exists."""
        try:
            self.create_namespace(namespace, properties)
        except NamespaceAlreadyExistsError:
            return

    @traced("namespace")
    def namespace_exists(self, namespace: str | Identifier) -> bool:
        """Whether the namespace exists."""
        return self._native.namespace_exists(name_levels(namespace))

    @traced("namespace")
    def load_namespace_properties(self, namespace: str | Identifier) -> dict[str, str]:
        """Return a namespace's properties; raises NoSuchNamespaceError."""
        return dict(self._native.load_namespace_properties(name_levels(namespace)))

    @traced("namespace")
    def update_namespace_properties(
        self,
        namespace: str | Identifier,
        removals: Iterable[str] | None = None,
        updates: Mapping[str, Any] | None = None,
    ) -> PropertiesUpdateSummary:
        """Set and remove properties; raises NoSuchNamespaceError.

        A name in both is an InvalidArgumentError. Some servers need two requests for it, of which
        the first may be done when the second fails.
        """
        removed, updated, missing = self._native.update_namespace_properties(
            name_levels(namespace),
            text_pairs("updates", updates),
            list(dict.fromkeys(names("removals", removals or (), "{'owner'}"))),
        )
        return PropertiesUpdateSummary(removed=removed, updated=updated, missing=missing)

    @traced("namespace")
    def drop_namespace(self, namespace: str | Identifier) -> None:
        """Drop an empty namespace; raises NamespaceNotEmptyError, NoSuchNamespaceError."""
        self._native.drop_namespace(name_levels(namespace))

    @traced("namespace")
    def list_tables(self, namespace: str | Identifier) -> list[Identifier]:
        """Return the tables of a namespace; raises NoSuchNamespaceError."""
        found = self._native.list_tables(name_levels(namespace))
        return [(*levels, name) for levels, name in found]

    @traced("table")
    def create_table(
        self,
        identifier: str | Identifier,
        schema: Schema | pa.Schema | Any,
        location: str | None = None,
        partition_spec: PartitionSpec | Sequence[str] = UNPARTITIONED_PARTITION_SPEC,
        sort_order: SortOrder = UNSORTED_SORT_ORDER,
        properties: Mapping[str, Any] | None = None,
    ) -> Table:
        """Create a table.

        Args:
            identifier: Namespace and name.
            schema: Iceberg's or Arrow's; its field ids only say what `partition_spec` means.
            location: Base location; below the namespace's or the warehouse's otherwise.
            partition_spec: A spec, or texts such as "month(ts)" and "bucket(16, id)".
            sort_order: How engines should sort new files, over the ids of `schema`. floe keeps
                it, and writes rows as they come.
            properties: Table properties (docs/table-properties.md).

        Raises:
            TableAlreadyExistsError: The table exists.
            NoSuchNamespaceError: The namespace does not.
            InvalidArgumentError: A schema, spec, sort order or property that can't be.
        """
        request = new_table(identifier, schema, location, partition_spec, sort_order, properties)
        return self._table(self._native.create_table(request))

    @traced("table")
    def create_table_transaction(
        self,
        identifier: str | Identifier,
        schema: Schema | pa.Schema | Any,
        location: str | None = None,
        partition_spec: PartitionSpec | Sequence[str] = UNPARTITIONED_PARTITION_SPEC,
        sort_order: SortOrder = UNSORTED_SORT_ORDER,
        properties: Mapping[str, Any] | None = None,
    ) -> CreateTableTransaction:
        """Begin to create a table together with its first rows, in one commit.

        `with catalog.create_table_transaction("db.t", schema) as new: new.append(rows)`; takes
        and raises what `create_table()` does.
        """
        request = new_table(identifier, schema, location, partition_spec, sort_order, properties)
        return begin_creation(self._native.begin_creation(request), self)

    def commit_transactions(self, transactions: Iterable[Transaction]) -> list[Table]:
        """Commit the transactions of several tables at once: all become visible, or none.

        Returns the tables, in the same order. Whatever comes of it, the transactions are over.

        Raises:
            CommitConflictError: Others changed one of the tables; no table has changes of this.
            CommitStateUnknownError: The catalog's answer was lost, and the tables do not tell.
            UnsupportedError: The server can't change several tables at once.
            InvalidArgumentError: A table that is not of this catalog, or there twice.
        """
        all_ = list(transactions)
        what = "commit_transactions"
        facts: dict[str, str | int] = {"catalog": self.name, "operation": what}
        facts["tables"] = len(all_)
        with operation(f"iceberg.{what}", facts):
            committed = self._native.commit_together([one.take() for one in all_])
        return [one.finish(table) for one, table in zip(all_, committed, strict=True)]

    def create_table_if_not_exists(
        self,
        identifier: str | Identifier,
        schema: Schema | pa.Schema | Any,
        location: str | None = None,
        partition_spec: PartitionSpec | Sequence[str] = UNPARTITIONED_PARTITION_SPEC,
        sort_order: SortOrder = UNSORTED_SORT_ORDER,
        properties: Mapping[str, Any] | None = None,
    ) -> Table:
        """Create a table, or load it if it exists."""
        try:
            return self.create_table(
                identifier, schema, location, partition_spec, sort_order, properties
            )
        except TableAlreadyExistsError:
            return self.load_table(identifier)

    @traced("table")
    def load_table(self, identifier: str | Identifier) -> Table:
        """Return a table; raises NoSuchTableError."""
        return self._table(self._native.load_table(*split_name(identifier)))

    @traced("table")
    def table_exists(self, identifier: str | Identifier) -> bool:
        """Whether the table exists."""
        return self._native.table_exists(*split_name(identifier))

    @traced("table")
    def drop_table(self, identifier: str | Identifier, *, purge: bool = False) -> None:
        """Forget a table; its files stay unless `purge`. Raises NoSuchTableError."""
        if purge:
            self.purge_table(identifier)
        else:
            self._native.drop_table(*split_name(identifier))

    @traced("table")
    def purge_table(self, identifier: str | Identifier) -> None:
        """Forget a table and delete its files: what its metadata reaches, and nothing else.

        Its data files stay if its property `gc.enabled` is false; files in the folder of another
        table stay, too. A server may delete them later.

        Raises:
            NoSuchTableError: There is no such table.
            IoError: The table is dropped, but some files could not be deleted.
        """
        self._native.purge_table(*split_name(identifier))

    @traced("table")
    def rename_table(
        self, from_identifier: str | Identifier, to_identifier: str | Identifier
    ) -> Table:
        """Give a table another name, and maybe namespace; its files stay where they are.

        Raises NoSuchTableError, TableAlreadyExistsError, NoSuchNamespaceError.
        """
        self._native.rename_table(*split_name(from_identifier), *split_name(to_identifier))
        return self.load_table(to_identifier)

    @traced("table")
    def register_table(self, identifier: str | Identifier, metadata_location: str) -> Table:
        """Take in a table by the location of its metadata file.

        Raises TableAlreadyExistsError, NoSuchNamespaceError, and errors of the file.
        """
        location = path_text("metadata_location", metadata_location)
        return self._table(self._native.register_table(*split_name(identifier), location))

    def to_pyiceberg(self) -> "PyIcebergCatalog":
        """Return PyIceberg's catalog of the same name and properties, credentials included.

        Raises:
            ConfigurationError: PyIceberg is not installed.
            InvalidArgumentError: A property that PyIceberg has nothing for; a database in memory.
        """
        return pyiceberg_catalog(self.name, self._given)

    def _table(self, native: _native.Table) -> Table:
        return Table(native, self)

    @traced("namespace")
    def list_views(self, namespace: str | Identifier) -> list[Identifier]:
        """Return the views of a namespace; raises NoSuchNamespaceError."""
        found = _native.list_views(self._native, name_levels(namespace))
        return [(*levels, name) for levels, name in found]

    @traced("view")
    def create_view(
        self,
        identifier: str | Identifier,
        schema: Schema | pa.Schema | Any,
        view_version: ViewVersion,
        location: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> View:
        """Create a view; catalogs other than REST servers raise UnsupportedError.

        Args:
            identifier: Namespace and name.
            schema: The columns of its result.
            view_version: Its definition; ids and time are assigned.
            location: Base location; the server chooses one otherwise.
            properties: View properties, such as `comment`.

        Raises:
            AlreadyExistsError: There is a view or table of that name.
            NoSuchNamespaceError: The namespace does not exist.
        """
        return View(
            _native.create_view(
                self._native,
                *split_name(identifier, "view"),
                iceberg_schema(schema).to_json(),
                version_json(view_version),
                None if location is None else path_text("location", location),
                text_pairs("properties", properties),
            )
        )

    @traced("view")
    def replace_view(
        self,
        identifier: str | Identifier,
        schema: Schema | pa.Schema | Any,
        view_version: ViewVersion,
        properties: Mapping[str, Any] | None = None,
    ) -> View:
        """Give a view another definition; its former ones stay in its history.

        `properties` are set beside those that it has. Raises NoSuchViewError,
        CommitConflictError, CommitStateUnknownError.
        """
        return View(
            _native.replace_view(
                self._native,
                *split_name(identifier, "view"),
                iceberg_schema(schema).to_json(),
                version_json(view_version),
                text_pairs("properties", properties),
            )
        )

    @traced("view")
    def load_view(self, identifier: str | Identifier) -> View:
        """Return a view; raises NoSuchViewError."""
        return View(_native.load_view(self._native, *split_name(identifier, "view")))

    @traced("view")
    def view_exists(self, identifier: str | Identifier) -> bool:
        """Whether the view exists."""
        return _native.view_exists(self._native, *split_name(identifier, "view"))

    @traced("view")
    def rename_view(
        self, from_identifier: str | Identifier, to_identifier: str | Identifier
    ) -> View:
        """Give a view another name, and maybe namespace.

        Raises NoSuchViewError, AlreadyExistsError, NoSuchNamespaceError.
        """
        _native.rename_view(
            self._native, *split_name(from_identifier, "view"), *split_name(to_identifier, "view")
        )
        return self.load_view(to_identifier)

    @traced("view")
    def drop_view(self, identifier: str | Identifier) -> None:
        """Drop a view; raises NoSuchViewError."""
        _native.drop_view(self._native, *split_name(identifier, "view"))

    def __repr__(self) -> str:
        """Return the name."""
        return f"Catalog({self.name!r})"
