"""A refusal is a sentence in two languages with a stable code."""

from shared.kernel.refusals import NotFound, Reason, RuleBroken


class ClaimExceedsBalance(RuleBroken):
    """The claim is larger than what remains."""

    en = "The claim asks for {asked}; {left} remains."
    fr = "La demande vise {asked}; il reste {left}."


class TestRefusals:
    def test_the_code_is_the_name_in_kebab_case(self) -> None:
        """The code comes from the class, so it cannot drift from it."""
        assert ClaimExceedsBalance.code() == "claim-exceeds-balance"

    def test_a_refusal_can_stand_among_several_reasons(self) -> None:
        """Field, texts and what would be accepted travel with it."""
        refusal = ClaimExceedsBalance(asked=5, left=3, field="amount", accepted=3)

        assert refusal.as_reason() == Reason(
            code="claim-exceeds-balance",
            en="The claim asks for 5; 3 remains.",
            fr="La demande vise 5; il reste 3.",
            field="amount",
            accepted=3,
        )

    def test_parameters_are_kept_for_the_readers_language(self) -> None:
        """Amounts and dates are formatted where the reader's language is known."""
        assert NotFound(kind="claim").parameters == {"kind": "claim"}
