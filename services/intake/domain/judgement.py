"""
The one judgement of an application: what speaks against it, all of it at once.

Whoever submits, whoever tries first without an account, and whoever checks a programme with worked
examples hears the same.
"""

from services.intake.domain.definition import Definition
from services.intake.domain.forms import (
    problems_of_budget,
    problems_of_consortium,
    problems_of_start,
)
from services.intake.domain.funding import unfundable
from services.intake.domain.rules import Submission, reasons_for_refusal
from services.intake.domain.sections import problems_of_sections
from shared.kernel.refusals import Reason, RuleBroken


class NothingRequested(RuleBroken):
    """An application asks for public money."""

    en = "The budget asks for no public money."
    fr = "Le budget ne demande aucun fonds public."


def judge(submission: Submission, definition: Definition) -> list[Reason]:
    """Everything that speaks against submitting it under this definition; nothing: it may be."""
    reasons: list[Reason] = []
    if not submission.budget.requested:
        reasons.append(NothingRequested(field="requests").as_reason())
    reasons += problems_of_sections(definition.sections, submission.answers)
    reasons += unfundable(submission.participants, submission.budget, definition.pockets)
    reasons += reasons_for_refusal(submission, definition.rules)
    return reasons


def judge_at_once(submission: Submission, definition: Definition) -> list[Reason]:
    """
    The judgement of an application that comes whole, in one document.

    A draft is built step by step, and each step refuses what cannot be right. Here those problems
    come first; a budget in a foreign currency or about strangers is not judged any further.
    """
    budget = problems_of_budget(
        submission.budget,
        participants=submission.participants,
        categories=definition.cost_categories,
        starts_on=submission.starts_on,
        ends_on=submission.ends_on,
    )
    reasons = [
        *problems_of_start(submission.title, submission.starts_on, submission.ends_on),
        *problems_of_consortium(submission.participants, submission.lead_organisation_id),
        *budget,
    ]
    return reasons if budget else [*reasons, *judge(submission, definition)]
