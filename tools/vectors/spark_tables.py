"""How Spark makes each table of tests/vectors/spark: statements, `t` being the table.

A statement that is no text is a function of the SparkEngine, which says what it did.
"""

from collections.abc import Callable
from typing import Any

from java_tables import create

Statement = str | Callable[[Any], str]

_TYPES = """\
id bigint NOT NULL, a_boolean boolean, an_int int, a_long bigint, a_float float, a_double double,
small_decimal decimal(9, 2), middle_decimal decimal(18, 0), large_decimal decimal(38, 38),
a_date date, a_timestamp timestamp_ntz, a_timestamptz timestamp, a_string string, a_binary binary"""

_NESTED = """\
id bigint NOT NULL, point struct<x: double, label: string NOT NULL, inner: struct<tags: array<string>>>,
points array<struct<x: int, y: decimal(9, 2)>>, counts map<string, bigint>,
deep map<string, array<struct<at: timestamp_ntz>>>, matrix array<array<int>>"""

_TYPE_ROWS = """INSERT INTO t VALUES
(0, true, -2147483648, -9223372036854775808, float('-inf'), double('-inf'), -9999999.99,
 -999999999999999999, -0.99999999999999999999999999999999999999, date'0001-01-01',
 timestamp_ntz'0001-01-01 00:00:00', timestamp'0001-01-01 00:00:00Z', '', X''),
(1, false, 2147483647, 9223372036854775807, float('nan'), double('nan'), 9999999.99,
 999999999999999999, 0.99999999999999999999999999999999999999, date'9999-12-31',
 timestamp_ntz'9999-12-31 23:59:59.999999', timestamp'9999-12-31 23:59:59.999999Z',
 'é ünïcode 𝄞 beyond, and longer than the sixteen of its bounds', X'ff00ff'),
(2, null, -1, -1, float('-0.0'), double('-0.0'), -0.01, -1,
 -0.00000000000000000000000000000000000001, date'1969-12-31',
 timestamp_ntz'1969-12-31 23:59:59.999999', timestamp'1969-12-31 23:59:59.999999Z', 'null', X'80'),
(3, null, null, null, null, null, null, null, null, null, null, null, null, null)"""

_NESTED_ROWS = """INSERT INTO t VALUES
(0, named_struct('x', 1.5D, 'label', 'a', 'inner', named_struct('tags', array('t', null, ''))),
 array(named_struct('x', 1, 'y', 2.50BD), null, named_struct('x', null, 'y', null)),
 map('k', 1L, '', null), map('k', array(named_struct('at', timestamp_ntz'2024-02-29 01:02:03.000004')),
 'l', array(), 'm', null), array(array(1, null), array(), null)),
(1, null, null, null, null, null),
(2, named_struct('x', null, 'label', '', 'inner', null), array(), map(), map(), array())"""

_DAYS = """INSERT INTO t SELECT id, if(id = 3, null, date_add(date'1969-12-30', cast(id AS int) * 300)),
if(id = 3, null, timestamp_ntz'1969-12-31 22:30:00' + make_dt_interval(0, cast(id AS int) * 5)),
if(id = 3, null, timestamp'1969-12-31 22:30:00Z' + make_dt_interval(cast(id AS int) * 40)),
if(id = 3, null, concat('text ', id)), cast(id - 4 AS int), cast((id - 4) * 1.37 AS decimal(9, 2)),
encode(concat('b', id), 'UTF-8') FROM range(8)"""

_DAY_COLUMNS = """id bigint, a_date date, a_timestamp timestamp_ntz, a_timestamptz timestamp, a_string string,
an_int int, a_decimal decimal(9, 2), a_binary binary"""

_TRANSFORMS = {
    "identity": "a_string, a_date, an_int, a_decimal, a_binary",
    "identity_times": "a_timestamp, a_timestamptz",
    "bucket": "bucket(2, id), bucket(3, a_string), bucket(2, a_date), bucket(2, a_timestamptz), "
    "bucket(2, a_decimal), bucket(2, a_binary)",
    "truncate": "truncate(3, id), truncate(6, a_string), truncate(10, a_decimal), truncate(1, a_binary)",
    "year": "year(a_date)",
    "month": "month(a_timestamp)",
    "day": "day(a_timestamptz)",
    "hour": "hour(a_timestamp)",
}


