"""
Claims: what one participant asks back for one period, until it is decided.

A claim is drafted by one person, certified by a second of the same organisation and approved by
a third. What is wrong with a form is said all at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.commands import (
    ApproveClaim,
    CertifyClaim,
    DraftClaim,
    RedraftClaim,
    WithdrawClaim,
)
from services.claims.domain.events import (
    AgreementEvent,
    ClaimApproved,
    ClaimCertified,
    ClaimDrafted,
    ClaimRedrafted,
    ClaimWithdrawn,
    ForecastRevised,
)
from services.claims.domain.reimbursement import (
    draw,
    keep_holdback,
    reimbursable,
    spread_over_forecast,
)
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    CertifiedClaim,
    DraftedClaim,
    Standing,
    as_funding,
    cells_by_participant,
    match_after,
)
from services.claims.domain.values import AcceptedLine, ClaimForm, Match, Party
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import fiscal_year_of
from shared.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal, RuleBroken
from shared.kernel.schedule import MatchCell


class ClaimsNotOpen(RuleBroken):
    """Costs can be claimed from the execution of the agreement until the project is completed."""

    en = "Claims are not open: the agreement is {standing}."
    fr = "Aucune réclamation possible : l’entente est à l’état « {standing} »."


class ParticipantUnknown(NotFound):
    """The agreement has no such participant."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class ClaimUnknown(NotFound):
    """The agreement has no such claim."""

    en = "The agreement has no such claim."
    fr = "L’entente ne compte pas cette réclamation."


class NotYourOrganisation(NotAllowed):
    """Only people of the participant's organisation may act for it."""

    en = "You do not act for the organisation of this participant."
    fr = "Vous n’agissez pas pour l’organisation de ce participant."


class ClaimAlreadyCertified(RuleBroken):
    """A certified claim is submitted: its draft can no longer change."""

    en = "The claim is certified; it can no longer be changed."
    fr = "La réclamation est attestée; elle ne peut plus être modifiée."


class ClaimNotCertified(RuleBroken):
    """Only a certified claim can be approved."""

    en = "The claim is not certified yet."
    fr = "La réclamation n’est pas encore attestée."


class ClaimAlreadyApproved(RuleBroken):
    """A claim is decided once."""

    en = "The claim is already approved."
    fr = "La réclamation est déjà approuvée."


class CertifierPreparedTheClaim(NotAllowed):
    """Whoever prepared a claim may not certify it."""

    en = "You prepared this claim; another person of your organisation certifies it."
    fr = (
        "Vous avez préparé cette réclamation; "
        "une autre personne de votre organisation doit l’attester."
    )


class ApproverPreparedOrCertifiedTheClaim(NotAllowed):
    """Whoever prepared or certified a claim may not approve it."""

    en = "You prepared or certified this claim; another person approves it."
    fr = "Vous avez préparé ou attesté cette réclamation; une autre personne doit l’approuver."


class ClaimNotInOrder(RuleBroken):
    """The claim breaks rules of the agreement; every one is named."""

    en = "The claim is not in order; see the reasons."
    fr = "La réclamation n’est pas en règle; voir les motifs."


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


class PeriodNotOver(RuleBroken):
    """A claim is certified once its period is over."""

    en = "The period ends on {ends_on}; certify the claim then."
    fr = "La période se termine le {ends_on}; attestez la réclamation à ce moment."


class PeriodOverlaps(RuleBroken):
    """The periods of one participant's claims never overlap."""

    en = "The period overlaps a claim for {starts_on} to {ends_on}."
    fr = "La période chevauche une réclamation du {starts_on} au {ends_on}."


class NoCosts(Invalid):
    """A claim has at least one line."""

    en = "The claim has no line."
    fr = "La réclamation n’a aucune ligne."


class AmountNegative(Invalid):
    """Amounts of a claim are nil or more."""

    en = "The amount is negative."
    fr = "Le montant est négatif."


class AmountInOtherCurrency(Invalid):
    """An agreement has one currency."""

    en = "The amount is in {currency}; the agreement is in {accepted_currency}."
    fr = "Le montant est en {currency}; l’entente est en {accepted_currency}."


class CategoryUnknown(RuleBroken):
    """A cost belongs to a category of the programme."""

    en = "{category} is not a cost category of the programme."
    fr = "{category} n’est pas une catégorie de coûts du programme."


