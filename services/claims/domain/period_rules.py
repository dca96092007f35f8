"""The rules of a claim's period: within one fiscal year, beside other claims, before the last."""

from collections.abc import Iterator

from services.claims.domain.claim_rule import Asked, Rule
from services.claims.domain.state import DraftedClaim, ReopenedClaim
from shared.kernel.periods import fiscal_year_of
from shared.kernel.refusals import Invalid, Refusal, RuleBroken


class PeriodEndsBeforeItStarts(Invalid):
    """A period ends on or after the day on which it starts."""

    en = "The period ends before it starts."
    fr = "La période se termine avant de commencer."


class PeriodCrossesFiscalYear(RuleBroken):
    """Costs until 31 March and costs from 1 April are claimed separately."""

    en = "The period crosses 31 March; make one claim for each fiscal year."
    fr = "La période chevauche le 31 mars; faites une réclamation par exercice financier."


class PeriodTooLong(RuleBroken):
    """A period is at most as long as the programme's claim frequency."""

    en = "The programme takes {frequency} claims: the period ends by {latest}."
    fr = "La fréquence des réclamations est « {frequency} » : la période se termine au plus le {latest}."  # noqa: E501  # one sentence


class PeriodOverlaps(RuleBroken):
    """The periods of one participant's claims never overlap."""

    en = "The period overlaps a claim for {starts_on} to {ends_on}."
    fr = "La période chevauche une réclamation du {starts_on} au {ends_on}."


class AnotherFinalClaim(RuleBroken):
    """A participant has one final claim."""

    en = "The claim for {starts_on} to {ends_on} is the final one already."
    fr = "La réclamation du {starts_on} au {ends_on} est déjà la réclamation finale."


class FinalClaimNotLast(RuleBroken):
    """The final claim is about the last period that is claimed."""

    en = "A later period, until {ends_on}, is claimed; the final claim is about the last one."
    fr = "Une période ultérieure, jusqu’au {ends_on}, est réclamée; la réclamation finale porte sur la dernière."  # noqa: E501  # one sentence


class LaterThanFinalClaim(RuleBroken):
    """No period after that of the final claim is claimed."""

    en = "The final claim is about the period until {ends_on}; no later period is claimed."
    fr = "La réclamation finale porte sur la période jusqu’au {ends_on}; aucune période ultérieure n’est réclamée."  # noqa: E501  # one sentence


class FinalClaimSubmitted(RuleBroken):
    """Once the final claim is certified, the participant claims nothing more."""

    en = "The final claim was certified; no other claim of this participant follows."
    fr = "La réclamation finale est attestée; aucune autre réclamation de ce participant ne suit."


def stays_within_one_fiscal_year(asked: Asked) -> Iterator[Refusal]:
    """A period is at most as long as the programme says, and never crosses 31 March."""
    starts_on, ends_on = asked.form.period_starts_on, asked.form.period_ends_on
    if ends_on < starts_on:
        yield PeriodEndsBeforeItStarts(field="period_ends_on")
    elif fiscal_year_of(starts_on) != fiscal_year_of(ends_on):
        yield PeriodCrossesFiscalYear(field="period_ends_on")
    else:
        frequency = asked.agreement.terms.claim_frequency
        _, latest = frequency.window(starts_on)
        if ends_on > latest:
            yield PeriodTooLong(
                field="period_ends_on",
                accepted=latest.isoformat(),
                frequency=frequency.value,
                latest=latest,
            )


def overlaps_no_other_claim(asked: Asked) -> Iterator[Refusal]:
    """The periods of one participant share no day."""
    form = asked.form
    for other in asked.others():
        theirs = other.form
        if (
            form.period_starts_on <= theirs.period_ends_on
            and theirs.period_starts_on <= form.period_ends_on
        ):
            yield PeriodOverlaps(
                field="period_starts_on",
                starts_on=theirs.period_starts_on,
                ends_on=theirs.period_ends_on,
            )


def leaves_the_final_claim_last(asked: Asked) -> Iterator[Refusal]:
    """One final claim, about the last period; once certified, nothing follows it."""
    form = asked.form
    for other in asked.others():
        theirs = other.form
        if form.final and theirs.period_ends_on > form.period_ends_on:
            yield FinalClaimNotLast(field="final", ends_on=theirs.period_ends_on)
        if not theirs.final:
            continue
        if form.final:
            yield AnotherFinalClaim(
                field="final", starts_on=theirs.period_starts_on, ends_on=theirs.period_ends_on
            )
        elif isinstance(other, ReopenedClaim) or not isinstance(other, DraftedClaim):
            yield FinalClaimSubmitted(field="participant_id")
        elif form.period_ends_on > theirs.period_ends_on:
            yield LaterThanFinalClaim(field="period_ends_on", ends_on=theirs.period_ends_on)


PERIOD_RULES: tuple[Rule, ...] = (
    stays_within_one_fiscal_year,
    overlaps_no_other_claim,
    leaves_the_final_claim_last,
)