def _table(version: int, columns: str, *properties: str, by: str = "") -> str:
    texts = [f"'format-version' = '{version}'", *properties]
    spec = f" PARTITIONED BY ({by})" if by else ""
    return f"CREATE TABLE t ({columns}) USING iceberg{spec} TBLPROPERTIES ({', '.join(texts)})"


_MERGE_ON_READ = [
    f"'write.{kind}.mode' = 'merge-on-read'" for kind in ("delete", "update", "merge")
]
_ROWS = "INSERT INTO t SELECT id, concat('text ', id), cast(id % 2 AS int) FROM range({}, {}, 1, 1)"
_ROW_COLUMNS = "id bigint NOT NULL, text string, part int"


def _deletes(version: int, *properties: str, by: str = "") -> list[Statement]:
    return [
        _table(version, _ROW_COLUMNS, *_MERGE_ON_READ, *properties, by=by),
        _ROWS.format(0, 8),
        _ROWS.format(8, 16),
        "DELETE FROM t WHERE id IN (1, 2, 9)",
        "DELETE FROM t WHERE id = 3",
        "UPDATE t SET text = 'new' WHERE id IN (4, 12)",
        _ROWS.format(16, 20),
        "MERGE INTO t USING (SELECT * FROM range(18, 22)) s ON t.id = s.id "
        "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, text, part) VALUES (s.id, 'merged', 5)",
    ]


def _evolution(version: int) -> list[Statement]:
    return [
        _table(
            version,
            "id int NOT NULL, a int, f float, d decimal(5, 2), s struct<x: int, y: string>, gone string",
        ),
        "INSERT INTO t VALUES (1, 10, 1.5, 1.25, named_struct('x', 1, 'y', 'one'), 'gone')",
        "ALTER TABLE t ADD COLUMN added string AFTER id",
        "ALTER TABLE t RENAME COLUMN a TO b",
        "ALTER TABLE t ALTER COLUMN b TYPE bigint",
        "ALTER TABLE t ALTER COLUMN f TYPE double",
        "ALTER TABLE t ALTER COLUMN d TYPE decimal(12, 2)",
        "ALTER TABLE t ALTER COLUMN s.x TYPE bigint",
        "ALTER TABLE t ADD COLUMN s.z date",
        "ALTER TABLE t RENAME COLUMN s.y TO why",
        "ALTER TABLE t DROP COLUMN gone",
        "INSERT INTO t VALUES (2, 'added', 5000000000, 2.5, 1234567890.12, "
        "named_struct('x', 5000000000, 'why', 'two', 'z', date'2024-02-29'))",
        "ALTER TABLE t ADD COLUMN gone int",  # another column by the old name
        "ALTER TABLE t ALTER COLUMN id DROP NOT NULL",
        "ALTER TABLE t ALTER COLUMN d FIRST",
        "INSERT INTO t VALUES (3.25, null, null, null, null, null, 7)",
    ]


def _spec_evolution(version: int) -> list[Statement]:
    return [
        _table(version, _DAY_COLUMNS, by="a_string"),
        _DAYS,
        "ALTER TABLE t ADD PARTITION FIELD bucket(2, id)",
        _DAYS,
        "ALTER TABLE t DROP PARTITION FIELD a_string",
        "ALTER TABLE t ADD PARTITION FIELD month(a_timestamp)",
        _DAYS,
        "ALTER TABLE t REPLACE PARTITION FIELD month(a_timestamp) WITH day(a_timestamp)",
        _DAYS,
        "ALTER TABLE t DROP PARTITION FIELD bucket(2, id)",
        "ALTER TABLE t DROP PARTITION FIELD day(a_timestamp)",
        _DAYS,
    ]


