"""ClickHouse as a library (chDB) over Parquet files that it wrote."""

import chdb

from sql import KEY, Sql, SqlPeer

PARQUET = "output_format_parquet_compression_method = 'zstd', engine_file_truncate_on_insert = 1"
# Columns of a data file are texts, none of them absent.
CSV = """schema_inference_make_columns_nullable = 0, input_format_csv_try_infer_numbers_from_strings = 0,
    schema_inference_hints = 'OBS_VALUE String, PRODUCT String, TIME_PERIOD String'"""
# What it sorts, groups or joins beyond so many bytes it writes to disk.
SPILL = 4 << 30


class Peer(SqlPeer):
    sql = Sql(year="intDiv(period, 100)", number="toFloat64({})")

    def __init__(self, folder: str):
        super().__init__(folder)
        self.connection = chdb.connect(":memory:")
        for setting in (
            "join_use_nulls = 1",
            "join_algorithm = 'full_sorting_merge'",
            f"max_bytes_before_external_sort = {SPILL}",
            f"max_bytes_before_external_group_by = {SPILL}",
        ):
            self.connection.query(f"SET {setting}")

    def version(self) -> str:
        return f"chDB {chdb.__version__}"

    def write(self, csv: str, vintage: str) -> None:
        rows = f"""
            SELECT ITEM AS item, REF_AREA AS ref_area, PRODUCT AS product, COUNTERPART_AREA AS partner,
                toInt32(replaceOne(TIME_PERIOD, '-', '')) AS period,
                toInt64(toDecimal64(OBS_VALUE, 6) * 1000000) AS euro
            FROM file('{csv}', CSVWithNames) ORDER BY {", ".join(KEY)}
        """
        self.save(rows, vintage, CSV)

    def save(self, query: str, name: str, *settings: str) -> None:
        settings = ", ".join([PARQUET, *settings])
        self.connection.query(f"INSERT INTO FUNCTION file('{self.path(name)}', Parquet) {query} SETTINGS {settings}")

    def answer(self, query: str):
        return self.connection.query(f"{query} SETTINGS output_format_arrow_string_as_string = 1", "ArrowTable")

    def source(self, name: str) -> str:
        return f"file('{self.path(name)}', Parquet)"
