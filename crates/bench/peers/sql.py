"""The questions in the SQL that DuckDB and ClickHouse have in common, over the tables that an engine names.

A dialect writes what they do not: `year` of a month such as 202412, and `number`, which is one that is not whole.
"""

import os

# The keys of each summary table: the same tables as there are in the lake. A `year` is that of the month.
SUMMARIES = {
    "totals": ["item", "ref_area", "period"],
    "monthly_partner": ["item", "ref_area", "partner", "period"],
    "monthly_hs2": ["item", "ref_area", "substr(product, 1, 2) AS hs2", "period"],
    "yearly_hs4": ["item", "ref_area", "substr(product, 1, 4) AS hs4", "year"],
    "yearly_hs6": ["item", "ref_area", "substr(product, 1, 6) AS hs6", "year"],
    "yearly_partner": ["item", "ref_area", "partner", "year"],
}

KEY = ["item", "ref_area", "product", "partner", "period"]

FIRST, LAST = 2019, 2024
YEARS = range(FIRST, LAST + 1)


class Sql:
    def __init__(self, year: str, number: str):
        self.year, self.number = year, number

    def summary(self, name: str, detail: str) -> str:
        keys = [f"{self.year} AS year" if key == "year" else key for key in SUMMARIES[name]]
        places = ", ".join(str(place + 1) for place in range(len(keys)))
        columns = ", ".join(keys)
        return f"SELECT {columns}, CAST(sum(euro) AS BIGINT) AS euro FROM {detail} GROUP BY {places} ORDER BY {places}"

    def key_indicators(self, source: str) -> str:
        """`source` has months; three years of them are read, and no other."""
        before = LAST - 1
        months = " OR ".join(f"period BETWEEN {year}01 AND {year}12" for year in (FIRST, before, LAST))
        of = lambda item, year: f"sum(CASE WHEN item = '{item}' AND year = {year} THEN euro END)"
        number = lambda item, year: self.number.format(of(item, year))
        growth = lambda item: f"100 * ({number(item, LAST)} / {number(item, before)} - 1)"
        cagr = lambda item: f"100 * (pow({number(item, LAST)} / {number(item, FIRST)}, 1.0 / {LAST - FIRST}) - 1)"
        return f"""
            WITH annual AS (
                SELECT item, ref_area, {self.year} AS year, sum(euro) AS euro FROM {source} WHERE {months} GROUP BY 1, 2, 3
            )
            SELECT ref_area, CAST({of("P61", LAST)} AS BIGINT) AS exports, CAST({of("P71", LAST)} AS BIGINT) AS imports,
                {growth("P61")} AS g61, {growth("P71")} AS g71, {cagr("P61")} AS c61, {cagr("P71")} AS c71,
                100 * {number("P61", LAST)} / {number("P71", LAST)} AS coverage
            FROM annual GROUP BY ref_area
        """

    def contributions(self, source: str, code: str, grouped: str, item: str, area: str, has_years: bool) -> str:
        """By `code`, which is made of the column `grouped`: rows are grouped by that column before the code is made.

        Each row has the sums over all of them as well.
        """
        year = "year" if has_years else self.year
        chosen = f"year BETWEEN {FIRST} AND {LAST}" if has_years else f"period BETWEEN {FIRST}01 AND {LAST}12"
        levels = ", ".join(f"sum(CASE WHEN year = {year} THEN euro ELSE 0 END) AS x{year}" for year in YEARS)
        x = lambda year: self.number.format(f"x{year}")
        t = lambda year: self.number.format(f"t{year}")
        whole = lambda year: f"sum(x{year}) OVER ()"
        years = LAST - FIRST
        growth = f"100 * (pow({t(LAST)} / {t(FIRST)}, 1.0 / {years}) - 1)"
        change = f"({x(LAST)} - {x(FIRST)})"
        share = f"""CASE WHEN t{LAST} = t{FIRST} THEN 100 * {change} / ({years} * {t(FIRST)})
            ELSE {growth} * {change} / ({t(LAST)} - {t(FIRST)}) END"""
        annual = ", ".join(
            f"100 * ({x(year)} - {x(year - 1)}) / {t(year - 1)} AS a{year}" for year in YEARS if year > FIRST
        )
        return f"""
            WITH annual AS (
                SELECT {grouped} AS grouped, {year} AS year, sum(euro) AS euro FROM {source}
                WHERE item = '{item}' AND ref_area = '{area}' AND {chosen} GROUP BY 1, 2
            ), parts AS (
                SELECT {code} AS code, {levels} FROM annual GROUP BY 1
            ), shares AS (
                SELECT code, {", ".join(f"x{year}, {whole(year)} AS t{year}" for year in YEARS)} FROM parts
            )
            SELECT code, CAST(x{FIRST} AS BIGINT) AS first, CAST(x{LAST} AS BIGINT) AS last, {share} AS share, {annual},
                {", ".join(f"CAST(t{year} AS BIGINT) AS t{year}" for year in YEARS)}
            FROM shares
        """

    def totals(self, source: str) -> str:
        return f"SELECT item, ref_area, period, CAST(sum(euro) AS BIGINT) AS euro FROM {source} GROUP BY 1, 2, 3"

    def filtered(self, source: str, area: str, products: list, partners: list, first: int, last: int) -> str:
        texts = lambda codes: ", ".join(f"'{code}'" for code in codes)
        return f"""
            SELECT {", ".join(KEY)}, euro FROM {source} WHERE ref_area = '{area}' AND product IN ({texts(products)})
            AND partner IN ({texts(partners)}) AND period BETWEEN {first}01 AND {last}12
        """

    def series(self, source: str, item: str, area: str, product: str, partner: str) -> str:
        return f"""
            SELECT {", ".join(KEY)}, euro FROM {source} WHERE item = '{item}' AND ref_area = '{area}'
            AND product = '{product}' AND partner = '{partner}'
        """

    def revisions(self, earlier: str, later: str) -> str:
        """Every cell that has another value, or is in one of the two alone; absent is null."""
        columns = ", ".join(f"coalesce(later.{key}, earlier.{key}) AS {key}" for key in KEY)
        return f"""
            SELECT {columns}, earlier.euro AS before, later.euro AS after
            FROM {later} AS later FULL JOIN {earlier} AS earlier ON {" AND ".join(f"later.{key} = earlier.{key}" for key in KEY)}
            WHERE later.euro IS NULL OR earlier.euro IS NULL OR later.euro <> earlier.euro
        """


