"""Spans and log records of what floe does for its callers.

Where OpenTelemetry's API is installed, each operation is a span of the tracer `floe`; the program's
SDK decides where spans go. Each is also a record of the logger `floe`, with the same facts as
attributes of the record (`floe`, a mapping): of level DEBUG, or INFO where it failed. Both have
names and counts; never rows, values, filters, addresses, messages or secrets.
"""

import functools
import importlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["operation"]

_LOGGER = logging.getLogger("floe")


@functools.cache
def _opentelemetry() -> Any:
    """Return OpenTelemetry's API of traces, or None where it is not installed."""
    try:
        return importlib.import_module("opentelemetry.trace")
    except ModuleNotFoundError:
        return None


@contextmanager
def operation(name: str, facts: Mapping[str, str | int]) -> Iterator[None]:
    """Tell of the block: when it begins and ends, and whether it raised.

    Args:
        name: Such as `iceberg.load_table`.
        facts: What it is about: `catalog`, `operation`, `namespace`, `table`.
    """
    api = _opentelemetry()
    started = time.monotonic()
    if api is None:
        with _logged(name, facts, started):
            yield
        return
    tracer = api.get_tracer("floe")
    with tracer.start_as_current_span(
        name, attributes=dict(facts), record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            with _logged(name, facts, started):
                yield
        except BaseException as error:
            kind = type(error).__name__
            span.set_attributes({"status": "error", "error.type": kind})
            span.set_status(api.StatusCode.ERROR, kind)
            raise
        span.set_attribute("status", "ok")


@contextmanager
def _logged(name: str, facts: Mapping[str, str | int], started: float) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        _log(logging.INFO, name, facts, started, type(error).__name__)
        raise
    _log(logging.DEBUG, name, facts, started, None)


def _log(
    level: int, name: str, facts: Mapping[str, str | int], started: float, error: str | None
) -> None:
    if not _LOGGER.isEnabledFor(level):
        return
    milliseconds = round((time.monotonic() - started) * 1000, 3)
    told: dict[str, Any] = {**facts, "status": "ok" if error is None else "error"}
    told["duration_ms"] = milliseconds
    if error is not None:
        told["error.type"] = error
    words = " ".join(f"{key}={value}" for key, value in told.items())
    _LOGGER.log(level, "%s %s", name, words, extra={"floe": {"event": name, **told}})