class CostOutsidePeriod(RuleBroken):
    """A cost counts in the period in which it was incurred."""

    en = "The cost was not incurred within the period of the claim."
    fr = "Le coût n’a pas été engagé pendant la période de la réclamation."


class CostNotEligibleYetOrAnymore(RuleBroken):
    """Costs are eligible from the first to the last day of the agreement."""

    en = "Costs are eligible from {first} to {last}."
    fr = "Les coûts sont admissibles du {first} au {last}."


class CostAfterTermination(RuleBroken):
    """Costs incurred after the termination of the agreement are not eligible."""

    en = "The agreement was terminated on {terminated_on}; later costs are not eligible."
    fr = (
        "L’entente a été résiliée le {terminated_on}; les coûts ultérieurs ne sont pas admissibles."
    )


class CostNotPaid(RuleBroken):
    """Cash costs are claimed once incurred and paid."""

    en = "A cash cost is claimed once it is paid; say on which day."
    fr = "Un coût en espèces est réclamé une fois payé; indiquez la date du paiement."


class ForecastNotAfterPeriod(RuleBroken):
    """A forecast is about quarters after that of the claim, each once."""

    en = "The forecast is about quarters after {quarter}, each once."
    fr = "Les prévisions portent sur les trimestres après {quarter}, chacun une seule fois."


class ForecastDoesNotAddUp(RuleBroken):
    """A forecast plans exactly what would remain committed after the claim as claimed."""

    en = "The forecast adds up to {forecast}; {remaining} would remain after this claim."
    fr = "Les prévisions totalisent {forecast}; il resterait {remaining} après cette réclamation."


class LineUnknown(Invalid):
    """A decision is about a line of the claim, each at most once."""

    en = "The claim has no line {line}, or it was decided twice."
    fr = "La réclamation n’a pas de ligne {line}, ou elle a été décidée deux fois."


class AcceptedMoreThanClaimed(RuleBroken):
    """Of a line, between nothing and what was claimed is accepted."""

    en = "Between nothing and what was claimed can be accepted of line {line}."
    fr = "On peut accepter de la ligne {line} entre rien et ce qui est réclamé."


class ReductionNeedsReason(RuleBroken):
    """Accepting less than was claimed needs a reason."""

    en = "Say why less of line {line} is accepted than was claimed."
    fr = "Indiquez pourquoi la ligne {line} est acceptée en partie seulement."


class DecisionNotInOrder(RuleBroken):
    """The decision on the lines breaks rules; every one is named."""

    en = "The decision on the lines is not in order; see the reasons."
    fr = "La décision sur les lignes n’est pas en règle; voir les motifs."


# What is asked of a form.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A form before the rules, with what they compare it to."""

    claim_id: UUID
    form: ClaimForm
    agreement: Agreement
    on: date


def _stays_within_one_fiscal_year(asked: _Asked) -> Iterator[Refusal]:
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


def _overlaps_no_other_claim(asked: _Asked) -> Iterator[Refusal]:
    form = asked.form
    for other in asked.agreement.claims_of(form.participant_id):
        theirs = other.form
        if (
            other.claim_id != asked.claim_id
            and form.period_starts_on <= theirs.period_ends_on
            and theirs.period_starts_on <= form.period_ends_on
        ):
            yield PeriodOverlaps(
                field="period_starts_on",
                starts_on=theirs.period_starts_on,
                ends_on=theirs.period_ends_on,
            )


def _has_lines_of_known_categories(asked: _Asked) -> Iterator[Refusal]:
    if not asked.form.lines:
        yield NoCosts(field="lines")
    known = asked.agreement.terms.cost_categories
    for index, line in enumerate(asked.form.lines):
        if known and line.category not in known:
            yield CategoryUnknown(
                field=f"lines[{index}].category", accepted=list(known), category=line.category
            )


def _amounts(form: ClaimForm) -> Iterator[tuple[str, Money]]:
    for index, line in enumerate(form.lines):
        yield f"lines[{index}].cash", line.cash
        yield f"lines[{index}].in_kind", line.in_kind
    for index, expected in enumerate(form.forecast or ()):
        yield f"forecast[{index}].amount", expected.amount


def _amounts_are_nil_or_more(asked: _Asked) -> Iterator[Refusal]:
    for where, amount in _amounts(asked.form):
        if amount.currency != ZERO.currency:
            yield AmountInOtherCurrency(
                field=where,
                accepted=ZERO.currency,
                currency=amount.currency,
                accepted_currency=ZERO.currency,
            )
        elif amount < ZERO:
            yield AmountNegative(field=where, accepted=0)


