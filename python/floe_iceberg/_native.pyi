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
    def predicate(operation: str, column: str, values: Sequence[object]) -> Expression:
        """operation: the REST specification's name, such as 'lt-eq'."""

    @staticmethod
    def parse(text: str) -> Expression:
        """Reads filter text; raises ParseError."""

    def bind(self, schema_json: str, case_sensitive: bool = True) -> str:
        """The text of the filter after binding; raises InvalidArgumentError."""

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

def schema_from_arrow(schema: object) -> str:
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
    def refresh(self) -> Table:
        """The table as it is now."""

    def append(self, data: object, **options: object) -> Table: ...
    def overwrite(self, data: object, filter: Expression, **options: object) -> Table: ...
    def overwrite_partitions(self, data: object, **options: object) -> Table: ...
    def inspect(self, what: str, snapshot_id: int | None = None) -> RecordBatchStream:
        """A metadata table: snapshots, files or partitions."""

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
    def create_table(
        self,
        levels: Sequence[str],
        name: str,
        schema_json: str,
        spec_json: str | None,
        location: str | None,
        properties: Sequence[tuple[str, str]],
    ) -> Table: ...
    def table_exists(self, levels: Sequence[str], name: str) -> bool: ...
    def load_table(self, levels: Sequence[str], name: str) -> Table: ...
    def drop_table(self, levels: Sequence[str], name: str) -> None: ...

def open_sqlite_catalog(
    name: str,
    database_path: str,
    warehouse: str | None,
    fsync: bool = True,
    busy_timeout_ms: int = 60000,
) -> Catalog:
    """Opens a catalog in an SQLite file; '' is in memory."""
