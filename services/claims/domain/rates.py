"""
Rates agreed for one participant instead of its contracted one.

Either for categories of costs or for the claims of certain quarters: with both kinds in one
agreement nobody could say which applies. None is above the programme's rate.
"""

from collections.abc import Iterator

from services.claims.domain.commands import OverrideRates
from services.claims.domain.cost_rules import CategoryUnknown
from services.claims.domain.events import AgreementEvent, RatesOverridden
from services.claims.domain.state import Agreement, Standing
from shared.kernel.frozen import replace
from shared.kernel.refusals import Invalid, Refusal, RuleBroken


class RatesFixed(RuleBroken):
    """Rates are agreed while an agreement is drafted or in force."""

    en = "Rates no longer change: the agreement is {standing}."
    fr = "Les taux ne changent plus : l’entente est à l’état « {standing} »."


class RatesNotInOrder(RuleBroken):
    """The rates break rules; every one is named."""

    en = "The rates are not in order; see the reasons."
    fr = "Les taux ne sont pas en règle; voir les motifs."


class RateOfUnknownParticipant(RuleBroken):
    """A rate is agreed for a participant of the agreement."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class RateOutOfBounds(RuleBroken):
    """A rate is between nothing and the programme's."""

    en = "A rate is between 0 and {most} basis points, the programme's."
    fr = "Un taux est entre 0 et {most} points de base, celui du programme."


class RateForNothingOrBoth(Invalid):
    """A rate is for a category or for a quarter."""

    en = "A rate is for one category or for one quarter."
    fr = "Un taux vaut pour une catégorie ou pour un trimestre."


class RatesOfBothKinds(RuleBroken):
    """Rates of one agreement are all for categories, or all for quarters."""

    en = "Rates are for categories or for quarters, never for both in one agreement."
    fr = "Les taux valent pour des catégories ou pour des trimestres, jamais pour les deux dans une même entente."  # noqa: E501  # one sentence


class RateGivenTwice(Invalid):
    """A participant has one rate for a category or a quarter."""

    en = "The rate is given twice."
    fr = "Le taux est donné deux fois."


def override(command: OverrideRates, agreement: Agreement) -> list[AgreementEvent]:
    """Replace all overrides by these; none at all leaves the contracted rates."""
    if command.overrides == agreement.rate_overrides:
        return []
    if agreement.standing not in {Standing.DRAFTED, Standing.EXECUTED}:
        raise RatesFixed(standing=agreement.standing.value)
    refusals = list(_reasons_against(command, agreement))
    if refusals:
        raise RatesNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return [
        RatesOverridden(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            overrides=command.overrides,
            reason=command.reason,
            overridden_by=command.by,
        )
    ]


def _reasons_against(command: OverrideRates, agreement: Agreement) -> Iterator[Refusal]:
    terms = agreement.terms
    seen = set()
    for index, each in enumerate(command.overrides):
        where = f"overrides[{index}]"
        if each.participant_id not in agreement.participants:
            yield RateOfUnknownParticipant(field=f"{where}.participant_id")
        if not 0 <= each.rate_bp <= terms.reimbursement_rate_bp:
            most = terms.reimbursement_rate_bp
            yield RateOutOfBounds(field=f"{where}.rate_bp", accepted=[0, most], most=most)
        if (each.category is None) == (each.quarter is None):
            yield RateForNothingOrBoth(field=where)
        known = terms.cost_categories
        if each.category is not None and known and each.category not in known:
            yield CategoryUnknown(
                field=f"{where}.category", accepted=list(known), category=each.category
            )
        key = (each.participant_id, each.category, each.quarter)
        if key in seen:
            yield RateGivenTwice(field=where)
        seen.add(key)
    if any(each.category is not None for each in command.overrides) and any(
        each.quarter is not None for each in command.overrides
    ):
        yield RatesOfBothKinds(field="overrides")


def after_override(agreement: Agreement, event: RatesOverridden) -> Agreement:
    """Exactly these rates are agreed."""
    return replace(agreement, rate_overrides=event.overrides)
