"""Runs scenario scripts (tests/README.md) through the Python package."""

import difflib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from scenario_alter import alter
from scenario_script import (
    BATCH_MARK,
    ScenarioError,
    Statement,
    parse_batches,
    parse_columns,
    read_script,
    show,
    show_row,
    split_top,
)
from warehouse import open_catalog

from floe_core.errors import FloeStorageError
from floe_iceberg import Table
from floe_iceberg.table import Snapshot, TableScan

UNPRUNED = {"prune_files": False, "prune_row_groups": False, "threads": 1, "batch_rows": 1}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_CREATE = re.compile(
    r"(?P<name>\S+) \((?P<columns>.*?)\)(?: partitioned by \((?P<terms>.*?)\))?"
    r"(?: with \((?P<properties>.*?)\))?"
)
_WRITE = re.compile(
    r"(?P<name>\S+)(?: \((?P<columns>.*?)\))?(?P<evolve> evolve)?(?: where (?P<where>.*))?"
)
_SCAN = re.compile(
    r"(?P<name>\S+)(?: snapshot (?P<snapshot>\d+))?(?: ref (?P<ref>\S+))?"
    r"(?: as of (?P<as_of>-?\d+))?(?: where (?P<where>.*?))?"
    r"(?: select (?P<select>.*?))?(?: limit (?P<limit>-?\d+))?"
)
_ALTER = re.compile(r"(?P<name>\S+)(?P<incompatible> incompatibly)? (?P<clauses>.+)")
_SHOW = re.compile(r"(?P<name>\S+)(?: snapshot (?P<snapshot>\d+))?")


