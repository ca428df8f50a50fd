"""What Dagster's contexts may lack: those made by hand, in a user's tests, lack much."""

from typing import Any

import dagster as dg

__all__ = ["if_given"]


def if_given(context: dg.OutputContext | dg.InputContext, name: str) -> Any:
    """Return an attribute of a context; None where it has none."""
    try:
        return getattr(context, name)
    except dg.DagsterInvariantViolationError:
        return None
