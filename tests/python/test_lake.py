"""Other engines open the lake, and find in it what the release prints, as exact decimals."""

import csv
import itertools
import subprocess
from decimal import Decimal

import deltalake
import duckdb
import polars
import pytest
from conftest import _wait_for_endpoint

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


CELL = ["ref_area", "item", "activity", "product", "counterpart_area", "concept", "time_period"]


@pytest.fixture(scope="module")
def observed(regtrade, tmp_path_factory):
    """A lake with observations of months, and the file that was handed in: values by cell."""
    folder = tmp_path_factory.mktemp("observed")
    lake, file = folder / "lake", folder / "detail.csv"
    subprocess.run([regtrade, "synth", "exttrade", "--rows", "30000", "-o", file], check=True, capture_output=True)
    arguments = [regtrade, "up", "--listen", "127.0.0.1:0", "--lake", lake]
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        endpoint, log = _wait_for_endpoint(server)
        ingest = [regtrade, "ingest", file, "--endpoint", endpoint]
        taken = subprocess.run(ingest, capture_output=True, text=True, timeout=60)
        assert taken.returncode == 0, taken.stderr + "".join(log)
    finally:
        server.terminate()
        server.wait()
    with open(file) as rows:
        cells = {tuple(row[c.upper()] for c in CELL): Decimal(row["OBS_VALUE"]) for row in csv.DictReader(rows)}
    return lake, cells


def assert_observes(rows, observed_cells):
    cells = {tuple(cell): value for *cell, value in rows}
    assert len(cells) == len(rows), "a key is there twice"
    assert cells == observed_cells


def test_polars_finds_the_observations(observed):
    lake, cells = observed
    rows = polars.scan_delta(str(lake)).filter((polars.col("content") == "OBSERVATION") & ~polars.col("deleted"))
    rows = rows.with_columns(observed=polars.coalesce("obs_value", "value"))
    assert_observes(rows.select(*CELL, "observed").collect().rows(), cells)


def test_deltalake_finds_the_observations(observed):
    lake, cells = observed
    rows = polars.from_arrow(deltalake.DeltaTable(lake).to_pyarrow_table())
    rows = rows.filter(polars.col("content") == "OBSERVATION")
    assert_observes(rows.select(*CELL, polars.coalesce("obs_value", "value")).rows(), cells)


def test_duckdb_finds_the_observations_in_the_order_of_year_and_key(observed):
    lake, cells = observed
    files = [uri.removeprefix("file://") for uri in deltalake.DeltaTable(lake).file_uris() if "/OBSERVATION-" in uri]
    query = f"SELECT {', '.join(CELL)}, coalesce(obs_value, value) FROM read_parquet(?) WHERE NOT deleted"
    rows = duckdb.execute(query, [files]).fetchall()
    assert_observes(rows, cells)
    runs = [cell for cell, _ in itertools.groupby((period[:4], *cell) for *cell, period, _ in rows)]
    assert len(runs) == len(set(runs)), "the months of a cell and a year stand together"
