"""
Assessment: an analyst asks what is not clear, then judges every line of a certified claim.

While a query is open the claim is with its participant and does not age. An answer with another
form makes the claim a draft again, so that a signatory stands behind what is assessed; it keeps
its age and its thread.
"""

from collections.abc import Iterator
from uuid import UUID

from services.claims.domain.calculation import as_claimed
from services.claims.domain.claim import (
    ClaimOfAnotherParticipant,
    aged_on,
    claim_of,
    claims_must_be_open,
    party_acted_for,
    stage_of,
    with_claim,
)
from services.claims.domain.claim_form import in_kind_above_share, must_be_in_order
from services.claims.domain.claim_rule import Asked
from services.claims.domain.commands import AnswerQuery, AssessClaim, AssignClaim, QueryClaim
from services.claims.domain.duplicates import within_the_agreement
from services.claims.domain.events import (
    AgreementEvent,
    ClaimAssessed,
    ClaimAssigned,
    ClaimQueried,
    ClaimQueryAnswered,
)
from services.claims.domain.state import (
    Agreement,
    Answer,
    ApprovedClaim,
    AssessedClaim,
    CertifiedClaim,
    Claim,
    QueriedClaim,
    Query,
    ReopenedClaim,
    SubmittedClaim,
    UndecidedClaim,
    become,
)
from services.claims.domain.values import AcceptedLine, ClaimForm, DuplicateOf
from shared.kernel.frozen import replace
from shared.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal, RuleBroken


class ClaimNotCertified(RuleBroken):
    """Only a certified claim is assessed."""

    en = "The claim is not certified yet."
    fr = "La réclamation n’est pas encore attestée."


class ClaimAlreadyApproved(RuleBroken):
    """A claim is decided once."""

    en = "The claim is already approved."
    fr = "La réclamation est déjà approuvée."


class ClaimAlreadyAssessed(RuleBroken):
    """An assessed claim is approved or sent back."""

    en = "The claim is assessed; it is approved, or sent back to be assessed again."
    fr = "La réclamation est évaluée; elle est approuvée, ou renvoyée pour une nouvelle évaluation."


class QueryOpen(RuleBroken):
    """One query is answered before the claim is assessed or queried again."""

    en = "A query of {queried_on} awaits its answer."
    fr = "Une question du {queried_on} attend sa réponse."


class AssessorPreparedOrCertifiedTheClaim(NotAllowed):
    """Whoever prepared or certified a claim may not assess it."""

    en = "Who prepared or certified this claim may not assess it."
    fr = "Qui a préparé ou attesté cette réclamation ne peut l’évaluer."


class QueryUnknown(NotFound):
    """The claim has no such open query."""

    en = "The claim has no such open query."
    fr = "La réclamation n’a pas de telle question ouverte."


class LineUnknown(Invalid):
    """A decision or a question is about a line of the claim; a decision, once."""

    en = "The claim has no line {line}, or it was decided twice."
    fr = "La réclamation n’a pas de ligne {line}, ou elle a été décidée deux fois."


class AcceptedMoreThanClaimed(RuleBroken):
    """Of a line, between nothing and what was claimed is accepted."""

    en = "Between nothing and what was claimed can be accepted of line {line}."
    fr = "On peut accepter de la ligne {line} entre rien et ce qui est réclamé."


class ReductionNeedsReason(RuleBroken):
    """Accepting less than was claimed needs a reason from the list, and says more in a text."""

    en = "Say why less of line {line} is accepted than was claimed: a code and a text."
    fr = "Indiquez pourquoi la ligne {line} est acceptée en partie seulement : un code et un texte."


class DuplicateNotExplained(RuleBroken):
    """A line that may have been claimed before is accepted once it is said why it is another."""

    en = "Line {line} resembles a cost of another claim; say why it is not the same, or refuse it."
    fr = "La ligne {line} ressemble à un coût d’une autre réclamation; dites pourquoi ce n’est pas le même, ou refusez-la."  # noqa: E501  # one sentence


