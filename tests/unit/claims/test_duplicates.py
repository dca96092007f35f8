from dataclasses import replace
from datetime import date

from services.claims.domain.duplicates import alike, marks, normalised, within_the_agreement
from services.claims.domain.values import ClaimLine, DuplicateOf, Likeness
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.claims.scenario import (
    CLAIM,
    OTHER_CLAIM,
    T2,
    agreement_after,
    claiming,
    executed,
    form,
    line,
)

AGREEMENT = derived_id("agreement", "one")


def bought(
    cash: int = 500_00, *, supplier: str | None = "Café Été Ltée", document: str | None = None
) -> ClaimLine:
    return replace(line(cash), supplier=supplier, document_sha256=document)


def likenesses(ours: ClaimLine, theirs: ClaimLine) -> set[Likeness]:
    found = alike(marks(form(ours)), marks(form(theirs)), claim_id=CLAIM, agreement_id=AGREEMENT)
    return {each.likeness for each in found}


class TestALikeness:
    def test_is_the_same_document(self) -> None:
        """The same file shows the same cost, whatever else the lines say."""
        ours, theirs = (bought(cash, supplier=None, document="a" * 64) for cash in (1_00, 2_00))
        assert likenesses(ours, theirs) == {Likeness.DOCUMENT}
        assert not likenesses(ours, replace(theirs, document_sha256="b" * 64))

    def test_is_the_same_amount_to_the_same_supplier_on_the_same_day(self) -> None:
        """Paid on the same day, or incurred on the same days."""
        ours = bought()
        assert likenesses(ours, bought()) == {Likeness.PAYMENT, Likeness.INVOICE}
        assert likenesses(ours, replace(bought(), paid_on=date(2023, 6, 29))) == {Likeness.INVOICE}
        later = replace(bought(), incurred_from=date(2023, 5, 1))
        assert likenesses(ours, later) == {Likeness.PAYMENT}

    def test_is_not_another_amount_or_supplier(self) -> None:
        """A cent more, or another name, is another cost; so is one without a supplier."""
        assert not likenesses(bought(), bought(500_01))
        assert not likenesses(bought(), bought(supplier="Café Hiver Ltée"))
        assert not likenesses(bought(supplier=None), bought(supplier=None))

    def test_does_not_depend_on_how_a_name_is_written(self) -> None:
        """Case, accents, blanks and punctuation are not what makes a supplier another."""
        assert normalised("  CAFE ETE, LTEE. ") == normalised("Café Été Ltée")
        assert likenesses(bought(), bought(supplier="cafe-ete ltee"))


class TestWithinTheAgreement:
    def test_names_the_line_of_the_other_claim(self) -> None:
        """Any live claim of the agreement counts, a draft too."""
        theirs = form(
            line(period=T2), replace(line(period=T2), document_sha256="a" * 64), period=T2
        )
        agreement = agreement_after(*executed(), claiming(theirs, claim_id=OTHER_CLAIM))
        ours = form(bought(document="a" * 64))
        assert list(within_the_agreement(CLAIM, ours, agreement)) == [
            DuplicateOf(
                line=0,
                likeness=Likeness.DOCUMENT,
                agreement_id=None,
                claim_id=OTHER_CLAIM,
                other_line=1,
            )
        ]

    def test_looks_within_the_claim_too(self) -> None:
        """The same cost twice in one claim is found; one invoice over two lines is not a reason."""
        agreement = agreement_after(*executed())
        twice = form(bought(), bought())
        found = list(within_the_agreement(CLAIM, twice, agreement))
        assert {(each.line, each.other_line) for each in found} == {(1, 0)}
        split = form(bought(1_00, document="a" * 64), bought(2_00, document="a" * 64))
        assert not list(within_the_agreement(CLAIM, split, agreement))

    def test_does_not_suspect_a_claim_of_itself(self) -> None:
        """A claim is not the duplicate of its own draft."""
        ours = form(bought(document="a" * 64))
        agreement = agreement_after(*executed(), claiming(ours))
        assert not list(within_the_agreement(CLAIM, ours, agreement))

    def test_knows_nothing_of_lines_without_marks(self) -> None:
        """Without a document and a supplier there is nothing to compare."""
        nothing = replace(bought(supplier=None), cash=Money(1))
        assert marks(form(nothing)) == {}
