"""Every page of this folder is a test: what people do in, where the money stands out."""

from pathlib import Path

import pytest

from tests.ledgers.claims.reading import check

PAGES = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_agreement_says_what_the_page_says(page: Path) -> None:
    """Every cell of a worked ledger is what the agreement gives, and no cent is lost."""
    assert check(page), f"{page.name} compares nothing"


@pytest.mark.parametrize(
    ("right", "wrong", "column"),
    [
        ("| 16,400.00 | 3,240.00 |", "| 16,400.01 | 3,240.00 |", "committed"),
        ("|   -360.00 |", "|   -360.01 |", "change"),
        ("|      | 3,240.00 |", "|      | 3,240.01 |", "3,240.00 is paid"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, right: str, wrong: str, column: str) -> None:
    """A page that does not add up fails, and says where."""
    text = (Path(__file__).parent / "partial_claim_then_close.md").read_text(encoding="utf-8")
    before, found, after = text.partition(right)
    assert found
    page = tmp_path / "wrong.md"
    page.write_text(before + wrong + after, encoding="utf-8")
    line = before.count("\n") + 1
    with pytest.raises(AssertionError, match=rf"wrong\.md, line {line}[,:] {column}"):
        check(page)
