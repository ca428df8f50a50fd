"""The `alter` statement of scenarios (tests/README.md): changes of a table in one commit."""

import re
from collections.abc import Callable
from typing import Any

from scenario_script import ScenarioError, parse_columns

from floe_iceberg import Table
from floe_iceberg.schema import Schema
from floe_iceberg.sorting import NullOrder
from floe_iceberg.table import Transaction


class _Alteration:
    """Clauses of one statement; those of one kind that follow each other are one update."""

    def __init__(self, table: Table, transaction: Transaction, *, incompatible: bool) -> None:
        self._snapshots = [snapshot.snapshot_id for snapshot in table.snapshots()]
        self._transaction = transaction
        self._makers: dict[str, Callable[[], Any]] = {
            "schema": lambda: transaction.update_schema(allow_incompatible_changes=incompatible),
            "spec": transaction.update_spec,
            "order": transaction.update_sort_order,
            "refs": transaction.manage_snapshots,
        }
        self._kind: str | None = None
        self._update: Any = None

    def finish(self) -> None:
        """Make the changes that are gathered."""
        if self._update is not None:
            self._update.commit()
        self._kind = self._update = None

    def update(self, kind: str) -> Any:
        """Return the open update of a kind."""
        if self._kind != kind:
            self.finish()
            self._kind, self._update = kind, self._makers[kind]()
        return self._update

    def snapshot(self, number: str) -> int:
        """Return the id of the snapshot of a number."""
        index = int(number)
        return self._snapshots[index - 1] if 0 < index <= len(self._snapshots) else index

    def transaction(self) -> Transaction:
        """Return the transaction, all updates before made."""
        self.finish()
        return self._transaction


def _type(text: str) -> Any:
    arrow = parse_columns(f"x {text}")
    return Schema.from_arrow(arrow).fields[0].field_type


def _add_column(to: _Alteration, path: str, type_: str, required: str | None) -> None:
    to.update("schema").add_column(tuple(path.split(".")), _type(type_), required=bool(required))


def _move(to: _Alteration, path: str, where: str, other: str | None) -> None:
    method = getattr(to.update("schema"), f"move_{where}")
    method(path) if other is None else method(path, other)


def _add_field(to: _Alteration, transform: str, column: str, name: str | None) -> None:
    to.update("spec").add_field(column, transform, name)


def _cherry_pick(to: _Alteration, number: str) -> None:
    to.transaction().manage_snapshots().cherry_pick(to.snapshot(number)).commit()


_SORT_TERM = re.compile(r"(?:(\w+(?:\[\d+\])?)\((\S+)\)|(\S+)) (asc|desc)( nulls first)?")


def _sort(to: _Alteration, terms: str) -> None:
    order = to.update("order")
    for term in terms.split(", ") if terms != "nothing" else ():
        found = _SORT_TERM.fullmatch(term)
        if found is None:
            raise ScenarioError(f"alter knows no order {term!r}")
        transform, source, column, direction, first = found.groups()
        nulls = NullOrder.NULLS_FIRST if first else NullOrder.NULLS_LAST
        getattr(order, direction)(source or column, transform or "identity", nulls)


_CLAUSES: list[tuple[str, Callable[..., object]]] = [
    (r"add column (\S+) (.+?)( required)?", _add_column),
    (r"delete column (\S+)", lambda to, a: to.update("schema").delete_column(a)),
    (r"rename column (\S+) to (\S+)", lambda to, a, b: to.update("schema").rename_column(a, b)),
    (
        r"widen column (\S+) to (.+)",
        lambda to, a, b: to.update("schema").update_column(a, field_type=_type(b)),
    ),
    (
        r"make column (\S+) (optional|required)",
        lambda to, a, b: to.update("schema").update_column(a, required=b == "required"),
    ),
    (
        r"describe column (\S+) as (.+)",
        lambda to, a, b: to.update("schema").update_column(a, doc=b),
    ),
    (r"move column (\S+) (first|before|after)(?: (\S+))?", _move),
    (
        r"identify by (.+)",
        lambda to, a: to.update("schema").set_identifier_fields(*a.split(", ")),
    ),
    (
        r"unite with \((.+)\)",
        lambda to, a: to.update("schema").union_by_name(parse_columns(a)),
    ),
    (r"add field (\w+(?:\[\d+\])?)\((\S+)\)(?: as (\S+))?", _add_field),
    (r"remove field (\S+)", lambda to, a: to.update("spec").remove_field(a)),
    (r"rename field (\S+) to (\S+)", lambda to, a, b: to.update("spec").rename_field(a, b)),
    (r"sort by (.+)", _sort),
    (
        r"create (branch|tag) (\S+) at (\d+)",
        lambda to, a, b, c: getattr(to.update("refs"), f"create_{a}")(to.snapshot(c), b),
    ),
    (
        r"remove (branch|tag) (\S+)",
        lambda to, a, b: getattr(to.update("refs"), f"remove_{a}")(b),
    ),
    (r"rename branch (\S+) to (\S+)", lambda to, a, b: to.update("refs").rename_branch(a, b)),
    (
        r"replace (branch|tag) (\S+) with (\d+)",
        lambda to, a, b, c: getattr(to.update("refs"), f"replace_{a}")(b, to.snapshot(c)),
    ),
    (
        r"fast-forward (\S+) to (\S+)",
        lambda to, a, b: to.update("refs").fast_forward_branch(a, b),
    ),
    (r"roll back to (\d+)", lambda to, a: to.update("refs").rollback_to_snapshot(to.snapshot(a))),
    (r"cherry-pick (\d+)", _cherry_pick),
    (
        r"set current (\d+)",
        lambda to, a: to.update("refs").set_current_snapshot(to.snapshot(a)),
    ),
    (r"set (\S+) = (.*)", lambda to, a, b: to.transaction().set_properties({a: b})),
    (r"unset (\S+)", lambda to, a: to.transaction().remove_properties(a)),
    (r"upgrade to (\d+)", lambda to, a: to.transaction().upgrade_table_version(int(a))),
]


def alter(table: Table, text: str, *, incompatible: bool) -> None:
    """Make the changes of a statement's clauses, which `; ` parts."""
    with table.transaction() as transaction:
        alteration = _Alteration(table, transaction, incompatible=incompatible)
        for clause in text.split("; "):
            found = ((re.fullmatch(form, clause), make) for form, make in _CLAUSES)
            match, make = next(((m, make) for m, make in found if m), (None, None))
            if match is None or make is None:
                raise ScenarioError(f"alter knows no clause {clause!r}")
            make(alteration, *match.groups())
        alteration.finish()
