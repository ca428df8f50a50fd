"""Every transform of every type that it takes, over the column `optional`."""

from type_samples import SAMPLES

TIMES = ["timestamp", "timestamptz"]
CASES = [
    *((name, "optional") for name in SAMPLES),
    *(
        (name, f"{part}(optional)")
        for name in ("date", *TIMES)
        for part in ("year", "month", "day")
    ),
    *((name, "hour(optional)") for name in TIMES),
    *(
        (name, "bucket(3, optional)")
        for name in SAMPLES
        if name not in ("boolean", "float", "double")
    ),
    *(
        (name, "truncate(10, optional)")
        for name in ("int", "long", "decimal(9, 2)", "decimal(38, 38)", "string", "binary")
    ),
    ("string", "truncate(1, optional)"),
    ("string", "void(optional)"),
]
