"""A document as PDF: all of it is in there, on as many pages as it needs, in any script, and always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from psa.billing.documents.document import Cell, Column, Document, Letterhead, Part, Sum, Undrawable
from psa.billing.documents.pdf import pdf_of

COLUMNS = (Column("Description"), Column("Quantity", 24, True), Column("Amount", 30, True))


def rows(number: int) -> tuple[tuple[Cell, ...], ...]:
    return tuple((Cell(f"Seat {n}", "Ticket #7"), Cell("1 h"), Cell(f"{n}.00")) for n in range(1, number + 1))


def part(number: int) -> Part:
    return Part(COLUMNS, rows(number), (Sum("Net", "100.00 EUR"), Sum("Total", "119.00 EUR", strong=True)))


INVOICE = Document(
    title="Invoice",
    number="2026-0007",
    letterhead=Letterhead("Northwind IT", "Harbour Road 4\n20457 Hamburg", "DE 123", footer="Northwind IT GmbH"),
    addressee=("Harbor Dental", "4 Mill Lane"),
    facts=(("Number", "2026-0007"), ("Due", "16 November 2026")),
    parts=(part(3),),
    payment=("Pay 119.00 EUR by 16 November 2026.", "IBAN DE02 1203"),
    notes=("Every amount is rounded.",),
    made_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
)


def read(document: Document) -> PdfReader:
    return PdfReader(BytesIO(pdf_of(document)))


def words_in(document: Document) -> str:
    return "\n".join(page.extract_text() for page in read(document).pages)


def test_everything_is_in_it():
    told = words_in(replace(INVOICE, words="Thank you."))
    wanted = ["Northwind IT", "20457 Hamburg", "Tax ID DE 123", "Harbor Dental", "2026-0007", "Seat 3", "Ticket #7"]
    wanted += ["Total", "119.00 EUR", "IBAN DE02 1203", "Every amount is rounded.", "Northwind IT GmbH", "Thank you."]
    assert [words for words in wanted if words not in told] == []


def test_a_long_one_goes_on_under_the_same_head_and_its_pages_are_counted():
    pages = [page.extract_text() for page in read(replace(INVOICE, parts=(part(80),))).pages]
    assert len(pages) > 2
    assert all("Description" in page for page in pages[:-1])
    for number, page in enumerate(pages, start=1):
        assert f"Invoice 2026-0007 · {number} / {len(pages)}" in page
    assert all(f"Seat {number}\n" in "\n".join(pages) for number in (1, 40, 80))


def test_a_line_that_is_longer_than_a_page_is_broken():
    long = Part(COLUMNS, ((Cell("word " * 4000), Cell("1"), Cell("1.00")),), (Sum("Total", "1.00 EUR", strong=True),))
    assert len(read(replace(INVOICE, parts=(long,))).pages) > 2


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Ελένη Παπαδοπούλου", "Юлия Жданова", "Գրիգոր", "გიორგი", "Nguyễn Thị Ánh", "Şule Çağ"]
)
def test_names_of_any_alphabet_are_in_it_as_they_are(name):
    assert name in words_in(replace(INVOICE, addressee=(name,)))


@pytest.mark.parametrize(
    "name", ["王小明", "田中さくら", "김민수", "משה", "محمد", "\U0001f600 & <b>", "a\x00b\u202e\ufffe"]
)
def test_no_name_breaks_it(name):
    assert "2026-0007" in words_in(replace(INVOICE, addressee=(name,), words=name))


def test_the_same_document_is_the_same_bytes():
    assert pdf_of(INVOICE) == pdf_of(INVOICE)


def test_the_file_says_what_it_is():
    reader = read(INVOICE)
    assert (reader.metadata.title, reader.metadata.author) == ("Invoice 2026-0007", "Northwind IT")
    assert reader.metadata.subject == "Invoice 2026-0007 from Northwind IT"
    assert reader.metadata.creation_date == INVOICE.made_at
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_what_is_not_in_force_says_so_on_each_page():
    assert all("Draft" in page.extract_text() for page in read(replace(INVOICE, mark="Draft", parts=(part(80),))).pages)


def test_an_address_of_sixty_lines_stays_on_its_page():
    lines = [f"Line {number}" for number in range(60)]
    letterhead = replace(INVOICE.letterhead, address="\n".join(lines))
    payment = ("Pay 119.00 EUR.", "\n".join(lines))
    long = replace(INVOICE, letterhead=letterhead, addressee=("Harbor Dental", *lines), payment=payment)
    told = " ".join(words_in(long).split())
    assert all(told.count(line) >= 3 for line in ("Line 0", "Line 10", "Line 59"))


def test_what_no_page_holds_is_refused_in_words():
    with pytest.raises(Undrawable, match="Invoice 2026-0007 cannot be drawn: an address"):
        pdf_of(replace(INVOICE, addressee=("Harbor Dental", "word " * 5000)))