class DecisionNotInOrder(RuleBroken):
    """The decision on the lines breaks rules; every one is named."""

    en = "The decision on the lines is not in order; see the reasons."
    fr = "La décision sur les lignes n’est pas en règle; voir les motifs."


def assign(command: AssignClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Give a submitted claim to an analyst who neither prepared nor certified it."""
    claim = _undecided(command.claim_id, agreement)
    if claim.assigned_to == command.assigned_to:
        return []
    _must_not_be_of_the_participant(command.assigned_to, claim)
    return [
        ClaimAssigned(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            assigned_to=command.assigned_to,
            assigned_by=command.by,
        )
    ]


def query(command: QueryClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Ask the participant; until the answer the claim does not age."""
    claim = claim_of(command.claim_id, agreement)
    if any(each.query_id == command.query_id for each in claim.queries):
        return []
    claim = _to_assess(command.claim_id, agreement)
    _must_not_be_of_the_participant(command.by, claim)
    for index, question in enumerate(command.questions):
        if question.line is not None and not 0 <= question.line < len(claim.form.lines):
            raise LineUnknown(field=f"questions[{index}].line", line=question.line)
    return [
        ClaimQueried(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            query_id=command.query_id,
            questions=command.questions,
            queried_by=command.by,
        )
    ]


def answer(command: AnswerQuery, agreement: Agreement) -> list[AgreementEvent]:
    """Answer for the participant; another form is held to every rule and certified again."""
    claim = claim_of(command.claim_id, agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    if not isinstance(claim, QueriedClaim) or claim.queries[-1].query_id != command.query_id:
        raise QueryUnknown
    form = None if command.form == claim.form else command.form
    if form is not None:
        claims_must_be_open(agreement)
        if form.participant_id != claim.form.participant_id:
            raise ClaimOfAnotherParticipant(field="claim.participant_id")
        must_be_in_order(
            Asked(claim_id=claim.claim_id, form=form, agreement=agreement, on=command.on)
        )
    return [
        ClaimQueryAnswered(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            query_id=command.query_id,
            text=command.text,
            form=form,
            answered_by=command.by,
            waiting_since=aged_on(claim.waiting_since, claim.queried_on, command.on),
        )
    ]


def assess(command: AssessClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Accept, reduce or refuse every line; what is not named is accepted as claimed."""
    claim = _to_assess(command.claim_id, agreement)
    _must_not_be_of_the_participant(command.by, claim)
    suspected = (
        *within_the_agreement(claim.claim_id, claim.form, agreement),
        *command.suspected,
    )
    accepted = _decided(command.accepted, claim.form)
    refusals = [
        *_reasons_against(command.accepted, claim.form),
        *_unexplained(suspected, accepted),
    ]
    if not refusals:
        refusals += in_kind_above_share(claim.form, accepted, agreement)
    if refusals:
        raise DecisionNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return [
        ClaimAssessed(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            accepted=accepted,
            suspected=suspected,
            assessed_by=command.by,
        )
    ]


def _decided(decisions: tuple[AcceptedLine, ...], form: ClaimForm) -> tuple[AcceptedLine, ...]:
    named = {decision.line: decision for decision in decisions}
    return tuple(named.get(line.line, line) for line in as_claimed(form))


def _reasons_against(decisions: tuple[AcceptedLine, ...], form: ClaimForm) -> Iterator[Refusal]:
    """What of the decisions makes no sense."""
    decided: set[int] = set()
    for index, decision in enumerate(decisions):
        where = f"lines[{index}]"
        if decision.line in decided or not 0 <= decision.line < len(form.lines):
            yield LineUnknown(field=f"{where}.line", line=decision.line)
            continue
        decided.add(decision.line)
        claimed = form.lines[decision.line]
        pairs = ((decision.cash, claimed.cash), (decision.in_kind, claimed.in_kind))
        if any(
            part.currency != whole.currency or not 0 <= part.cents <= whole.cents
            for part, whole in pairs
        ):
            yield AcceptedMoreThanClaimed(field=where, line=decision.line)
        elif any(part < whole for part, whole in pairs):
            for name, said in (("code", decision.code), ("reason", decision.reason)):
                if not (said or "").strip():
                    yield ReductionNeedsReason(field=f"{where}.{name}", line=decision.line)


def _unexplained(
    suspected: tuple[DuplicateOf, ...], accepted: tuple[AcceptedLine, ...]
) -> Iterator[Refusal]:
    """Suspected lines of which something is accepted without saying why."""
    for line in sorted({each.line for each in suspected if each.line < len(accepted)}):
        decision = accepted[line]
        if (decision.cash or decision.in_kind) and not (decision.not_duplicate or "").strip():
            others = [str(each.claim_id) for each in suspected if each.line == line]
            yield DuplicateNotExplained(field="lines", accepted=others, line=line)


def _must_not_be_of_the_participant(person: str, claim: Claim) -> None:
    if person in claim.prepared_by | claim.certifiers:
        raise AssessorPreparedOrCertifiedTheClaim


def _undecided(claim_id: UUID, agreement: Agreement) -> UndecidedClaim:
    claim = claim_of(claim_id, agreement)
    if isinstance(claim, ApprovedClaim):
        raise ClaimAlreadyApproved
    if not isinstance(claim, UndecidedClaim):
        raise ClaimNotCertified
    return claim


def _to_assess(claim_id: UUID, agreement: Agreement) -> CertifiedClaim:
    claim = _undecided(claim_id, agreement)
    if isinstance(claim, ReopenedClaim):
        raise ClaimNotCertified
    if isinstance(claim, QueriedClaim):
        raise QueryOpen(queried_on=claim.queried_on)
    if isinstance(claim, AssessedClaim):
        raise ClaimAlreadyAssessed
    return claim


# What it leaves behind.


def after_assignment(agreement: Agreement, event: ClaimAssigned) -> Agreement:
    """The claim is somebody's to assess."""
    claim = _undecided(event.claim_id, agreement)
    return with_claim(agreement, replace(claim, assigned_to=event.assigned_to))


def after_query(agreement: Agreement, event: ClaimQueried) -> Agreement:
    """The claim is with its participant."""
    before = stage_of(agreement, event.claim_id, CertifiedClaim)
    asked = Query(
        query_id=event.query_id,
        questions=event.questions,
        queried_by=event.queried_by,
        queried_on=event.effective_on,
    )
    claim = become(
        QueriedClaim,
        before,
        queried_on=event.effective_on,
        queries=(*before.queries, asked),
        assessors=before.assessors | {event.queried_by},
    )
    return with_claim(agreement, claim)


def after_answer(agreement: Agreement, event: ClaimQueryAnswered) -> Agreement:
    """The claim awaits its assessment again; or, changed, its certification."""
    before = stage_of(agreement, event.claim_id, QueriedClaim)
    said = Answer(text=event.text, answered_by=event.answered_by, answered_on=event.effective_on)
    queries = (*before.queries[:-1], replace(before.queries[-1], answer=said))
    if event.form is None:
        again = become(CertifiedClaim, before, queries=queries, waiting_since=event.waiting_since)
        return with_claim(agreement, again)
    reopened = become(
        ReopenedClaim,
        before,
        queries=queries,
        form=event.form,
        prepared_by=before.prepared_by | {event.answered_by},
    )
    return with_claim(agreement, reopened)


def after_assessment(agreement: Agreement, event: ClaimAssessed) -> Agreement:
    """The claim awaits its approval."""
    before = stage_of(agreement, event.claim_id, SubmittedClaim)
    claim = become(
        AssessedClaim,
        before,
        assessors=before.assessors | {event.assessed_by},
        assessed_by=event.assessed_by,
        assessed_on=event.effective_on,
        accepted=event.accepted,
        suspected=event.suspected,
    )
    return with_claim(agreement, claim)