def _simple(version: int, *properties: str) -> list[Statement]:
    return [_table(version, _ROW_COLUMNS, *properties), _ROWS.format(0, 4), _ROWS.format(4, 8)]


_VARIANTS = """INSERT INTO t SELECT id, parse_json(json) FROM VALUES (0, null), (1, 'null'),
(2, '{"a": 1, "b": {"c": "x", "d": [1, 2.50, null, true]}}'), (3, '[]'), (4, '12345678901234567890'),
(5, '"text"'), (6, '{"a": 300, "e": 1.5e300}'), (7, '{"a": "no number", "b": {"c": "y"}}') AS r(id, json)"""

_PLAIN = """id bigint, a_decimal decimal(9, 2), large_decimal decimal(20, 3), a_timestamp timestamp, a_date date,
a_string string, a_list array<struct<x: int>>, a_map map<string, int>, a_binary binary, a_float float"""
_PLAIN_ROWS = """SELECT 0L AS id, 1.25BD AS a_decimal, -12345678901234567.125BD AS large_decimal,
timestamp'1969-12-31 23:59:59.999999Z' AS a_timestamp, date'1969-12-31' AS a_date, 'é' AS a_string,
array(named_struct('x', 1), null) AS a_list, map('k', 1, 'l', null) AS a_map, X'00ff' AS a_binary,
float(1.5) AS a_float UNION ALL SELECT 1, null, null, null, null, null, null, null, null, null"""


def _add_files(format_: str, **settings: str) -> Statement:
    """Return the statement that adds files which Spark wrote without Iceberg."""

    def step(lake: Any) -> str:
        for name, value in settings.items():
            lake.spark.conf.set(f"spark.sql.{name.replace('__', '.')}", value)
        folder = lake.warehouse + "/files"
        lake.spark.sql(_PLAIN_ROWS).coalesce(1).write.format(format_).save(f"file://{folder}")
        lake.sql(
            f"CALL lake.system.add_files(table => 'db.t', source_table => '`{format_}`.`{folder}`')"
        )
        return f"{' '.join(_PLAIN_ROWS.split())}, written as {format_} with {settings}; add_files of it"

    return step


