"""What the updates of a table have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type

__all__ = ["CommittedBlock", "Update", "full_name"]


class CommittedBlock(ABC):
    """What is committed at the end of a `with` block, unless the block raises."""

    @abstractmethod
    def _end(self, *, commit: bool) -> None:
        """Commit, or give up."""

    def __enter__(self) -> Self:
        """Begin the block whose end commits."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or give up if the block raised."""
        self._end(commit=kind is None)


class Update(CommittedBlock):
    """Changes that are gathered, and made at `commit()` or at the end of a `with` block.

    Each is checked when it is asked for. A block that raises changes nothing.
    """

    def __init__(self, add: Callable[[_native.Change], None]) -> None:
        """Give changes to `add`."""
        self._add = add

    @abstractmethod
    def _change(self) -> _native.Change:
        """Return what was gathered."""

    def commit(self) -> None:
        """Make the changes."""
        self._add(self._change())

    def _end(self, *, commit: bool) -> None:
        if commit:
            self.commit()


def full_name(what: str, path: str | Sequence[str]) -> str:
    """Return the dotted name of a column that is given by it, or by its parts."""
    if isinstance(path, str):
        return path
    if not isinstance(path, (tuple, list)) or not all(isinstance(part, str) for part in path):
        refuse_type(what, path, "a column's name, or a tuple of the names down to it")
    return ".".join(path)
