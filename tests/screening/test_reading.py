"""Files of lists: OFAC's layout with its traps, our own, and what is refused whole."""

from __future__ import annotations

import pytest

from app.base.errors import InvalidInput
from app.facts.evidence.screening.models import Layout
from app.facts.evidence.screening.reading import ListFile, read_list
from app.platform.imports.source_file import SourceFile

NOTHING = ",-0- " * 7
OFAC = (
    f'36,"AEROVERBENA AIRLINES",-0- ,"CUBA"{NOTHING},-0- \r\n'
    f'906,"HAVIR BANK LIMITED",-0- ,"CUBA] [SDGT"{NOTHING},'
    "\"a.k.a. 'HB'; f.k.a. 'O'HARA BANK' (old); Company Number 01 (United Kingdom).\"\r\n"
    f'7135,"MAJIDOV, Abdu","individual","SDGT"{NOTHING},"nationality Pakistan."\r\n'
    '15038,"ARGOS I","vessel","IRAN",-0- ,"T2EM4","Tanker","9,094",-0- ,"Iran",-0- ,-0- \r\n'
    "\x1a"
)


def read(text: str | bytes, layout: Layout = Layout.GENERIC) -> ListFile:
    content = text if isinstance(text, bytes) else text.encode()
    return read_list(SourceFile("list.csv", content), layout)


def test_ofacs_table_has_no_header_nulls_kinds_and_aliases_in_its_remarks() -> None:
    file = read(OFAC, Layout.OFAC)
    airline, bank, person, ship = file.parties
    assert file.counts == {"entity": 2, "individual": 1, "vessel": 1, "aircraft": 0}
    assert (airline.entry_key, airline.name, airline.program) == (
        "36", "AEROVERBENA AIRLINES", "CUBA",
    )  # fmt: skip
    assert (airline.aliases, airline.countries, airline.remarks) == ((), (), None)
    assert (bank.aliases, bank.countries) == (("HB", "O'HARA BANK"), ("GBR",))
    assert bank.program == "CUBA, SDGT"
    assert (person.countries, ship.countries) == (("PAK",), ("IRN",))
    assert "Vessel type: Tanker" in (ship.remarks or "")


def test_our_own_table_has_a_header_in_any_order_and_several_in_a_cell() -> None:
    file = read(
        "NAME;id;Type;aliases;country;colour\nKestrel FZE;K1;entity;Kestrel|KF ;ae|DEU;red\n"
    )
    (party,) = file.parties
    assert (party.entry_key, party.name, party.aliases) == ("K1", "Kestrel FZE", ("Kestrel", "KF"))
    assert (party.countries, party.program, file.unread) == (("ARE", "DEU"), None, ("colour",))


def test_an_entry_that_says_something_else_has_another_digest() -> None:
    one, same, other = (
        read(f"id,name,type,country\n1,Kestrel,entity,{country}\n").parties[0].digest
        for country in ("DEU", "DE", "AUT")
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("text", "layout", "code", "said"),
    [
        ("", Layout.GENERIC, "E-IMP-16", "No data rows"),
        ("id,name,type\n", Layout.GENERIC, "E-IMP-16", "No data rows"),
        ("id,title\n1,x\n", Layout.GENERIC, "E-IMP-07", "'name' is missing"),
        ("id,name,type\n1,Kestrel\n", Layout.GENERIC, "E-IMP-08", "Row 2 has 2 cells, expected 3"),
        ("id,name,type\n1,Kestrel,ship\n", Layout.GENERIC, "E-IMP-18", "Row 2, 'type': 'ship'"),
        ("id,name,type\n1,…,entity\n", Layout.GENERIC, "E-IMP-19", "no letter or digit"),
        ("id,name,type\n,Kestrel,entity\n", Layout.GENERIC, "E-IMP-19", "Row 2, 'id': is empty"),
        ("id,name,type\n1,A,entity\n1,B,entity\n", Layout.GENERIC, "E-IMP-14", "Rows 2 and 3"),
        ("id,name,type,country\n1,A,entity,Atlantis\n", Layout.GENERIC, "E-IMP-18", "'Atlantis'"),
        (f"id,name,type\n1,{'x' * 501},entity\n", Layout.GENERIC, "E-IMP-04", "500 characters"),
        (f"id,name,type\n1,{'x' * 10_001},entity\n", Layout.GENERIC, "E-IMP-04", "10,000"),
        ('id,name,type\n1,"A,entity\n', Layout.GENERIC, "E-IMP-05", "never closed"),
        (b"id,name,type\n1,M\x81,entity\n", Layout.GENERIC, "E-IMP-01", "byte 0x81"),
        ("id,name,type\n1,A\x00,entity\n", Layout.GENERIC, "E-IMP-02", "NUL"),
        (b"PK\x03\x04....", Layout.GENERIC, "E-FIL-06", "workbook"),
        ("id,name,type\n1,A,entity\n", Layout.OFAC, "E-IMP-08", "expected 12"),
        (f"1,A,ship,X{NOTHING},-0-\n", Layout.OFAC, "E-IMP-18", "'type': 'ship'"),
    ],
)
def test_a_file_that_is_not_laid_out_as_declared_is_refused_whole(
    text: str | bytes, layout: Layout, code: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text, layout)
    assert refused.value.code == code
    assert said in refused.value.message