def _costs_were_incurred_in_the_period(asked: _Asked) -> Iterator[Refusal]:
    form = asked.form
    for index, line in enumerate(form.lines):
        if not (
            form.period_starts_on <= line.incurred_from <= line.incurred_to <= form.period_ends_on
        ):
            yield CostOutsidePeriod(
                field=f"lines[{index}].incurred_from",
                accepted=[form.period_starts_on.isoformat(), form.period_ends_on.isoformat()],
            )


def _costs_are_eligible(asked: _Asked) -> Iterator[Refusal]:
    agreement = asked.agreement
    for index, line in enumerate(asked.form.lines):
        if line.incurred_from < agreement.starts_on or line.incurred_to > agreement.ends_on:
            yield CostNotEligibleYetOrAnymore(
                field=f"lines[{index}].incurred_from",
                accepted=[agreement.starts_on.isoformat(), agreement.ends_on.isoformat()],
                first=agreement.starts_on,
                last=agreement.ends_on,
            )
        elif agreement.terminated_on is not None and line.incurred_to > agreement.terminated_on:
            yield CostAfterTermination(
                field=f"lines[{index}].incurred_to",
                accepted=agreement.terminated_on.isoformat(),
                terminated_on=agreement.terminated_on,
            )


def _cash_costs_were_paid(asked: _Asked) -> Iterator[Refusal]:
    for index, line in enumerate(asked.form.lines):
        if line.cash and (line.paid_on is None or line.paid_on > asked.on):
            yield CostNotPaid(field=f"lines[{index}].paid_on", accepted=asked.on.isoformat())


def _forecast_plans_what_would_remain(asked: _Asked) -> Iterator[Refusal]:
    form, agreement = asked.form, asked.agreement
    if form.forecast is None:
        return
    quarters = [line.quarter for line in form.forecast]
    if len(set(quarters)) < len(quarters) or any(each <= form.quarter for each in quarters):
        yield ForecastNotAfterPeriod(field="forecast", quarter=form.quarter)
        return
    if any(amount.currency != ZERO.currency or amount < ZERO for _, amount in _amounts(form)):
        return  # said by another rule; a sum would mean nothing
    committed = agreement.committed_to(form.participant_id)
    claimed = min(reimbursable(form.cash, agreement.rates[form.participant_id]), committed)
    forecast = total(line.amount for line in form.forecast)
    if forecast != committed - claimed:
        yield ForecastDoesNotAddUp(
            field="forecast",
            accepted=(committed - claimed).cents,
            forecast=forecast,
            remaining=committed - claimed,
        )


Rule: TypeAlias = Callable[[_Asked], Iterable[Refusal]]

RULES: tuple[Rule, ...] = (
    _stays_within_one_fiscal_year,
    _overlaps_no_other_claim,
    _has_lines_of_known_categories,
    _amounts_are_nil_or_more,
    _costs_were_incurred_in_the_period,
    _costs_are_eligible,
    _cash_costs_were_paid,
    _forecast_plans_what_would_remain,
)
"""Asked of every form when it is drafted and again when it is certified."""


def _must_be_in_order(asked: _Asked) -> None:
    refusals = [refusal for rule in RULES for refusal in rule(asked)]
    if refusals:
        raise ClaimNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])


# What people do with a claim.


