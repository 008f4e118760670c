"""Polars over Parquet files that it wrote."""

import os

import polars as pl

from sql import FIRST, KEY, LAST, SUMMARIES, YEARS

YEAR = (pl.col("period") // 100).alias("year")
PARQUET = {"compression": "zstd", "statistics": True}


class Peer:
    def __init__(self, folder: str):
        self.folder = folder

    def version(self) -> str:
        return f"Polars {pl.__version__}"

    def write(self, csv: str, vintage: str) -> None:
        texts = {"OBS_VALUE": pl.String, "TIME_PERIOD": pl.String, "PRODUCT": pl.String}
        rows = pl.scan_csv(csv, schema_overrides=texts).select(
            item="ITEM",
            ref_area="REF_AREA",
            product="PRODUCT",
            partner="COUNTERPART_AREA",
            period=pl.col("TIME_PERIOD").str.replace("-", "", literal=True).cast(pl.Int32),
            euro=(pl.col("OBS_VALUE").cast(pl.Decimal(18, 6)) * 1_000_000).cast(pl.Int64),
        )
        rows.sort(KEY).sink_parquet(self.path(vintage), **PARQUET)

    def convert(self, csv: str, to: str) -> None:
        pl.scan_csv(csv, schema_overrides={"PRODUCT": pl.String}).sink_parquet(to, compression="zstd")

    def summarise(self) -> None:
        digits = {"hs2": 2, "hs4": 4, "hs6": 6}
        for name in SUMMARIES:
            keys = [key.split(" AS ")[-1] for key in SUMMARIES[name]]
            made = [pl.col("product").str.slice(0, digits[key]).alias(key) for key in keys if key in digits]
            rows = self.scan("later").with_columns(YEAR, *made)
            rows.group_by(keys).agg(pl.col("euro").sum()).sort(keys).sink_parquet(self.path(name), **PARQUET)

    def key_indicators(self, form: str):
        before = LAST - 1
        months = pl.any_horizontal(
            *(pl.col("period").is_between(year * 100 + 1, year * 100 + 12) for year in (FIRST, before, LAST))
        )
        source = self.scan("totals" if form == "summaries" else "later")
        annual = source.filter(months).group_by("item", "ref_area", YEAR).agg(pl.col("euro").sum())
        of = lambda item, year: pl.col("euro").filter(pl.col("item") == item, pl.col("year") == year).sum()
        growth = lambda item: 100 * (of(item, LAST) / of(item, before) - 1)
        cagr = lambda item: 100 * ((of(item, LAST) / of(item, FIRST)) ** (1 / (LAST - FIRST)) - 1)
        return collected(
            annual.group_by("ref_area").agg(
                of("P61", LAST).alias("exports"),
                of("P71", LAST).alias("imports"),
                growth("P61").alias("g61"),
                growth("P71").alias("g71"),
                cagr("P61").alias("c61"),
                cagr("P71").alias("c71"),
                (100 * of("P61", LAST) / of("P71", LAST)).alias("coverage"),
            )
        )

    def contributions(self, form: str, by: str, item: str, area: str):
        chosen = [pl.col("item") == item, pl.col("ref_area") == area]
        if form == "summaries":
            code = {"partner": "partner", "hs6": "hs6"}[by]
            years = pl.col("year").is_between(FIRST, LAST)
            rows = self.scan(f"yearly_{by}").filter(*chosen, years)
        else:
            code = {"partner": "partner", "hs6": "product"}[by]
            months = pl.col("period").is_between(FIRST * 100 + 1, LAST * 100 + 12)
            rows = self.scan("later").filter(*chosen, months)
            rows = rows.group_by(code, YEAR).agg(pl.col("euro").sum())
            if by == "hs6":
                rows = rows.with_columns(pl.col("product").str.slice(0, 6))
        level = lambda year: pl.col("euro").filter(pl.col("year") == year).sum().alias(f"x{year}")
        parts = rows.group_by(pl.col(code).alias("code")).agg(level(year) for year in YEARS)
        parts = parts.with_columns(pl.col(f"x{year}").sum().alias(f"t{year}") for year in YEARS)
        x = lambda year: pl.col(f"x{year}").cast(pl.Float64)
        t = lambda year: pl.col(f"t{year}").cast(pl.Float64)
        years, change = LAST - FIRST, x(LAST) - x(FIRST)
        growth = 100 * ((t(LAST) / t(FIRST)) ** (1 / years) - 1)
        share = (
            pl.when(t(LAST) == t(FIRST))
            .then(100 * change / (years * t(FIRST)))
            .otherwise(growth * change / (t(LAST) - t(FIRST)))
        )
        return collected(
            parts.select(
                "code",
                f"x{FIRST}",
                f"x{LAST}",
                share.alias("share"),
                *(
                    (100 * (x(year) - x(year - 1)) / t(year - 1)).alias(f"a{year}")
                    for year in YEARS
                    if year > FIRST
                ),
                *(f"t{year}" for year in YEARS),
            )
        )

    def totals(self, form: str):
        rows = self.scan("totals" if form == "summaries" else "later")
        return collected(rows.group_by("item", "ref_area", "period").agg(pl.col("euro").sum()))

    def filtered(self, area: str, products: list, partners: list, first: int, last: int):
        return collected(
            self.scan("later").filter(
                pl.col("ref_area") == area,
                pl.col("product").is_in(products),
                pl.col("partner").is_in(partners),
                pl.col("period").is_between(first * 100 + 1, last * 100 + 12),
            )
        )

    def series(self, item: str, area: str, product: str, partner: str):
        return collected(
            self.scan("later").filter(
                pl.col("item") == item,
                pl.col("ref_area") == area,
                pl.col("product") == product,
                pl.col("partner") == partner,
            )
        )

    def revisions(self):
        """Flow by flow and region by region: a join of all of it at once takes more memory than there may be."""
        flows = [(item, area) for item in ("P61", "P71") for area in ("BE1", "BE2", "BE3")]
        return pl.concat([self.revised(item, area) for item, area in flows])

    def revised(self, item: str, area: str):
        rest = ["product", "partner", "period"]
        of = lambda vintage: self.scan(vintage).filter(pl.col("item") == item, pl.col("ref_area") == area).drop("item", "ref_area")
        joined = of("later").join(of("earlier"), on=rest, how="full", coalesce=True, suffix="_before")
        changed = joined.filter(pl.col("euro").ne_missing(pl.col("euro_before")))
        return collected(
            changed.select(pl.lit(item).alias("item"), pl.lit(area).alias("ref_area"), *rest, "euro_before", "euro")
        )

    def rows(self, table):
        return table.iter_rows()

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.path(name))

    def path(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}.parquet")


def collected(rows: pl.LazyFrame) -> pl.DataFrame:
    return rows.collect(engine="streaming")
