"""Tables whose manifests nobody can read for a while: who reads one fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from warehouse import manifests

from floe_iceberg import Table


@contextmanager
def hidden_manifests(table: Table) -> Iterator[None]:
    """Take the manifests of the current snapshot away during the block."""
    paths = manifests(table)
    assert paths
    for path in paths:
        path.rename(path.with_suffix(".hidden"))
    try:
        yield
    finally:
        for path in paths:
            path.with_suffix(".hidden").rename(path)
