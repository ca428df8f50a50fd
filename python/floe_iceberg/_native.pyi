"""floe's engine; use the packages around it."""

from collections.abc import Sequence

def error_tree() -> list[tuple[str, str]]:
    """
    Every error class the engine can throw, with its parent ('' for the root).
    """

def raise_error(name: str, message: str) -> None:
    """
    Throws an error of the class with every detail set; for the test of the error tree.
    """

class Expression:
    """A row filter. Immutable."""

    @staticmethod
    def always_true() -> Expression: ...
    @staticmethod
    def always_false() -> Expression: ...
    @staticmethod
    def conjunction(children: Sequence[Expression]) -> Expression: ...
    @staticmethod
    def disjunction(children: Sequence[Expression]) -> Expression: ...
    @staticmethod
    def negation(child: Expression) -> Expression: ...
    @staticmethod
    def predicate(
        operation: str, column: str, values: Sequence[object], transform: str | None = None
    ) -> Expression:
        """
        operation: the REST specification's name, such as 'lt-eq'; transform: 'bucket[16]'.
        """

    @staticmethod
    def predicate_in_utc(operation: str, column: str, values: Sequence[object]) -> Expression:
        """
        The same where datetimes without a zone are in UTC if the column has a zone.
        """

    @staticmethod
    def parse(text: str) -> Expression:
        """Reads filter text; raises ParseError."""

    def bind(self, schema_json: str, case_sensitive: bool = True) -> str:
        """The text of the filter after binding; raises InvalidArgumentError."""

    @staticmethod
    def from_json(text: str, schema_json: str | None = None) -> Expression:
        """Reads the REST catalog's form of a filter; raises ParseError."""

    def to_json(self, schema_json: str | None = None) -> str:
        """The REST catalog's form of the filter; with a schema, bound to it."""

    def to_sanitized_string(self) -> str:
        """The text of the filter without its literals."""

    def __str__(self) -> str: ...

class Transform:
    """A partition transform. Immutable."""

    @staticmethod
    def parse(text: str) -> Transform:
        """Reads 'bucket[16]', 'month', …; raises ParseError."""

    def __str__(self) -> str: ...
    def can_apply_to(self, type: str) -> bool: ...
    def result_type(self, type: str) -> str: ...
    def apply(self, type: str, value: object) -> object:
        """The partition value of a value of the type."""

    def to_human_string(self, type: str, value: object) -> str: ...

def literal_to_bytes(type: str, value: object) -> bytes:
    """The single-value binary form of a value."""

def literal_from_bytes(type: str, bytes: bytes) -> object:
    """The value of a single-value binary form; dates and times as integers."""

def default_to_json(type_json: str, value: object) -> str:
    """
    The single-value JSON form of a column's default; raises InvalidArgumentError.
    """

def default_from_json(type_json: str, json: str) -> object:
    """The value of a default's single-value JSON form; raises ParseError."""

def schema_from_arrow(schema: object, format_version: int) -> str:
    """
    The Iceberg schema, as JSON, of an object with __arrow_c_schema__; raises SchemaMismatchError.
    """

def schema_to_arrow(json: str) -> object:
    """A capsule of the Arrow schema of an Iceberg schema."""

def normalize_schema(json: str) -> str:
    """Reads and writes schema JSON; raises ParseError."""

def describe_columns(json: str, wanted: str) -> str:
    """What to tell who named a column that the schema does not have."""

def normalize_type(text: str) -> str:
    """Reads a primitive type; raises ParseError."""

class RecordBatch:
    """Rows; any Arrow consumer takes them."""

    @property
    def num_rows(self) -> int: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

class RecordBatchStream:
    """Batches, one by one or as an Arrow stream. One thread at a time."""

    def __iter__(self) -> RecordBatchStream: ...
    def __next__(self) -> RecordBatch: ...
    def close(self) -> None:
        """Ends the work behind the stream."""

    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

