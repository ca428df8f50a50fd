"""Rows of structs, lists and maps with nulls and emptiness at every depth."""

import pyarrow as pa

POINT = pa.struct(
    [
        pa.field("x", pa.float64()),
        pa.field("label", pa.string(), nullable=False),
        pa.field(
            "inner", pa.struct([("when", pa.timestamp("us")), ("tags", pa.list_(pa.string()))])
        ),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("point", POINT),
        pa.field("points", pa.list_(pa.field("element", POINT))),
        pa.field("counts", pa.map_(pa.string(), pa.int64())),
        pa.field("by_name", pa.map_(pa.string(), pa.list_(pa.decimal128(9, 2)))),
        pa.field("matrix", pa.list_(pa.list_(pa.int32()))),
    ]
)


def point(x: float | None, label: str, tags: list[str | None] | None = None) -> dict[str, object]:
    return {"x": x, "label": label, "inner": {"when": None, "tags": tags}}


ROWS = pa.Table.from_pylist(
    [
        {
            "id": 0,
            "point": point(1.5, "a", ["t", None, ""]),
            "points": [point(None, "b"), None, point(-0.0, "", [])],
            "counts": [("k", 1), ("", None)],
            "by_name": [("k", [None]), ("l", []), ("m", None)],
            "matrix": [[1, None], [], None],
        },
        {"id": 1, "point": None, "points": [], "counts": None, "by_name": None, "matrix": None},
        {
            "id": 2,
            "point": {"x": float("nan"), "label": "z", "inner": None},
            "points": [],
            "counts": [],
            "by_name": [],
            "matrix": [],
        },
        {"id": 3, "point": point(2.5, "q" * 40), "points": [None], "matrix": [[2**31 - 1]]},
    ],
    schema=SCHEMA,
)