class Session:
    """A catalog in a folder, to which statements are put."""

    def __init__(self, folder: Path) -> None:
        """Make the catalog, with the namespace db."""
        self._folder = folder
        self._catalog = open_catalog(folder)
        self._catalog.create_namespace_if_not_exists("db")
        self._commands: dict[str, tuple[re.Pattern[str], Callable[..., list[str]]]] = {
            "create": (_CREATE, self._create),
            "drop": (_SHOW, self._drop),
            "append": (_WRITE, self._append),
            "overwrite": (_WRITE, self._overwrite),
            "replace partitions": (_WRITE, self._replace_partitions),
            "scan": (_SCAN, self._scan),
            "alter": (_ALTER, self._alter),
            "schema": (_SHOW, self._schema),
            "spec": (_SHOW, self._spec),
            "order": (_SHOW, self._order),
            "snapshots": (_SHOW, self._snapshots),
            "refs": (_SHOW, self._refs),
            "files": (_SHOW, self._files),
            "partitions": (_SHOW, self._partitions),
        }

    def run(self, statement: Statement) -> list[str]:
        """Return what a statement prints: a result, or an error of floe."""
        name = next((n for n in self._commands if statement.command.startswith(f"{n} ")), None)
        if name is None:
            raise ScenarioError(f"{statement.where}: no such command: {statement.command}")
        form, command = self._commands[name]
        found = form.fullmatch(statement.command.removeprefix(f"{name} "))
        if found is None:
            raise ScenarioError(f"{statement.where}: not the form of {name}: {statement.command}")
        if statement.rows and form is not _WRITE:
            raise ScenarioError(f"{statement.where}: {name} takes no rows")
        try:
            return command(found.groupdict(), statement)
        except FloeStorageError as error:
            message = str(error).replace(str(self._folder), "<folder>")
            return f"error {type(error).__name__}: {_UUID.sub('<uuid>', message)}".split("\n")
        except (ScenarioError, ValueError, KeyError, pa.ArrowException) as error:
            raise ScenarioError(f"{statement.where}: {error!r}") from error

    def _create(self, given: dict[str, Any], _: Statement) -> list[str]:
        properties = dict(pair.split(" = ", 1) for pair in split_top(given["properties"] or ""))
        table = self._catalog.create_table(
            given["name"],
            parse_columns(given["columns"]),
            partition_spec=split_top(given["terms"] or ""),
            properties=properties,
        )
        columns = table.schema().find_column_name
        terms = [
            f"{one.name} = {one.transform}({columns(one.source_id)})" for one in table.spec().fields
        ]
        return [f"ok, partitioned by {', '.join(terms)}" if terms else "ok"]

    def _drop(self, given: dict[str, Any], _: Statement) -> list[str]:
        self._catalog.drop_table(given["name"])
        return ["ok"]

    def _data(self, table: Table, given: dict[str, Any], rows: list[str]) -> Any:
        if given["columns"] is None:
            schema = pa.schema([field.with_nullable(True) for field in table.schema().as_arrow()])
        else:
            schema = parse_columns(given["columns"])
        batches = list(parse_batches(rows, schema))
        return iter(batches) if BATCH_MARK in rows else batches[0]

    def _write(
        self, given: dict[str, Any], statement: Statement, method: str, **options: Any
    ) -> list[str]:
        table = self._catalog.load_table(given["name"])
        before = table.current_snapshot()
        data = self._data(table, given, statement.rows)
        if given["evolve"]:
            options["evolve_schema"] = True
        getattr(table, method)(data, **options)
        after = table.current_snapshot()
        if after is None or after == before:
            return ["ok, no snapshot"]
        counts = [
            f"{verb} {_rows_in_files(after, f'{verb}-records', f'{verb}-data-files')}"
            for verb in ("added", "deleted")
            if f"{verb}-data-files" in after.summary.additional_properties
        ]
        return [f"ok, {', '.join(counts or ['nothing added'])}"]

    def _append(self, given: dict[str, Any], statement: Statement) -> list[str]:
        return self._write(given, statement, "append")

    def _overwrite(self, given: dict[str, Any], statement: Statement) -> list[str]:
        options = {"overwrite_filter": given["where"]} if given["where"] else {}
        return self._write(given, statement, "overwrite", **options)

    def _replace_partitions(self, given: dict[str, Any], statement: Statement) -> list[str]:
        return self._write(given, statement, "dynamic_partition_overwrite")

    def _scan(self, given: dict[str, Any], statement: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        asked: dict[str, Any] = {
            "snapshot_id": _snapshot_id(table, given),
            "ref": given["ref"],
            "as_of": given["as_of"] and int(given["as_of"]),
            "limit": given["limit"] and int(given["limit"]),
        }
        if given["where"] is not None:
            asked["row_filter"] = given["where"]
        if given["select"] is not None:
            asked["selected_fields"] = split_top(given["select"])
        scan = table.scan(**asked)
        printed = _rows(scan)
        if _rows(table.scan(**asked, options=UNPRUNED)) != printed:
            raise ScenarioError("rows differ when pruning and threads are off")
        if scan.count() != len(printed) - 1:
            raise ScenarioError(f"count() is {scan.count()}")
        return printed

    def _alter(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        alter(table, given["clauses"], incompatible=bool(given["incompatible"]))
        return ["ok"]

    def _spec(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        return [
            f"{one.field_id}: {one.name} = {one.transform}({one.source_id})"
            for one in table.spec().fields
        ]

    def _order(self, given: dict[str, Any], _: Statement) -> list[str]:
        order = self._catalog.load_table(given["name"]).sort_order()
        return [f"order {order.order_id}", *map(str, order.fields)]

    def _schema(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        return [line.strip() for line in repr(table.schema()).split("\n")[1:-1]]

    def _snapshots(self, given: dict[str, Any], _: Statement) -> list[str]:
        return [
            f"{number} | {one.summary.operation}"
            f" | {_rows_in_files(one, 'total-records', 'total-data-files')}"
            for number, one in enumerate(
                self._catalog.load_table(given["name"]).snapshots(), start=1
            )
        ]

    def _refs(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        numbers = {one.snapshot_id: n for n, one in enumerate(table.snapshots(), start=1)}
        return [
            f"{name} | {ref.snapshot_ref_type} | snapshot {numbers[ref.snapshot_id]}"
            for name, ref in sorted(table.refs().items())
        ]

    def _files(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        files = table.inspect.files(_snapshot_id(table, given)).to_pylist()
        root = f"{table.location()}/data/"
        return sorted(
            f"{one['file_path'].removeprefix(root).rpartition('/')[0] or '.'}"
            f" | {_count(one['record_count'], 'row')}"
            for one in files
        )

    def _partitions(self, given: dict[str, Any], _: Statement) -> list[str]:
        table = self._catalog.load_table(given["name"])
        found = table.inspect.partitions(_snapshot_id(table, given)).to_pylist()
        return sorted(
            f"{show(one['partition'])} | {_count(one['record_count'], 'row')}"
            f" in {_count(one['file_count'], 'file')}"
            for one in found
        )


def _count(number: int | str, what: str) -> str:
    return f"{number} {what}" if int(number) == 1 else f"{number} {what}s"


def _rows_in_files(snapshot: Snapshot, rows: str, files: str) -> str:
    summary = snapshot.summary
    return f"{_count(summary.get(rows) or 0, 'row')} in {_count(summary[files], 'file')}"


def _snapshot_id(table: Table, given: dict[str, Any]) -> int | None:
    if given["snapshot"] is None:
        return None
    snapshots = table.snapshots()
    number = int(given["snapshot"])
    return snapshots[number - 1].snapshot_id if 0 < number <= len(snapshots) else number


def _rows(scan: TableScan) -> list[str]:
    """Return the columns' names, and below them the rows in the order of their text."""
    found = scan.to_arrow()
    columns = [column.to_pylist() for column in found.columns]
    rows = zip(*columns, strict=True) if columns else [()] * found.num_rows
    return [" | ".join(found.column_names), *sorted(show_row(list(row)) for row in rows)]


def differences(path: Path, folder: Path) -> Iterator[str]:
    """Run a script, and return what it says and what is, up to the first statement that differs."""
    session = Session(folder)
    for statement in read_script(path)[0]:
        printed = session.run(statement)
        if printed != statement.expected:
            yield f"{statement.where}: {statement.command}"
            yield from difflib.ndiff(statement.expected, printed)
            return


def rewrite(path: Path, folder: Path) -> None:
    """Write what is into a script."""
    session = Session(folder)
    statements, between = read_script(path)
    lines = list(between[0])
    for statement, after in zip(statements, between[1:], strict=True):
        lines += [*statement.source, *session.run(statement), *after]
    path.write_text("\n".join(lines).rstrip("\n") + "\n")
