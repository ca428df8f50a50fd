"""Branches, tags and the current snapshot, as `pyiceberg.table.update.snapshot`."""

import json
from collections.abc import Callable
from typing import Self

from floe_core.errors import InvalidArgumentError, NoSuchSnapshotError
from floe_iceberg import _native
from floe_iceberg._arguments import integer, text
from floe_iceberg._update import Update

__all__ = ["ManageSnapshots"]


_PICKED_ALONE = (
    "cherry_pick stands alone in its update of refs; make several in a transaction, each with "
    "manage_snapshots() of its own"
)


class ManageSnapshots(Update):
    """Changes of branches and tags, made one after the other and seen together.

    Raises:
        NoSuchSnapshotError: No such snapshot, branch or tag.
        AlreadyExistsError: A branch or tag of that name exists.
        InvalidArgumentError: What can't be, such as a roll-back to what is no ancestor.
        CommitConflictError: Others moved the branch or tag meanwhile.
    """

    def __init__(self, table: _native.Table, add: Callable[[_native.Change], None]) -> None:
        """Change the refs of `table`; `Table.manage_snapshots()` is how to make one."""
        super().__init__(add)
        self._table = table
        self._picked: _native.Change | None = None
        self._refs = {name: ref["snapshot-id"] for name, ref in json.loads(table.refs_json).items()}
        self._ref_edits = _native.RefEdits(table)
        self._has_edits = False

    @property
    def _edits(self) -> _native.RefEdits:
        """The edits of refs, of which one more is to be made."""
        if self._picked is not None:
            raise InvalidArgumentError(_PICKED_ALONE)
        self._has_edits = True
        return self._ref_edits

    def create_tag(
        self, snapshot_id: int, tag_name: str, max_ref_age_ms: int | None = None
    ) -> Self:
        """Name a snapshot, for good or for `max_ref_age_ms`."""
        retention = _native.RefRetention(None, None, max_ref_age_ms)
        self._edits.create_tag(
            text("tag_name", tag_name), integer("snapshot_id", snapshot_id), retention
        )
        return self

    def remove_tag(self, tag_name: str) -> Self:
        """Remove a tag; its snapshot stays until it is expired."""
        self._edits.remove_tag(text("tag_name", tag_name))
        return self

    def create_branch(
        self,
        snapshot_id: int,
        branch_name: str,
        max_ref_age_ms: int | None = None,
        max_snapshot_age_ms: int | None = None,
        min_snapshots_to_keep: int | None = None,
    ) -> Self:
        """Begin a branch at a snapshot."""
        retention = _native.RefRetention(min_snapshots_to_keep, max_snapshot_age_ms, max_ref_age_ms)
        self._edits.create_branch(
            text("branch_name", branch_name), integer("snapshot_id", snapshot_id), retention
        )
        return self

    def remove_branch(self, branch_name: str) -> Self:
        """Remove a branch other than main; its snapshots stay until they are expired."""
        self._edits.remove_branch(text("branch_name", branch_name))
        return self

    def rename_branch(self, name: str, new_name: str) -> Self:
        """Rename a branch other than main."""
        self._edits.rename_branch(text("name", name), text("new_name", new_name))
        return self

    def replace_branch(self, name: str, snapshot_id: int) -> Self:
        """Move a branch to any snapshot."""
        self._edits.replace_branch(text("name", name), integer("snapshot_id", snapshot_id))
        return self

    def replace_tag(self, name: str, snapshot_id: int) -> Self:
        """Move a tag to any snapshot."""
        self._edits.replace_tag(text("name", name), integer("snapshot_id", snapshot_id))
        return self

    def fast_forward_branch(self, name: str, to: str) -> Self:
        """Move a branch to the head of another one, which must contain it; or make it there."""
        self._edits.fast_forward_branch(text("name", name), text("to", to))
        return self

    def set_retention(
        self,
        name: str,
        *,
        min_snapshots_to_keep: int | None = None,
        max_snapshot_age_ms: int | None = None,
        max_ref_age_ms: int | None = None,
    ) -> Self:
        """Say how long a branch or tag, and a branch's snapshots, are kept; None leaves it."""
        retention = _native.RefRetention(min_snapshots_to_keep, max_snapshot_age_ms, max_ref_age_ms)
        self._edits.set_retention(text("name", name), retention)
        return self

    def set_current_snapshot(
        self, snapshot_id: int | None = None, ref_name: str | None = None
    ) -> Self:
        """Move main to any snapshot, given by id or by the name of a branch or tag."""
        if (snapshot_id is None) == (ref_name is None):
            message = "pass one of snapshot_id and ref_name"
            raise InvalidArgumentError(message)
        if ref_name is not None:
            snapshot_id = self._refs.get(ref_name)
            if snapshot_id is None:
                message = f"there is no branch or tag {ref_name!r}"
                raise NoSuchSnapshotError(message)
        self._edits.set_current_snapshot(integer("snapshot_id", snapshot_id))
        return self

    def rollback_to_snapshot(self, snapshot_id: int) -> Self:
        """Move main back to one of its ancestors."""
        self._edits.roll_back_to(integer("snapshot_id", snapshot_id))
        return self

    def rollback_to_timestamp(self, timestamp_ms: int) -> Self:
        """Move main back to its latest ancestor from before a moment."""
        self._edits.roll_back_to_time(integer("timestamp_ms", timestamp_ms))
        return self

    def cherry_pick(self, snapshot_id: int) -> Self:
        """Make what a snapshot did, that main does not have, part of main.

        A snapshot that follows the current one becomes the current one. Of others, appends and
        replacements of whole partitions are made again, by a new snapshot with the old one's id
        as `source-snapshot-id` and its `wap.id` as `published-wap-id`.

        Raises:
            NoSuchSnapshotError: No such snapshot.
            AlreadyExistsError: Main has the snapshot, has picked it, or has its `wap.id`.
            InvalidArgumentError: The snapshot did something else, or replaces partitions that
                others have changed meanwhile.
        """
        if self._picked is not None or self._has_edits:
            raise InvalidArgumentError(_PICKED_ALONE)
        self._picked = _native.cherry_pick(self._table, integer("snapshot_id", snapshot_id))
        return self

    def _change(self) -> _native.Change:
        return self._ref_edits.change() if self._picked is None else self._picked