TABLES: dict[str, list[Statement]] = {
    **{f"types_v{v}": [_table(v, _TYPES), _TYPE_ROWS] for v in (1, 2, 3)},
    **{f"nested_v{v}": [_table(v, _NESTED), _NESTED_ROWS] for v in (1, 2, 3)},
    **{
        f"types_{format_}": [
            _table(2, _TYPES, f"'write.format.default' = '{format_}'"),
            _TYPE_ROWS,
        ]
        for format_ in ("orc", "avro")
    },
    **{
        f"nested_{format_}": [
            _table(2, _NESTED, f"'write.format.default' = '{format_}'"),
            _NESTED_ROWS,
        ]
        for format_ in ("orc", "avro")
    },
    **{
        f"uuid_and_fixed_{format_}": [
            create(2, ("id", "long"), ("u", "uuid"), ("f", "fixed[3]")),
            f"ALTER TABLE t SET TBLPROPERTIES ('write.format.default' = '{format_}')",
            "INSERT INTO t VALUES (0, '79eb3a27-0000-4000-8000-000000000001', X'00ff80'), "
            "(1, 'f79c3e09-677c-4bbd-a479-3f349cb785e7', X'000000'), (2, null, null)",
        ]
        for format_ in ("orc", "avro")
    },
    **{
        f"partitioned_{name}": [_table(2, _DAY_COLUMNS, by=terms), _DAYS]
        for name, terms in _TRANSFORMS.items()
    },
    "partitioned_v1": [_table(1, _DAY_COLUMNS, by="bucket(2, id), day(a_timestamp)"), _DAYS],
    "partitioned_v3": [_table(3, _DAY_COLUMNS, by="bucket(2, id), day(a_timestamp)"), _DAYS],
    **{f"schema_evolution_v{v}": _evolution(v) for v in (1, 2, 3)},
    **{f"spec_evolution_v{v}": _spec_evolution(v) for v in (1, 2)},
    "position_deletes": _deletes(2),
    "position_deletes_by_partition": _deletes(
        2, "'write.delete.granularity' = 'partition'", by="part"
    ),
    "position_deletes_orc": _deletes(2, "'write.format.default' = 'orc'"),
    "position_deletes_avro": _deletes(2, "'write.format.default' = 'avro'"),
    "deletion_vectors": _deletes(3),
    "deletion_vectors_by_partition": _deletes(3, by="part"),
    "upgraded_1_to_3": [
        _table(1, _ROW_COLUMNS, by="part"),
        _ROWS.format(0, 8),
        "ALTER TABLE t SET TBLPROPERTIES ('format-version' = '2', 'write.delete.mode' = 'merge-on-read')",
        "DELETE FROM t WHERE id IN (1, 2)",
        "ALTER TABLE t SET TBLPROPERTIES ('format-version' = '3')",
        _ROWS.format(8, 12),
        "DELETE FROM t WHERE id IN (3, 9)",
    ],
    "row_lineage_rewritten": [
        *_deletes(3),
        "CALL lake.system.rewrite_data_files(table => 'db.t', options => map('rewrite-all', 'true'))",
        "UPDATE t SET text = 'newer' WHERE id = 5",
    ],
    **{
        f"manifests_{codec}": _simple(2, f"'write.manifest.compression-codec' = '{codec}'")
        for codec in ("zstd", "snappy", "uncompressed")
    },
    **{
        f"avro_{codec}": _simple(
            2, "'write.format.default' = 'avro'", f"'write.avro.compression-codec' = '{codec}'"
        )
        for codec in ("zstd", "snappy", "uncompressed")
    },
    "gzip_metadata": _simple(2, "'write.metadata.compression-codec' = 'gzip'"),
    "rewritten_manifests": [*_simple(2), "CALL lake.system.rewrite_manifests('db.t')"],
    "refs": [
        *_simple(2),
        "ALTER TABLE t CREATE TAG two RETAIN 7 DAYS",
        "ALTER TABLE t CREATE BRANCH work WITH SNAPSHOT RETENTION 3 SNAPSHOTS 2 DAYS",
        "INSERT INTO db.t.branch_work VALUES (100, 'on the branch', 0)",
        "DELETE FROM t WHERE id = 0",
    ],
    "statistics": [
        _table(2, _ROW_COLUMNS, by="part"),
        _ROWS.format(0, 8),
        "CALL lake.system.compute_table_stats('db.t')",
        "CALL lake.system.compute_partition_stats('db.t')",
    ],
    "sorted": [
        _table(2, _ROW_COLUMNS),
        "ALTER TABLE t WRITE ORDERED BY bucket(2, id), text DESC NULLS LAST",
        _ROWS.format(0, 4),
    ],
    "bloom_filter": _simple(
        2,
        "'write.parquet.bloom-filter-enabled.column.text' = 'true'",
        "'write.parquet.bloom-filter-max-bytes' = '1024'",
    ),
    **{
        f"parquet_{codec}": _simple(2, f"'write.parquet.compression-codec' = '{codec}'")
        for codec in ("gzip", "snappy", "lz4", "uncompressed")
    },
    "variant": [_table(3, "id bigint, v variant"), _VARIANTS],
    "variant_shredded": [
        _table(3, "id bigint, v variant", "'write.parquet.shred-variants' = 'true'"),
        _VARIANTS,
    ],
    "added_parquet": [_table(2, _PLAIN), _add_files("parquet")],
    "added_legacy_parquet": [
        _table(2, _PLAIN),
        _add_files(
            "parquet",
            parquet__writeLegacyFormat="true",
            parquet__outputTimestampType="INT96",
            parquet__int96RebaseModeInWrite="CORRECTED",
        ),
        "ALTER TABLE t RENAME COLUMN a_string TO words",
    ],
    "added_orc": [
        _table(2, _PLAIN.replace("timestamp timestamp", "timestamp timestamp_ntz")),
        _add_files("orc"),
    ],
}
