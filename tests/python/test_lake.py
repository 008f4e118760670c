"""Other engines open the lake, and find in it what the release prints, as exact decimals."""

from decimal import Decimal

import deltalake
import duckdb
import polars
import pytest

KEY = ["item", "ref_area", "indicator", "time_period"]


@pytest.fixture(scope="module")
def table(platform):
    return deltalake.DeltaTable(platform.lake)


@pytest.fixture(scope="module")
def files(table):
    """The files that belong to the newest version of the table: the log says which, not the folder."""
    return [uri.removeprefix("file://") for uri in table.file_uris()]


def cells_of(rows):
    cells = {(item, area, indicator, period): value for item, area, indicator, period, value in rows}
    assert len(cells) == len(rows), "a key is there twice"
    return cells


def assert_prints(rows, printed_cells):
    cells = cells_of(rows)
    assert all(isinstance(value, Decimal) for value in cells.values())
    assert cells == printed_cells


def test_deltalake_finds_the_printed_figures(table, printed_cells):
    rows = polars.from_arrow(table.to_pyarrow_table()).filter(polars.col("content") == "PUBLISHED")
    assert_prints(rows.select(*KEY, "value").rows(), printed_cells)


def test_polars_finds_the_printed_figures(platform, printed_cells):
    rows = polars.scan_delta(str(platform.lake)).filter(polars.col("content") == "PUBLISHED")
    assert_prints(rows.select(*KEY, "value").collect().rows(), printed_cells)


def test_duckdb_finds_the_printed_figures(files, printed_cells):
    query = f"SELECT {', '.join(KEY)}, value FROM read_parquet(?, union_by_name = true) WHERE content = 'PUBLISHED'"
    assert_prints(duckdb.execute(query, [files]).fetchall(), printed_cells)


def test_duckdb_sums_money_exactly(files, printed_cells):
    query = """
        SELECT sum(value) FROM read_parquet(?, union_by_name = true)
        WHERE content = 'PUBLISHED' AND indicator = 'level' AND ref_area IN ('BE1', 'BE2', 'BE3')
    """
    (total,) = duckdb.execute(query, [files]).fetchone()
    expected = sum(
        value for (_, area, indicator, _), value in printed_cells.items() if indicator == "level" and area != "BE"
    )
    assert total == expected


def test_the_release_is_there_once_with_its_record(table):
    rows = polars.from_arrow(table.to_pyarrow_table())
    records = rows.filter(polars.col("content") == "RELEASE")
    assert records.height == 1
    record = records.row(0, named=True)
    assert (record["dataflow"], record["edition"]) == ("REGTRD", "2024")
    assert len(record["digest"]) == 64
    assert set(rows["release"]) == {record["release"]}


def test_the_schema_of_the_lake_says_its_version(table):
    assert table.metadata().configuration["regtrade.schemaVersion"] == "4"
