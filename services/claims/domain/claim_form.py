"""
A claim's form: everything that is asked of it, all at once.

Asked when it is drafted and again when it is certified: the agreement may have changed since.
"""

from collections.abc import Iterator

from services.claims.domain.calculation import as_claimed, worth_as_claimed, worth_of
from services.claims.domain.claim_rule import Asked, Rule
from services.claims.domain.cost_rules import COST_RULES
from services.claims.domain.eligibility import costs_fall_in_eligible_windows
from services.claims.domain.period_rules import PERIOD_RULES
from services.claims.domain.state import Agreement, ApprovedClaim
from services.claims.domain.values import AcceptedLine, ClaimForm, Match
from shared.kernel.money import BASIS_POINTS, ZERO, Money, total
from shared.kernel.refusals import Refusal, RuleBroken


class ClaimNotInOrder(RuleBroken):
    """The claim breaks rules of the agreement; every one is named."""

    en = "The claim is not in order; see the reasons."
    fr = "La réclamation n’est pas en règle; voir les motifs."


class ForecastNotAfterPeriod(RuleBroken):
    """A forecast is about quarters after that of the claim, each once."""

    en = "The forecast is about quarters after {quarter}, each once."
    fr = "Les prévisions portent sur les trimestres après {quarter}, chacun une seule fois."


class ForecastDoesNotAddUp(RuleBroken):
    """A forecast plans exactly what would remain committed after the claim as claimed."""

    en = "The forecast adds up to {forecast}; {remaining} would remain after this claim."
    fr = "Les prévisions totalisent {forecast}; il resterait {remaining} après cette réclamation."


class FinalClaimForecasts(RuleBroken):
    """Nothing is expected after a final claim."""

    en = "A final claim has no forecast: nothing is claimed after it."
    fr = "Une réclamation finale n’a pas de prévisions : rien n’est réclamé par la suite."


class InKindAboveShare(RuleBroken):
    """Of a participant's match, only a part may be in kind."""

    en = "At most {most} in kind keeps the participant's match within the programme's share."
    fr = "Au plus {most} en nature garde la contrepartie du participant dans la part du programme."


def forecast_plans_what_would_remain(asked: Asked) -> Iterator[Refusal]:
    """A forecast plans exactly what would stay committed if the claim were accepted whole."""
    form, agreement = asked.form, asked.agreement
    if form.forecast is None:
        return
    if form.final:
        yield FinalClaimForecasts(field="forecast")
        return
    quarters = [line.quarter for line in form.forecast]
    if len(set(quarters)) < len(quarters) or any(each <= form.quarter for each in quarters):
        yield ForecastNotAfterPeriod(field="forecast", quarter=form.quarter)
        return
    if not asked.can_be_added_up():
        return  # said by another rule; a sum would mean nothing
    drawn = total(worth_as_claimed(form, agreement).drawn.values())
    remaining = agreement.committed_to(form.participant_id) - drawn
    forecast = total(line.amount for line in form.forecast)
    if forecast != remaining:
        yield ForecastDoesNotAddUp(
            field="forecast", accepted=remaining.cents, forecast=forecast, remaining=remaining
        )


def in_kind_stays_within_its_share(asked: Asked) -> Iterator[Refusal]:
    """In kind, at most the programme's share of the match so far, this claim included."""
    if asked.can_be_added_up():
        yield from in_kind_above_share(asked.form, as_claimed(asked.form), asked.agreement)


def in_kind_above_share(
    form: ClaimForm, accepted: tuple[AcceptedLine, ...], agreement: Agreement
) -> Iterator[Refusal]:
    """Whether accepted lines would bring the participant's match in kind above its share."""
    share_bp = agreement.terms.in_kind_share_bp
    in_kind = total(line.in_kind for line in accepted)
    if share_bp is None or share_bp >= BASIS_POINTS or not in_kind:
        return
    before = sum(
        (
            claim.match
            for claim in agreement.claims_of(form.participant_id)
            if isinstance(claim, ApprovedClaim)
        ),
        start=Match(),
    )
    cash = before.cash + worth_of(form, accepted, agreement).match_cash
    # The largest n with n <= share * (cash + n).
    most = Money(cash.cents * share_bp // (BASIS_POINTS - share_bp)) - before.in_kind
    if in_kind > most:
        most = max(ZERO, most)
        yield InKindAboveShare(field="lines", accepted=most.cents, most=most)


RULES: tuple[Rule, ...] = (
    *PERIOD_RULES,
    *COST_RULES,
    costs_fall_in_eligible_windows,
    forecast_plans_what_would_remain,
    in_kind_stays_within_its_share,
)


def must_be_in_order(asked: Asked) -> None:
    """Refuse a form with every rule that it breaks."""
    refusals = [refusal for rule in RULES for refusal in rule(asked)]
    if refusals:
        raise ClaimNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
