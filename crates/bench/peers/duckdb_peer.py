"""DuckDB over Parquet files that it wrote."""

import duckdb

from sql import KEY, Sql, SqlPeer

PARQUET = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2"


class Peer(SqlPeer):
    sql = Sql(year="(period // 100)", number="CAST({} AS DOUBLE)")

    def __init__(self, folder: str):
        super().__init__(folder)
        self.connection = duckdb.connect(config={"temp_directory": f"{folder}/spill"})
        # What was read of a file's footer is kept, as the file does not change.
        self.connection.execute("SET parquet_metadata_cache = true")
        # Rows are sorted where they are to be: an order of its own accord costs memory.
        self.connection.execute("SET preserve_insertion_order = false")

    def version(self) -> str:
        return f"DuckDB {duckdb.__version__}"

    def write(self, csv: str, vintage: str) -> None:
        rows = f"""
            SELECT ITEM AS item, REF_AREA AS ref_area, PRODUCT AS product, COUNTERPART_AREA AS partner,
                CAST(replace(TIME_PERIOD, '-', '') AS INTEGER) AS period,
                CAST(CAST(OBS_VALUE AS DECIMAL(18, 6)) * 1000000 AS BIGINT) AS euro
            FROM read_csv('{csv}', header = true, all_varchar = true) ORDER BY {", ".join(KEY)}
        """
        self.save(rows, vintage)

    def save(self, query: str, name: str) -> None:
        self.connection.execute(f"COPY ({query}) TO '{self.path(name)}' ({PARQUET})")

    def answer(self, query: str):
        return self.connection.sql(query).to_arrow_table()

    def source(self, name: str) -> str:
        return f"read_parquet('{self.path(name)}')"
