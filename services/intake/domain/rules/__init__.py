"""
The eligibility rules a programme can ask, by name and with parameters.

Every rule is a pure function of what is submitted and answers everything it objects to.
All rules a programme lists are asked, so that an applicant learns everything at once.
"""

from collections.abc import Iterable, Mapping

from services.intake.domain import document
from services.intake.domain.organisation import KINDS
from services.intake.domain.rules import answers, call, consortium, money, organisations, project
from services.intake.domain.rules.parameters import (
    Bounds,
    CalendarDay,
    Kind,
    Parameter,
    ParameterNotAcceptable,
    Parameters,
    SomeOf,
    Word,
)
from services.intake.domain.rules.submission import AskedRule, KnownRule, Rule, Submission
from shared.kernel.money import BASIS_POINTS
from shared.kernel.refusals import Reason

__all__ = [
    "ALWAYS_ASKED",
    "RULES",
    "AskedRule",
    "Bounds",
    "CalendarDay",
    "Kind",
    "KnownRule",
    "Parameter",
    "ParameterNotAcceptable",
    "Parameters",
    "Rule",
    "SomeOf",
    "Submission",
    "Word",
    "reasons_for_refusal",
]

_SHARE = {"at_most_bp": Bounds(lowest=1, highest=BASIS_POINTS)}
_COUNT = {"at_least": Bounds(lowest=1, highest=50)}
_CENTS = Bounds(lowest=0, highest=10_000_000_000_00)
_KINDS = {"kinds": SomeOf(known=KINDS)}
_PLACE = {"section": Word(), "field": Word()}
"""Where an answer is found: a section of the form, and a dotted path in it."""

RULES: Mapping[str, KnownRule] = {
    "call-open": KnownRule(objections=call.call_open, source="The call as published: its period"),
    "closed-to-applications": KnownRule(
        objections=call.closed_to_applications,
        source="Scale AI, plan directeur 2023-2024, s. 2: chairs and training are not renewed",
    ),
    "adopter-and-ai-provider": KnownRule(
        objections=consortium.adopter_and_ai_provider,
        source="Scale AI, industry-led projects: an adopter and a provider of AI",
    ),
    "minimum-participants": KnownRule(
        objections=consortium.minimum_participants,
        source="Innovation Superclusters, programme targets: two participants per project",
        parameters=_COUNT,
    ),
    "minimum-smes": KnownRule(
        objections=consortium.minimum_smes,
        source="Innovation Superclusters, programme targets: one SME per project",
        parameters=_COUNT,
    ),
    "minimum-post-secondary": KnownRule(
        objections=consortium.minimum_post_secondary,
        source="Innovation Superclusters, applicants: firms of all sizes and a post-secondary",
        parameters=_COUNT,
    ),
    "adopter-kind": KnownRule(
        objections=consortium.adopter_kind,
        source="Scale AI, AI for healthcare, call of 27 March 2023: hospitals adopt",
        parameters=_KINDS,
    ),
    "participants-confirmed": KnownRule(
        objections=consortium.participants_confirmed,
        source="Directive on Transfer Payments, App. G: nobody is bound by what another signed",
    ),
    "business-numbers-valid": KnownRule(
        objections=organisations.business_numbers_valid,
        source="Canada Revenue Agency, business number: the ninth digit checks the others",
    ),
    "lead-is-incorporated-for-profit": KnownRule(
        objections=organisations.lead_is_incorporated_for_profit,
        source="Scale AI, industry-led projects: led by an incorporated Canadian firm",
    ),
    "kind-of-lead": KnownRule(
        objections=organisations.kind_of_lead,
        source="Scale AI, plan directeur 2023-2024, s. 2: start-ups, incubators, partners lead",
        parameters=_KINDS,
    ),
    "no-organisation-on-hold": KnownRule(
        objections=organisations.no_organisation_on_hold,
        source="Directive on Transfer Payments, App. G: controls on ultimate recipients",
    ),
    "public-share-within-rate": KnownRule(
        objections=money.public_share_within_rate,
        source="Policy on Transfer Payments: the minimum needed, up to the programme's maximum",
    ),
    "one-participant-share": KnownRule(
        objections=money.one_participant_share,
        source="NGen, project guide: no partner receives more than 70 % of the reimbursement",
        parameters=_SHARE,
    ),
    "in-kind-share": KnownRule(
        objections=money.in_kind_share,
        source="Innovation Superclusters, matching: at most 25 % of the match in kind",
        parameters=_SHARE,
    ),
    "stacking-limit": KnownRule(
        objections=money.stacking_limit,
        source="Directive on Transfer Payments, stacking: total Canadian government funding; "
        "Québec's cumul counts tax credits",
        parameters=_SHARE,
    ),
    "size-within": KnownRule(
        objections=money.size_within,
        source="The call as published: size of project",
        parameters={"lowest_cents": _CENTS, "highest_cents": _CENTS},
    ),
    "requested-at-most": KnownRule(
        objections=money.requested_at_most,
        source="Policy on Transfer Payments: a maximum payable to one recipient",
        parameters={"at_most_cents": _CENTS},
    ),
    "requested-at-most-for-each": KnownRule(
        objections=money.requested_at_most_for_each,
        source="Scale AI, acceleration programme: up to 50,000 $ per start-up",
        parameters={"at_most_cents": _CENTS, **_PLACE},
    ),
    "match-never-negative": KnownRule(
        objections=money.match_never_negative,
        source="A schedule: participants contribute, they do not take out",
    ),
    "duration-within": KnownRule(
        objections=project.duration_within,
        source="Scale AI, industry-led projects: usually 12 to 18 months",
        parameters={
            "at_least_months": Bounds(lowest=1, highest=120),
            "at_most_months": Bounds(lowest=1, highest=120),
        },
    ),
    "starts-by": KnownRule(
        objections=project.starts_by,
        source="Scale AI, plan directeur 2023-2024, s. 2: health projects start by October 2023",
        parameters={"latest": CalendarDay()},
    ),
    "not-submitted-twice": KnownRule(
        objections=project.not_submitted_twice,
        source="Directive on Transfer Payments, stacking: one activity is funded once",
    ),
    "work-in-canada": KnownRule(
        objections=answers.work_in_canada,
        source="Innovation Superclusters: benefits in Canada; Scale AI: the work is in Canada",
        parameters=_PLACE,
    ),
    "ip-owned-in-canada": KnownRule(
        objections=answers.ip_owned_in_canada,
        source="Scale AI, plan directeur 2023-2024, s. 4 (i): Canadian firms own 100 % of the IP",
        parameters=_PLACE,
    ),
    "reuse-allowed": KnownRule(
        objections=answers.reuse_allowed,
        source="Scale AI, plan directeur 2023-2024, s. 4 (iii): IP is reused outside the project",
        parameters=_PLACE,
    ),
    "documents-attached": KnownRule(
        objections=answers.documents_attached,
        source="The call as published: documents to attach",
        parameters={"kinds": SomeOf(known=tuple(document.KINDS))},
    ),
}

ALWAYS_ASKED = AskedRule(name="match-never-negative", parameters={})
"""Asked whether a programme lists it or not: no schedule has a negative cell."""


def reasons_for_refusal(submission: Submission, asked: Iterable[AskedRule]) -> list[Reason]:
    """Everything that speaks against a submission, rule by rule in the programme's order."""
    rules = list(asked)
    if all(rule.name != ALWAYS_ASKED.name for rule in rules):
        rules.append(ALWAYS_ASKED)
    return [
        refusal.as_reason()
        for rule in rules
        for refusal in RULES[rule.name].objections(submission, rule.parameters)
    ]
