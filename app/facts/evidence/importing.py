"""Import kinds of evidence: annual statements, country tables, sub-tier links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.facts.evidence.indicators import Indicator
from app.facts.suppliers import lookups
from app.facts.suppliers.importing import PART, SUPPLIER
from app.platform.imports.kinds import Chunk, Field, FieldType, RowFault
from app.platform.imports.problems import Code, Fault, quoted
from app.platform.imports.table_kind import Reference, Row, TableKind

TEXT, DATE, MONEY = FieldType.TEXT, FieldType.DATE, FieldType.MONEY
NUMBER, COUNTRY = FieldType.NUMBER, FieldType.COUNTRY
MILLION = 1_000_000

# Publisher's scale of each indicator: lowest and highest value, what it says.
SCALES = {
    Indicator.INFORM_NATURAL: (0, 10, "INFORM “Natural”, 0 best to 10.", "3.1"),
    Indicator.INFORM_HUMAN: (0, 10, "INFORM “Human”, 0 best to 10.", "0.4"),
    Indicator.INFORM_HAZARD: (0, 10, "INFORM hazard and exposure, 0 best to 10.", "1.9"),
    Indicator.INFORM_VULNERABILITY: (0, 10, "INFORM vulnerability, 0 best to 10.", "2.5"),
    Indicator.INFORM_COPING: (0, 10, "INFORM lack of coping capacity, 0 best to 10.", "1.8"),
    Indicator.INFORM_RISK: (0, 10, "INFORM risk, 0 best to 10.", "2.0"),
    # Estimates are scaled to about ±2.5; a few lie beyond.
    Indicator.WGI_VOICE: (-4, 4, "WGI voice and accountability, −2.5 worst to 2.5.", ""),
    Indicator.WGI_STABILITY: (-4, 4, "WGI political stability, −2.5 worst to 2.5.", "0.6"),
    Indicator.WGI_EFFECTIVENESS: (-4, 4, "WGI government effectiveness, −2.5 worst to 2.5.", ""),
    Indicator.WGI_REGULATION: (-4, 4, "WGI regulatory quality, −2.5 worst to 2.5.", ""),
    Indicator.WGI_LAW: (-4, 4, "WGI rule of law, −2.5 worst to 2.5.", ""),
    Indicator.WGI_CORRUPTION: (-4, 4, "WGI control of corruption, −2.5 worst to 2.5.", ""),
    Indicator.LPI: (1, 5, "Logistics Performance Index to 2023, 1 worst to 5.", "4.1"),
    Indicator.LPI_2: (0, 100, "LPI 2.0, since 2026: kept apart, read by no index.", ""),
}
# The first year of LPI 2.0: a figure of it is not one of the survey before.
LPI_2_SINCE = 2026
YEAR = re.compile(r"(?:19|20)\d\d")


class StatementsKind(TableKind):
    """Suppliers' annual statements."""

    name = "statements"
    title = "Annual statements"
    noun = "statement"
    table = "financial_statement"
    help = "One row is one supplier's statement of one year, in one currency, in full units."
    key_columns = ("supplier_id", "closed_on")
    references = (SUPPLIER,)
    fields = (
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True),
        Field("closed_on", DATE, "Last day of the year.", "2025-12-31", True, True, is_past=True),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code.", "EUR", True),
        Field("source", TEXT, "Where the statement is from.", "Federal gazette", True),
        Field("working_capital", MONEY, "Working capital.", "4200000", is_signed=True),
        Field("total_assets", MONEY, "Total assets.", "31000000"),
        Field("retained_earnings", MONEY, "Retained earnings.", "8900000", is_signed=True),
        Field("ebit", MONEY, "Earnings before interest and tax.", "2100000", is_signed=True),
        Field("market_value_equity", MONEY, "Market value of equity, if listed.", ""),
        Field("book_value_equity", MONEY, "Book value of equity.", "12000000", is_signed=True),
        Field("total_liabilities", MONEY, "Total liabilities.", "19000000"),
        Field("sales", MONEY, "Sales.", "44000000"),
    )


