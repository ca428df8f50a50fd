"""A process with one Spark for all tests of a run: `spark_worker.py FOLDER/socket JARS`.

It listens on a Unix socket; when its last client has gone, it removes the folder and ends. Each
client has a thread.
Messages in both directions are a JSON object and bytes (spark_wire.py).
"""

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import spark_engine
from canonical_rows import canonical_json
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from spark_wire import Message, from_ipc, receive, send, to_ipc

# How long it waits for another client: processes of one test run come and go.
GRACE_SECONDS = 20


class Client:
    """One connection, and the sessions that it opened."""

    def __init__(self, spark: SparkSession) -> None:
        """Serve on this Spark."""
        self._spark = spark
        self._sessions: dict[int, spark_engine.SparkEngine] = {}

    def answer(self, request: Message) -> Message:
        """Do what is asked; errors are answers, too."""
        try:
            done = self._call(request.head, request.body)
        except (Py4JJavaError, PySparkException, ValueError, pa.ArrowException) as error:
            return Message({"error": describe(error)}, b"")
        if isinstance(done, pa.Table):
            return Message({}, to_ipc(done))
        return Message({"result": done}, b"")

    def _call(self, head: dict[str, Any], body: bytes) -> Any:
        arguments = head["arguments"]
        if head["op"] == "open":
            engine = spark_engine.SparkEngine(self._spark, *arguments)
            self._sessions[len(self._sessions)] = engine
            return len(self._sessions) - 1
        engine = self._sessions[head["session"]]
        engine.activate()
        if body:
            arguments = [*arguments, from_ipc(body)]
        operations: dict[str, Callable[..., Any]] = {
            "create": engine.create,
            "append": engine.append,
            "sql": engine.sql,
            "append_generic": lambda name, *rest: engine.generic(name).append(*rest),
            "delete_equal": lambda name, *rest: engine.generic(name).delete_equal(*rest),
            "add_default": lambda name, *rest: engine.generic(name).add_column_with_default(*rest),
            "read_generic": lambda name: _read_generic(engine, name),
        }
        return operations[head["op"]](*arguments)


def _read_generic(engine: spark_engine.SparkEngine, name: str) -> list[Any]:
    table = engine.generic(name)
    return canonical_json(table.read(), table.types())


def describe(error: Exception) -> dict[str, str]:
    """Return the error's class in Java and its message; the cause's where one is."""
    if isinstance(error, Py4JJavaError):
        thrown = error.java_exception
        while thrown.getCause() is not None:
            thrown = thrown.getCause()
        return {"class": thrown.getClass().getName(), "message": str(thrown.getMessage())}
    if isinstance(error, PySparkException):
        return {"class": type(error).__name__, "message": str(error)}
    return {"class": type(error).__name__, "message": str(error)}


class Server:
    """Accepts clients until none is left."""

    def __init__(self, path: str, spark: SparkSession) -> None:
        """Listen."""
        self._spark = spark
        self._clients = 0
        self._idle_since = time.monotonic()
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()

    def run(self) -> None:
        """Serve."""
        self._listener.settimeout(1)
        while True:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                with self._lock:
                    idle = time.monotonic() - self._idle_since
                    if self._clients == 0 and idle > GRACE_SECONDS:
                        return
                continue
            with self._lock:
                self._clients += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(None)
        client = Client(self._spark)
        with connection:
            while (request := receive(connection)) is not None:
                send(connection, client.answer(request))
        with self._lock:
            self._clients -= 1
            self._idle_since = time.monotonic()


def main() -> None:
    """Start, serve, and end the JVM."""
    path, jars = sys.argv[1:]
    spark = spark_engine.start(Path(jars))
    # Bound under another name first: who sees the socket can connect.
    server = Server(f"{path}.new", spark)
    Path(f"{path}.new").rename(path)
    server.run()
    Path(path).unlink()
    shutil.rmtree(Path(path).parent)
    spark.stop()
    os._exit(0)


if __name__ == "__main__":
    main()
