"""What floe's packages share: the error classes.

Imports no extension module and none of Dagster, PyIceberg or pyarrow.
"""

from floe_core import errors
from floe_core._other_installs import refuse_earlier_floe

__all__ = ["errors"]

refuse_earlier_floe()
