"""What the updates of a table have in common."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type

__all__ = ["Update", "full_name"]


class Update:
    """Changes that are gathered, and made at `commit()` or at the end of a `with` block.

    Each is checked when it is asked for. A block that raises changes nothing.
    """

    def __init__(self, add: Callable[[_native.Change], None]) -> None:
        """Give changes to `add`."""
        self._add = add

    def _change(self) -> _native.Change:
        raise NotImplementedError

    def commit(self) -> None:
        """Make the changes."""
        self._add(self._change())

    def __enter__(self) -> Self:
        """Begin the block whose end commits."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, unless the block raised."""
        if kind is None:
            self.commit()


def full_name(what: str, path: str | Sequence[str]) -> str:
    """Return the dotted name of a column that is given by it, or by its parts."""
    if isinstance(path, str):
        return path
    if not isinstance(path, (tuple, list)) or not all(isinstance(part, str) for part in path):
        refuse_type(what, path, "a column's name, or a tuple of the names down to it")
    return ".".join(path)
