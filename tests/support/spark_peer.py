"""Spark, as the tests drive every engine; it lives in a process that all tests of a run share."""

import fcntl
import functools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from iceberg_json import schema_json, spec_json
from spark_wire import Message, from_ipc, receive, send, to_ipc

SUPPORT = Path(__file__).resolve().parent
INSTALL = SUPPORT.parents[1] / "tools" / "peers" / "install_spark.sh"
# The pytest processes of one run (pytest-xdist gives it a name) meet in a folder by this name.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
START_SECONDS = 300


class SparkError(Exception):
    """What Java or Spark threw: its class and its message."""

    def __init__(self, class_name: str, message: str) -> None:
        """Take them from the answer."""
        super().__init__(f"{class_name.rpartition('.')[2]}: {message}")
        self.class_name = class_name


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"floe-spark-{os.getuid()}-{RUN}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _start(folder: Path) -> subprocess.Popen[bytes]:
    installed = subprocess.run([INSTALL], check=True, stdout=subprocess.PIPE, text=True)
    spark = Path(installed.stdout.strip())
    environment = {
        **os.environ,
        "PYTHONPATH": str(spark / "python"),
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [
        "nice",
        "-n",
        "5",
        sys.executable,
        SUPPORT / "spark_worker.py",
        folder / "socket",
        spark / "jars",
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder,
        )


@functools.cache
def _connect() -> socket.socket:
    """Return this process's connection; the first process of a run starts Spark."""
    folder = _folder()
    connection = socket.socket(socket.AF_UNIX)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            connection.connect(str(folder / "socket"))
        except OSError:
            worker = _start(folder)
            _wait(connection, folder, worker)
            # It ends by itself, after this process or another one of the run.
            worker.returncode = 0
    return connection


def _wait(connection: socket.socket, folder: Path, worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            connection.connect(str(folder / "socket"))
        except OSError:
            if worker.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    message = f"Spark did not start:\n{(folder / 'log').read_text()[-4000:]}"
    raise RuntimeError(message)


def _call(op: str, session: int | None, *arguments: Any, body: bytes = b"") -> Any:
    connection = _connect()
    send(connection, Message({"op": op, "session": session, "arguments": arguments}, body))
    answer = receive(connection)
    if answer is None:
        message = f"Spark's process has gone:\n{(_folder() / 'log').read_text()[-4000:]}"
        raise RuntimeError(message)
    if "error" in answer.head:
        raise SparkError(answer.head["error"]["class"], answer.head["error"]["message"])
    return from_ipc(answer.body) if answer.body else answer.head["result"]


class Spark:
    """A session of Spark on a lake's catalog, and the Java library's own reader and writer."""

    def __init__(self, database: Path, warehouse: Path, namespace: str) -> None:
        """Open the catalog."""
        self._session = _call("open", None, str(database), str(warehouse))
        self._namespace = namespace
        self.sql(f"USE lake.{namespace}")

    def _do(self, op: str, *arguments: Any, body: bytes = b"") -> Any:
        return _call(op, self._session, *arguments, body=body)

    def _name(self, name: str) -> str:
        return f"{self._namespace}.{name}"

    def create(
        self,
        name: str,
        schema: pa.Schema,
        terms: Sequence[str] = (),
        properties: dict[str, str] | None = None,
    ) -> None:
        """Create a table; `terms` are texts such as "bucket(4, id)"."""
        self._do(
            "create",
            self._name(name),
            schema_json(schema),
            spec_json(schema, terms),
            properties or {},
        )

    def append(self, name: str, rows: pa.Table) -> None:
        """Append rows."""
        self._do("append", self._name(name), body=to_ipc(rows))

    def read(self, name: str, where: str = "true") -> pa.Table:
        """Return matching rows."""
        return self.sql(f"SELECT * FROM {name} WHERE {where}")  # noqa: S608 - tests' own text

    def sql(self, text: str) -> Any:
        """Return what Spark answers."""
        return self._do("sql", text)

    def append_generic(
        self, name: str, rows: list[dict[str, Any]], file_format: str = "parquet"
    ) -> None:
        """Append rows of single-value JSON by field id, without Spark; no partitions."""
        self._do("append_generic", self._name(name), rows, file_format)

    def delete_equal(
        self,
        name: str,
        columns: list[str],
        rows: list[dict[str, Any]],
        file_format: str = "parquet",
    ) -> None:
        """Write an equality delete file, and commit it."""
        self._do("delete_equal", self._name(name), columns, rows, file_format)

    def add_column_with_default(self, name: str, column: str, value: int) -> None:
        """Add an int column that the rows so far have a value in."""
        self._do("add_default", self._name(name), column, value)

    def read_generic(self, name: str) -> list[dict[str, Any]]:
        """Return all rows in the form of canonical_rows(), without Spark."""
        found: list[dict[str, Any]] = self._do("read_generic", self._name(name))
        return found
