"""What a catalog with users adds to the demo: credentials that end, and users who may do less."""

import re
import textwrap
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
from pyarrow import fs

from flights.definitions import STORAGE
from floe_core.errors import IcebergError
from floe_iceberg import Catalog, Table, load_catalog

__all__ = ["print_analyst", "print_intruder", "print_slow_write"]

_FLIGHTS = "silver.flights"
_COPY = "gold.slow_copy"


def print_slow_write(seconds: int) -> None:
    """Write for longer than tokens and keys are good, and read what was open all the time."""
    print(f"\nA copy of {_FLIGHTS} that takes {seconds} s, longer than tokens and keys are good")
    catalog = _catalog()
    source = catalog.load_table(_FLIGHTS)
    copy = catalog.create_table(_COPY, source.schema())
    began = time.monotonic()
    first = _Store(source)
    _say(began, f"{_FLIGHTS} is open; its files listed with keys lent now: {first.list_files()}")
    reader = source.scan().to_arrow_batch_reader()
    rows = pa.RecordBatchReader.from_batches(reader.schema, _slowly(reader, began, seconds))
    copy.append(rows)
    _say(began, f"{_COPY} has {catalog.load_table(_COPY).scan().count():,} rows")
    _say(began, f"listed with those keys: {first.list_files()}, as MinIO has ended them")
    count = source.scan("origin = 'JFK'").to_arrow().num_rows
    _say(began, f"{_FLIGHTS}, as it was opened, read by floe: {count:,} rows of JFK")


def _slowly(reader: pa.RecordBatchReader, began: float, seconds: int) -> Iterator[pa.RecordBatch]:
    """Give what there is in a tenth of it at a time, as a slow source does."""
    rows = reader.read_all()
    parts = 10
    size = -(-rows.num_rows // parts)
    for part in range(parts):
        time.sleep(max(0.0, began + seconds * (part + 1) / parts - time.monotonic()))
        yield from rows.slice(part * size, size).combine_chunks().to_batches()
        _say(began, f"{min(rows.num_rows, (part + 1) * size):>9,} rows")


def _say(began: float, text: str) -> None:
    print(f"  {time.monotonic() - began:3.0f} s  {text}", flush=True)


def print_analyst() -> None:
    """Show what a user can do who may read."""
    print("\nAs analyst, who may read")
    catalog = _catalog("analyst")
    table = catalog.load_table("gold.route_punctuality")
    rows = table.scan(limit=3).to_arrow()
    _try("list tables of gold", lambda: [name for _, name in catalog.list_tables("gold")])
    _try(f"read {'.'.join(table.name())}", lambda: f"{table.scan().count()} rows")
    _try("append 3 rows to it", lambda: table.append(rows))
    _try("create table gold.mine", lambda: catalog.create_table("gold.mine", rows.schema))
    store = _Store(table)
    _tell("by the lent keys, list its files", store.list_files())
    _tell("by the lent keys, write one", store.write_file())


def print_intruder() -> None:
    """Show what a user can do who may do nothing."""
    print("\nAs intruder, who may do nothing")
    catalog = _catalog("intruder")
    _try("list namespaces", catalog.list_namespaces)
    _try(f"load {_FLIGHTS}", lambda: catalog.load_table(_FLIGHTS))
    _try("create table gold.mine", lambda: catalog.create_table("gold.mine", pa.schema({})))


class _Store:
    """S3 by Arrow's client, with the keys that the catalog lends for a table."""

    def __init__(self, table: Table) -> None:
        lent = table.to_pyiceberg().io.properties
        self._files = fs.S3FileSystem(
            access_key=lent["s3.access-key-id"],
            secret_key=lent["s3.secret-access-key"],
            session_token=lent["s3.session-token"],
            endpoint_override=lent["s3.endpoint"],
            region="us-east-1",
        )
        self._folder = table.location().removeprefix("s3://") + "/data"

    def list_files(self) -> str:
        """Return what the server says when files are to be listed."""
        return self._answer(lambda: self._files.get_file_info(fs.FileSelector(self._folder)))

    def write_file(self) -> str:
        """Return what the server says when a file is to be written."""

        def write() -> None:
            with self._files.open_output_stream(f"{self._folder}/mine") as file:
                file.write(b"mine")

        return self._answer(write)

    def _answer(self, call: Callable[[], object]) -> str:
        try:
            call()
        except OSError as error:
            said = re.search(r"AWS Error (\w+)", str(error))
            return "refused" if said is None else f"refused, {said[1]}"
        return "done"


def _catalog(user: str | None = None) -> Catalog:
    own = {} if user is None else {"credential": f"{user}:{user}-secret"}
    places = {"uri": STORAGE.catalog_uri, "warehouse": STORAGE.warehouse}
    return load_catalog(STORAGE.catalog_name, **places, **own)


def _try(what: str, call: Callable[[], object]) -> None:
    """Print what came of it; an error as its user sees it."""
    try:
        _tell(what, str(call()))
    except IcebergError as error:
        _tell(what, type(error).__name__)
        wrapped = textwrap.fill(str(error), 94, break_long_words=False, break_on_hyphens=False)
        print(textwrap.indent(wrapped, " " * 6))


def _tell(what: str, came: str) -> None:
    print(f"  {what:<38}  {came}", flush=True)