class SqlPeer:
    """An engine that answers in SQL, over a folder with the files that it wrote."""

    sql: Sql

    def __init__(self, folder: str):
        self.folder = folder

    def summarise(self) -> None:
        for name in SUMMARIES:
            self.save(self.sql.summary(name, self.source("later")), name)

    def key_indicators(self, form: str):
        return self.answer(self.sql.key_indicators(self.source("totals" if form == "summaries" else "later")))

    def contributions(self, form: str, by: str, item: str, area: str):
        if form == "summaries":
            query = self.sql.contributions(self.source(f"yearly_{by}"), "grouped", by, item, area, True)
        else:
            code, grouped = {"partner": ("grouped", "partner"), "hs6": ("substr(grouped, 1, 6)", "product")}[by]
            query = self.sql.contributions(self.source("later"), code, grouped, item, area, False)
        return self.answer(query)

    def totals(self, form: str):
        return self.answer(self.sql.totals(self.source("totals" if form == "summaries" else "later")))

    def filtered(self, **chosen):
        return self.answer(self.sql.filtered(self.source("later"), **chosen))

    def series(self, **key):
        return self.answer(self.sql.series(self.source("later"), **key))

    def revisions(self):
        return self.answer(self.sql.revisions(self.source("earlier"), self.source("later")))

    def rows(self, table):
        for batch in table.to_batches(max_chunksize=65536):
            yield from zip(*(column.to_pylist() for column in batch.columns))

    def path(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}.parquet")