class CountriesKind(TableKind):
    """Country tables: one row per country, one column per indicator."""

    name = "countries"
    title = "Country indicators"
    noun = "country"
    table = "country_indicator"
    help = "One row is one country in one edition of one source; empty cells are unknown."
    key_columns = ("country", "source", "edition", "indicator")
    fields = (
        Field("source", TEXT, "Who publishes it.", "INFORM", True, True, longest=40),
        Field("edition", TEXT, "Edition or year.", "2023", True, True, longest=20),
        Field("country", COUNTRY, "Country, ISO 3166 or its name.", "DE", True, True),
        *(
            Field(str(indicator), NUMBER, said, example, is_signed=lowest < 0)
            for indicator, (lowest, _, said, example) in SCALES.items()
        ),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield values outside their publisher's scale, and editions of another method."""
        editions = chunk.column("edition")
        for indicator in SCALES:
            for index, value in enumerate(chunk.column(str(indicator))):
                fault = _scale_fault(indicator, value) or _method_fault(
                    indicator, value, editions[index]
                )
                if fault is not None:
                    yield RowFault(index, str(indicator), fault)

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield one row per indicator that has a value."""
        named = {name: said[name] for name in ("source", "edition", "country")}
        for indicator in SCALES:
            value = said.get(str(indicator))
            if value is not None:
                yield {**named, "indicator": str(indicator), "value": value}


class CountryValuesKind(TableKind):
    """Country tables in the long form: one row per country and indicator."""

    name = "country_values"
    title = "Country indicators, one per row"
    noun = "country's indicator"
    table = "country_indicator"
    help = "One row is one indicator of one country in one edition; an empty value is left out."
    key_columns = ("country", "source", "edition", "indicator")
    fields = (
        Field("source", TEXT, "Who publishes it.", "WGI", True, True, longest=40),
        Field("edition", TEXT, "Edition or year.", "2023", True, True, longest=20),
        Field("country", COUNTRY, "Country, ISO 3166 or its name.", "NA", True, True),
        Field(
            "indicator",
            FieldType.CHOICE,
            "Which indicator, by its name among the country indicators.",
            "wgi_political_stability",
            True,
            True,
            choices=tuple(str(indicator) for indicator in SCALES),
        ),
        Field("value", NUMBER, "The value on its publisher's scale.", "0.5", is_signed=True),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield values outside their publisher's scale, and editions of another method."""
        columns = (chunk.column(name) for name in ("indicator", "value", "edition"))
        for index, (name, value, edition) in enumerate(zip(*columns, strict=True)):
            indicator = Indicator(str(name))
            fault = _scale_fault(indicator, value) or _method_fault(indicator, value, edition)
            if fault is not None:
                yield RowFault(index, "value", fault)

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield the row if it has a value."""
        if said.get("value") is not None:
            yield said


def _scale_fault(indicator: Indicator, value: object) -> Fault | None:
    lowest, highest, _, _ = SCALES[indicator]
    if not isinstance(value, int) or lowest <= value / MILLION <= highest:
        return None
    return Fault(Code.NOT_ALLOWED, f"is not between {lowest} and {highest}.")


def _method_fault(indicator: Indicator, value: object, edition: object) -> Fault | None:
    year = YEAR.search(str(edition or ""))
    if indicator is not Indicator.LPI or value is None or year is None:
        return None
    if int(year[0]) < LPI_2_SINCE:
        return None
    said = f"is of edition {edition}, which is LPI 2.0, another method; import it as lpi_2."
    return Fault(Code.NOT_ALLOWED, said)


class SubTiersKind(TableKind):
    """Who supplies our suppliers."""

    name = "sub_tiers"
    title = "Sub-tier links"
    noun = "sub-tier link"
    table = "sub_tier_link"
    help = (
        "One row is one material that a supplier gets from one plant upstream, or that such a "
        "plant gets from one behind it (via_name, via_site)."
    )
    key_columns = (
        "supplier_id", "upstream_name", "upstream_site", "material", "via_name", "via_site",
    )  # fmt: skip
    references = (
        SUPPLIER,
        PART,
        Reference(
            "supplier",
            ("upstream_supplier_no",),
            "upstream_supplier_id",
            lookups.by_key("supplier"),
        ),
    )
    fields = (
        Field("supplier_no", TEXT, "Number of our supplier.", "S-0042", True, True),
        Field("upstream_name", TEXT, "Who supplies it.", "Ferro Nord", True, True),
        Field("upstream_site", TEXT, "From which plant.", "Luleå", True, True),
        Field("upstream_country", COUNTRY, "Country of that plant.", "SE"),
        Field("material", TEXT, "With what.", "Pig iron", True, True),
        Field("part_no", TEXT, "For which of our parts.", ""),
        Field("source", TEXT, "How we know.", "Audit 2026"),
        Field(
            "via_name", TEXT, "To whom it delivers, if not to our supplier itself.", "",
            is_key=True, default="",
        ),
        Field("via_site", TEXT, "To which plant of that one.", "", is_key=True, default=""),
        Field("upstream_supplier_no", TEXT, "Its number, where it is a supplier of ours too.", ""),
    )  # fmt: skip

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield links that deliver to a plant of nobody, or to themselves."""
        columns = ("upstream_name", "upstream_site", "via_name", "via_site")
        rows = zip(*(chunk.column(name) for name in columns), strict=True)
        for index, (name, site, via_name, via_site) in enumerate(rows):
            if bool(via_name) is not bool(via_site):
                missing = "via_site" if via_name else "via_name"
                said = "is empty; give company and plant, or neither."
                yield RowFault(index, missing, Fault(Code.NOT_ALLOWED, said))
            elif via_name and (name, site) == (via_name, via_site):
                said = f"{quoted(str(via_name))} can't deliver to itself."
                yield RowFault(index, "via_name", Fault(Code.NOT_ALLOWED, said))


KINDS: Sequence[TableKind] = (
    StatementsKind(),
    CountriesKind(),
    CountryValuesKind(),
    SubTiersKind(),
)