def draft(command: DraftClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Write down costs for a participant, by somebody of its organisation."""
    if command.claim_id in agreement.claims:
        return []
    _claims_must_be_open(agreement)
    party = party_acted_for(agreement, command.form.participant_id, command.by_organisation_id)
    _must_be_in_order(
        _Asked(claim_id=command.claim_id, form=command.form, agreement=agreement, on=command.on)
    )
    return [
        ClaimDrafted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            organisation_id=party.organisation_id,
            form=command.form,
            prepared_by=command.by,
        )
    ]


class ClaimOfAnotherParticipant(RuleBroken):
    """A draft stays with its participant."""

    en = "The claim belongs to another participant."
    fr = "La réclamation appartient à un autre participant."


def redraft(command: RedraftClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Replace a draft; its new author may not certify it either."""
    claim = _drafted(command.claim_id, agreement)
    _claims_must_be_open(agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    if command.form.participant_id != claim.form.participant_id:
        raise ClaimOfAnotherParticipant(field="participant_id")
    _must_be_in_order(
        _Asked(claim_id=command.claim_id, form=command.form, agreement=agreement, on=command.on)
    )
    return [
        ClaimRedrafted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            form=command.form,
            prepared_by=command.by,
        )
    ]


def withdraw(command: WithdrawClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Take a draft back: an abandoned draft would keep the project open."""
    claim = _drafted(command.claim_id, agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    return [
        ClaimWithdrawn(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            reason=command.reason,
            withdrawn_by=command.by,
        )
    ]


def certify(command: CertifyClaim, agreement: Agreement) -> list[AgreementEvent]:
    """
    Certify a draft as an authorised signatory who did not prepare it, and so submit it.

    The rules are asked again: the agreement may have changed since the draft.
    """
    claim = _drafted(command.claim_id, agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    if command.by in claim.prepared_by:
        raise CertifierPreparedTheClaim
    _claims_must_be_open(agreement)
    if claim.form.period_ends_on > command.on:
        raise PeriodNotOver(ends_on=claim.form.period_ends_on)
    _must_be_in_order(
        _Asked(claim_id=claim.claim_id, form=claim.form, agreement=agreement, on=command.on)
    )
    return [
        ClaimCertified(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            certified_by=command.by,
        )
    ]


def approve(command: ApproveClaim, agreement: Agreement) -> list[AgreementEvent]:
    """
    Accept a certified claim, whole or in part, and put what it is worth in payable and holdback.

    Reimbursed is the participant's rate on accepted cash costs, at most what remains committed
    to it. Its own part of the cash costs, and the accepted costs in kind, are its match.
    A forecast that came with the claim then moves what remains.
    """
    claim = _certified(command.claim_id, agreement)
    if command.by in claim.prepared_by or command.by == claim.certified_by:
        raise ApproverPreparedOrCertifiedTheClaim
    form = claim.form
    accepted = _accepted_lines(command.accepted, form)
    cash = total(line.cash for line in accepted)
    worth = reimbursable(cash, agreement.rates[form.participant_id])
    cells = agreement.committed.get(form.participant_id, {})
    reimbursed = min(worth, total(cells.values()))
    drawn = draw(cells, quarter=form.quarter, amount=reimbursed)
    payable, held_back = keep_holdback(drawn, holdback_bp=agreement.terms.holdback_bp)
    approved = ClaimApproved(
        effective_on=command.on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        claim_id=claim.claim_id,
        participant_id=form.participant_id,
        quarter=form.quarter,
        period_starts_on=form.period_starts_on,
        period_ends_on=form.period_ends_on,
        accepted=accepted,
        reimbursable=worth,
        drawn=as_funding(form.participant_id, drawn),
        payable=payable,
        held_back=held_back,
        match_cash=cash - reimbursed,
        match_in_kind=total(line.in_kind for line in accepted),
        approved_by=command.by,
    )
    remaining = {
        cell: amount - drawn.get(cell, ZERO)
        for cell, amount in cells.items()
        if amount != drawn.get(cell, ZERO)
    }
    moved = spread_over_forecast(remaining, form.forecast or ())
    if not moved:
        return [approved]
    return [
        approved,
        ForecastRevised(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            funding=as_funding(form.participant_id, moved),
        ),
    ]


def _accepted_lines(
    decisions: tuple[AcceptedLine, ...], form: ClaimForm
) -> tuple[AcceptedLine, ...]:
    """Every line with what is accepted of it; refuses decisions that make no sense."""
    accepted = [
        AcceptedLine(line=index, cash=line.cash, in_kind=line.in_kind, reason=None)
        for index, line in enumerate(form.lines)
    ]
    refusals: list[Refusal] = []
    decided: set[int] = set()
    for index, decision in enumerate(decisions):
        where = f"accepted[{index}]"
        if decision.line in decided or not 0 <= decision.line < len(form.lines):
            refusals.append(LineUnknown(field=f"{where}.line", line=decision.line))
            continue
        decided.add(decision.line)
        claimed = form.lines[decision.line]
        pairs = ((decision.cash, claimed.cash), (decision.in_kind, claimed.in_kind))
        if any(
            part.currency != whole.currency or not 0 <= part.cents <= whole.cents
            for part, whole in pairs
        ):
            refusals.append(AcceptedMoreThanClaimed(field=where, line=decision.line))
        elif any(part < whole for part, whole in pairs) and not (decision.reason or "").strip():
            refusals.append(ReductionNeedsReason(field=f"{where}.reason", line=decision.line))
        accepted[decision.line] = decision
    if refusals:
        raise DecisionNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return tuple(accepted)


# What a claim needs of the agreement.


def party_acted_for(
    agreement: Agreement, participant_id: UUID, by_organisation_id: UUID | None
) -> Party:
    """The participant, for somebody of its organisation; refuses everybody else."""
    party = agreement.participants.get(participant_id)
    if party is None:
        raise ParticipantUnknown(field="participant_id")
    if party.organisation_id != by_organisation_id:
        raise NotYourOrganisation
    return party


def _claims_must_be_open(agreement: Agreement) -> None:
    # After a termination, costs incurred until then can still be reported.
    if agreement.standing not in {Standing.EXECUTED, Standing.TERMINATED}:
        raise ClaimsNotOpen(standing=agreement.standing.value)


def claim_of(claim_id: UUID, agreement: Agreement) -> DraftedClaim | CertifiedClaim | ApprovedClaim:
    """The claim, at whatever stage."""
    claim = agreement.claims.get(claim_id)
    if claim is None:
        raise ClaimUnknown
    return claim


def _drafted(claim_id: UUID, agreement: Agreement) -> DraftedClaim:
    claim = claim_of(claim_id, agreement)
    if not isinstance(claim, DraftedClaim):
        raise ClaimAlreadyCertified
    return claim


def _certified(claim_id: UUID, agreement: Agreement) -> CertifiedClaim:
    claim = claim_of(claim_id, agreement)
    if isinstance(claim, DraftedClaim):
        raise ClaimNotCertified
    if isinstance(claim, ApprovedClaim):
        raise ClaimAlreadyApproved
    return claim


# What it leaves behind.


def after_draft(agreement: Agreement, event: ClaimDrafted) -> Agreement:
    """A draft is added."""
    claim = DraftedClaim(
        claim_id=event.claim_id, form=event.form, prepared_by=frozenset({event.prepared_by})
    )
    return replace(agreement, claims={**agreement.claims, event.claim_id: claim})


def after_redraft(agreement: Agreement, event: ClaimRedrafted) -> Agreement:
    """The draft is another."""
    before = agreement.claims[event.claim_id]
    claim = DraftedClaim(
        claim_id=event.claim_id,
        form=event.form,
        prepared_by=before.prepared_by | {event.prepared_by},
    )
    return replace(agreement, claims={**agreement.claims, event.claim_id: claim})


def after_withdrawal(agreement: Agreement, event: ClaimWithdrawn) -> Agreement:
    """The draft is gone."""
    kept = {key: claim for key, claim in agreement.claims.items() if key != event.claim_id}
    return replace(agreement, claims=kept)


def after_certification(agreement: Agreement, event: ClaimCertified) -> Agreement:
    """The draft is submitted."""
    before = agreement.claims[event.claim_id]
    claim = CertifiedClaim(
        claim_id=before.claim_id,
        form=before.form,
        prepared_by=before.prepared_by,
        certified_by=event.certified_by,
        certified_on=event.effective_on,
    )
    return replace(agreement, claims={**agreement.claims, event.claim_id: claim})


def after_approval(agreement: Agreement, event: ClaimApproved) -> Agreement:
    """Committed money became payable and held back; match was reported."""
    before = agreement.claims[event.claim_id]
    if not isinstance(before, CertifiedClaim):
        raise TypeError(f"claim {event.claim_id} was approved without being certified")
    match = Match(event.match_cash, event.match_in_kind)
    claim = ApprovedClaim(
        claim_id=before.claim_id,
        form=before.form,
        prepared_by=before.prepared_by,
        certified_by=before.certified_by,
        certified_on=before.certified_on,
        approved_by=event.approved_by,
        approved_on=event.effective_on,
        accepted=event.accepted,
        drawn=event.drawn,
        match=match,
        payable={share.pocket: share.amount for share in event.payable},
        held_back={share.pocket: share.amount for share in event.held_back},
        paid={},
    )
    reported = MatchCell(
        participant_id=event.participant_id,
        quarter=event.quarter,
        cash=-match.cash,
        in_kind=-match.in_kind,
    )
    return replace(
        agreement,
        claims={**agreement.claims, event.claim_id: claim},
        committed=cells_by_participant(agreement.committed, event.drawn, taken=True),
        match_to_report=match_after(agreement.match_to_report, (reported,)),
    )


def after_forecast(agreement: Agreement, event: ForecastRevised) -> Agreement:
    """Committed money is planned for other quarters."""
    return replace(agreement, committed=cells_by_participant(agreement.committed, event.funding))