def table_properties() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every table property that floe acts on."""

def variant_from_json(json: str) -> tuple[bytes, bytes]:
    """Metadata and value of a JSON text; raises ParseError."""

def variant_to_json(metadata: bytes, value: bytes) -> str:
    """The JSON text of an encoded variant; raises InvalidArgumentError."""

class DeleteFile:
    """A file that deletes rows of data files, or a deletion vector."""

    @property
    def content(self) -> int:
        """1: by position; 2: by the values of columns."""

    @property
    def file_path(self) -> str: ...
    @property
    def file_format(self) -> str: ...
    @property
    def spec_id(self) -> int: ...
    @property
    def record_count(self) -> int: ...
    @property
    def file_size_in_bytes(self) -> int: ...
    @property
    def sequence_number(self) -> int: ...
    @property
    def equality_ids(self) -> list[int]: ...
    @property
    def referenced_data_file(self) -> str | None: ...
    @property
    def content_offset(self) -> int | None: ...
    @property
    def content_size_in_bytes(self) -> int | None: ...

class FileScanTask:
    """A data file that a scan reads. Metrics are decoded when asked for."""

    @property
    def file(self) -> FileScanTask:
        """The data file: this object."""

    @property
    def file_path(self) -> str: ...
    @property
    def file_format(self) -> str: ...
    @property
    def record_count(self) -> int: ...
    @property
    def file_size_in_bytes(self) -> int: ...
    @property
    def spec_id(self) -> int: ...
    @property
    def sequence_number(self) -> int: ...
    @property
    def partition(self) -> tuple[object, ...]:
        """Partition values by field of the spec; dates and times as integers."""

    @property
    def delete_files(self) -> list[DeleteFile]:
        """The delete files that may delete some of its rows."""

    @property
    def all_rows_match(self) -> bool:
        """True if every row is known to match the scan's filter."""

    @property
    def column_sizes(self) -> dict[int, int]: ...
    @property
    def value_counts(self) -> dict[int, int]: ...
    @property
    def null_value_counts(self) -> dict[int, int]: ...
    @property
    def nan_value_counts(self) -> dict[int, int]: ...
    @property
    def lower_bounds(self) -> dict[int, bytes]: ...
    @property
    def upper_bounds(self) -> dict[int, bytes]: ...
    @property
    def split_offsets(self) -> list[int]: ...
    @property
    def sort_order_id(self) -> int | None: ...

class TableScan:
    """A planned read of one snapshot. Immutable."""

    def __init__(self, table: Table, **options: object) -> None:
        """Options are the members of ScanOptions; errors are raised here."""

    @property
    def snapshot_json(self) -> str | None: ...
    @property
    def snapshot_id(self) -> int | None: ...
    @property
    def projection_json(self) -> str: ...
    def __arrow_c_schema__(self) -> object: ...
    def plan_files(self) -> list[FileScanTask]: ...
    def read_table(self) -> RecordBatchStream:
        """Reads everything; the stream yields it."""

    def stream(self) -> RecordBatchStream:
        """Reads while the stream is iterated."""

    def count(self) -> int: ...

class View:
    """A view as of one metadata file. Immutable."""

    @property
    def identifier(self) -> tuple[list[str], str]: ...
    @property
    def metadata_location(self) -> str: ...
    @property
    def metadata_json(self) -> str: ...

def list_views(catalog: Catalog, levels: Sequence[str]) -> list[tuple[list[str], str]]: ...
def create_view(
    catalog: Catalog,
    levels: Sequence[str],
    name: str,
    schema_json: str,
    version_json: str,
    location: str | None,
    properties: Sequence[tuple[str, str]],
) -> View: ...
def replace_view(
    catalog: Catalog,
    levels: Sequence[str],
    name: str,
    schema_json: str,
    version_json: str,
    properties: Sequence[tuple[str, str]],
) -> View: ...
def view_exists(catalog: Catalog, levels: Sequence[str], name: str) -> bool: ...
def load_view(catalog: Catalog, levels: Sequence[str], name: str) -> View: ...
def rename_view(
    catalog: Catalog,
    from_levels: Sequence[str],
    from_name: str,
    to_levels: Sequence[str],
    to_name: str,
) -> None: ...
def drop_view(catalog: Catalog, levels: Sequence[str], name: str) -> None: ...

