"""What DuckDB's iceberg extension 1.5.5 gets wrong, so that tests of floe don't ask it."""

# Partitions that it passes over though they have rows that match a filter.
MISPRUNED = {
    ("int", "truncate(10, optional)"): "the smallest values wrap",
    ("long", "truncate(10, optional)"): "the smallest values wrap",
    ("decimal(9, 2)", "truncate(10, optional)"): "the smallest value's partition has 10 digits",
    ("decimal(38, 38)", "truncate(10, optional)"): "the smallest value's partition has 39 digits",
    ("uuid", "bucket(3, optional)"): "looks into another bucket",
    **{
        (name, f"{part}(optional)"): "rounds moments before 1970 towards it"
        for name in ("timestamp", "timestamptz")
        for part in ("day", "month")
    },
}