class Table:
    """A table as of one metadata file. Immutable."""

    @property
    def identifier(self) -> tuple[list[str], str]: ...
    @property
    def metadata_location(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def uuid(self) -> str: ...
    @property
    def format_version(self) -> int: ...
    @property
    def last_updated_ms(self) -> int: ...
    @property
    def last_sequence_number(self) -> int: ...
    @property
    def current_schema_id(self) -> int: ...
    @property
    def default_spec_id(self) -> int: ...
    @property
    def default_sort_order_id(self) -> int: ...
    @property
    def sort_orders_json(self) -> list[str]: ...
    @property
    def statistics_json(self) -> list[str]: ...
    @property
    def partition_statistics_json(self) -> list[str]: ...
    @property
    def schemas_json(self) -> list[str]: ...
    @property
    def specs_json(self) -> list[str]: ...
    @property
    def properties(self) -> list[tuple[str, str]]: ...
    @property
    def snapshots_json(self) -> list[str]: ...
    @property
    def current_snapshot_json(self) -> str | None: ...
    @property
    def refs_json(self) -> str: ...
    @property
    def snapshot_log(self) -> list[tuple[int, int]]: ...
    @property
    def metadata_json(self) -> str: ...
    def append(self, data: object, **options: object) -> Table: ...
    def overwrite(self, data: object, filter: Expression, **options: object) -> Table: ...
    def overwrite_partitions(self, data: object, **options: object) -> Table: ...
    def delete(self, filter: Expression, **options: object) -> Table: ...
    def refresh(self) -> Table:
        """The table as it is now."""

    @property
    def has_all_snapshots(self) -> bool: ...
    def with_all_snapshots(self) -> Table:
        """This table, or its latest state where this one lacks snapshots."""

    def inspect(self, what: str, snapshot_id: int | None = None) -> RecordBatchStream:
        """A metadata table: snapshots, files or partitions."""

class Change:
    """A change to a table, for a transaction."""

class SchemaEdits:
    """Changes of a table's columns."""

    def __init__(self, table: Table, allow_incompatible: bool, case_sensitive: bool) -> None: ...
    def add_column(
        self, parent: str, name: str, type: str, required: bool, doc: str, default_value: object
    ) -> None: ...
    def update_default(self, name: str, value: object) -> None: ...
    def delete_column(self, name: str) -> None: ...
    def rename_column(self, name: str, new_name: str) -> None: ...
    def update_type(self, name: str, type: str) -> None: ...
    def update_doc(self, name: str, doc: str) -> None: ...
    def make_optional(self, name: str) -> None: ...
    def make_required(self, name: str) -> None: ...
    def move_first(self, name: str) -> None: ...
    def move_before(self, name: str, before: str) -> None: ...
    def move_after(self, name: str, after: str) -> None: ...
    def set_identifier_fields(self, names: Sequence[str]) -> None: ...
    def union_by_name(self, schema: str) -> None: ...
    def build(self) -> str: ...
    def change(self) -> Change: ...

class SpecEdits:
    """Changes of a table's partition spec."""

    def __init__(self, table: Table, case_sensitive: bool) -> None: ...
    def add_field(self, column: str, transform: str, name: str | None) -> None: ...
    def remove_field(self, name: str) -> None: ...
    def rename_field(self, name: str, new_name: str) -> None: ...
    def build(self) -> str: ...
    def change(self) -> Change: ...

class SortOrderEdits:
    """A new sort order for a table."""

    def __init__(self, table: Table, case_sensitive: bool) -> None: ...
    def add_field(
        self, column: str, transform: str, descending: bool, nulls_last: bool
    ) -> None: ...
    def build(self) -> str: ...
    def change(self) -> Change: ...

class RefRetention:
    """How long a branch or tag is kept."""

    def __init__(
        self,
        min_snapshots_to_keep: int | None,
        max_snapshot_age_ms: int | None,
        max_ref_age_ms: int | None,
    ) -> None: ...

class RefEdits:
    """Changes of a table's branches and tags."""

    def __init__(self, table: Table) -> None: ...
    def create_branch(self, name: str, snapshot_id: int, retention: RefRetention) -> None: ...
    def create_tag(self, name: str, snapshot_id: int, retention: RefRetention) -> None: ...
    def remove_branch(self, name: str) -> None: ...
    def remove_tag(self, name: str) -> None: ...
    def rename_branch(self, name: str, new_name: str) -> None: ...
    def replace_branch(self, name: str, snapshot_id: int) -> None: ...
    def replace_tag(self, name: str, snapshot_id: int) -> None: ...
    def fast_forward_branch(self, name: str, to: str) -> None: ...
    def set_retention(self, name: str, retention: RefRetention) -> None: ...
    def set_current_snapshot(self, snapshot_id: int) -> None: ...
    def roll_back_to(self, snapshot_id: int) -> None: ...
    def roll_back_to_time(self, timestamp_ms: int) -> None: ...
    def change(self) -> Change: ...

def normalize_table_update(json: str) -> str:
    """Reads and writes a REST catalog's TableUpdate; raises ParseError."""

def normalize_table_requirement(json: str) -> str:
    """Reads and writes a REST catalog's TableRequirement; raises ParseError."""

def update_properties(updates: Sequence[tuple[str, str]], removals: Sequence[str]) -> Change: ...
def cherry_pick(table: Table, snapshot_id: int) -> Change: ...
def set_location(location: str) -> Change: ...
def update_statistics(updates_json: Sequence[str]) -> Change:
    """Statistics files; takes a REST catalog's updates of them."""

def upgrade_format_version(format_version: int) -> Change: ...

class Transaction:
    """Changes that become visible together."""

    def __init__(self, table: Table) -> None: ...
    @property
    def staged(self) -> Table:
        """The table with the changes so far."""

    def load_all_snapshots(self) -> None:
        """For changes that are planned on the table's past."""

    def add(self, change: Change) -> None:
        """Adds a change, which must be possible on what is staged."""

    def append(self, data: object, **options: object) -> None: ...
    def overwrite(self, data: object, filter: Expression, **options: object) -> None: ...
    def overwrite_partitions(self, data: object, **options: object) -> None: ...
    def delete(self, filter: Expression, **options: object) -> None: ...
    def commit(self) -> Table:
        """The table with the changes in it."""

class InputFile:
    """A file open for reading. Thread-safe."""

    @property
    def size(self) -> int: ...
    def read_into(self, offset: int, buffer: object) -> int:
        """Fills a writable buffer; fewer bytes come only at the end of the file."""

class OutputFile:
    """A file that is written. Thread-safe."""

    def write(self, data: object) -> None:
        """Appends what a buffer has."""

    def close(self) -> None:
        """Makes it a file that stays."""

    def abort(self) -> None:
        """Gives it up, and removes what was written."""

    @property
    def position(self) -> int: ...

class FileIO:
    """Access to files by location. Thread-safe."""

    def open_input(self, location: str) -> InputFile: ...
    def create(self, location: str) -> OutputFile: ...
    def delete(self, location: str) -> None: ...
    def exists(self, location: str) -> bool: ...

def make_file_io(properties: Sequence[tuple[str, str]]) -> FileIO:
    """
    Files of this machine and objects of stores, by properties of storages.
    """

class CreateTableRequest:
    """A table to be created."""

    def __init__(
        self,
        levels: Sequence[str],
        name: str,
        schema_json: str,
        spec_json: str | None,
        location: str | None,
        properties: Sequence[tuple[str, str]],
        sort_order_json: str,
    ) -> None: ...

class Catalog:
    """Namespaces and tables by name. Thread-safe."""

    @property
    def name(self) -> str: ...
    def list_namespaces(self, parent: Sequence[str]) -> list[list[str]]: ...
    def create_namespace(
        self, levels: Sequence[str], properties: Sequence[tuple[str, str]]
    ) -> None: ...
    def namespace_exists(self, levels: Sequence[str]) -> bool: ...
    def load_namespace_properties(self, levels: Sequence[str]) -> list[tuple[str, str]]: ...
    def drop_namespace(self, levels: Sequence[str]) -> None: ...
    def list_tables(self, levels: Sequence[str]) -> list[tuple[list[str], str]]: ...
    def create_table(self, request: CreateTableRequest) -> Table: ...
    def begin_creation(self, request: CreateTableRequest) -> Transaction:
        """A transaction that makes the table, with what is done in it."""

    def commit_together(self, transactions: Sequence[Transaction]) -> list[Table]:
        """
        The tables of several transactions, of which all are committed or none.
        """

    def table_exists(self, levels: Sequence[str], name: str) -> bool: ...
    def load_table(self, levels: Sequence[str], name: str) -> Table: ...
    def drop_table(self, levels: Sequence[str], name: str) -> None: ...
    def purge_table(self, levels: Sequence[str], name: str) -> None: ...
    def load_storage_credentials(
        self, levels: Sequence[str], name: str
    ) -> list[tuple[str, list[tuple[str, str]], int | None]]:
        """Of each: the prefix, secrets by their names, when they end."""

    def update_namespace_properties(
        self, levels: Sequence[str], updates: Sequence[tuple[str, str]], removals: Sequence[str]
    ) -> tuple[list[str], list[str], list[str]]: ...
    def rename_table(
        self, from_levels: Sequence[str], from_name: str, to_levels: Sequence[str], to_name: str
    ) -> None: ...
    def register_table(self, levels: Sequence[str], name: str, metadata_location: str) -> Table: ...

def open_sqlite_catalog(
    name: str,
    database_path: str,
    warehouse: str | None,
    fsync: bool = True,
    busy_timeout_ms: int = 60000,
    storage: Sequence[tuple[str, str]] = [],
) -> Catalog:
    """Opens a catalog in an SQLite file; '' is in memory."""

def open_in_memory_catalog(
    name: str, warehouse: str | None, fsync: bool, storage: Sequence[tuple[str, str]] = []
) -> Catalog:
    """Opens a catalog that all of its name in this process share."""

def open_rest_catalog(
    name: str,
    properties: Sequence[tuple[str, str]],
    fsync: bool = True,
    storage: Sequence[tuple[str, str]] = [],
) -> Catalog:
    """Opens a catalog that speaks the Iceberg REST protocol."""
