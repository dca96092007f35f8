"""
The eligibility rules on paper: what intake would object to, found before anything runs.

Each function answers what it objects to; the names are those of the file (and of intake).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from deploy.demo.paper import Problem
from deploy.demo.portfolio import Organisation, Programme, Project, Rule
from shared.kernel.money import BASIS_POINTS

SME_BELOW = 500
"""Employees; a small or medium-sized enterprise has fewer (Global Innovation Clusters)."""

NEEDS = {
    "minimum-participants": "at_least",
    "minimum-smes": "at_least",
    "one-participant-share": "at_most_bp",
    "in-kind-share": "at_most_bp",
}
"""The parameter of each rule that has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A project as the rules see it."""

    path: str
    project: Project
    organisations: tuple[Organisation, ...]
    lead: Organisation | None
    public: int
    cash_match: int
    in_kind: int
    parameter: int = 0


def rule_parameters(path: str, rule: Rule) -> Iterator[Problem]:
    """Each rule has its own parameter, or none."""
    needs = NEEDS.get(rule.name)
    for parameter in ("at_least", "at_most_bp"):
        given = getattr(rule, parameter) is not None
        if given and parameter != needs:
            yield Problem(path=f"{path}.{parameter}", reason=f"{rule.name} has no such parameter")
        if not given and parameter == needs:
            yield Problem(path=path, reason=f"{rule.name} needs {parameter}")


def objections(
    path: str, project: Project, programme: Programme, organisations: Mapping[str, Organisation]
) -> Iterator[Problem]:
    """What the programme's rules, and those that are always asked, say of a project."""
    members = [organisations.get(each.organisation) for each in project.participants]
    leads = [organisations.get(p.organisation) for p in project.participants if p.role == "lead"]
    asked = Asked(
        path=path,
        project=project,
        organisations=tuple(member for member in members if member is not None),
        lead=leads[0] if leads else None,
        public=sum(cell.cents for cell in project.funding),
        cash_match=sum(cell.cash_cents for cell in project.match),
        in_kind=sum(cell.in_kind_cents for cell in project.match),
    )
    yield from _public_share(asked, programme.reimbursement_rate_bp)
    for rule in programme.rules:
        parameter = rule.at_least or rule.at_most_bp or 0
        yield from RULES[rule.name](replace(asked, parameter=parameter))


def _public_share(asked: Asked, rate_bp: int) -> Iterator[Problem]:
    cash = asked.public + asked.cash_match
    if asked.public * BASIS_POINTS > rate_bp * cash:
        yield Problem(
            path=f"{asked.path}.funding",
            reason=f"{asked.public} cents are public of {cash} in cash: "
            f"more than the programme's {rate_bp} basis points",
        )


def _adopter_and_ai_provider(asked: Asked) -> Iterator[Problem]:
    roles = {participant.role for participant in asked.project.participants}
    for role in ("adopter", "ai-provider"):
        if role not in roles:
            yield Problem(path=f"{asked.path}.participants", reason=f"there is no {role}")


def _lead_is_incorporated_for_profit(asked: Asked) -> Iterator[Problem]:
    lead = asked.lead
    if lead is not None and not (lead.for_profit and lead.incorporated_in_canada):
        yield Problem(
            path=f"{asked.path}.participants", reason=f"{lead.code} is not a Canadian firm"
        )


def _minimum_participants(asked: Asked) -> Iterator[Problem]:
    if len(asked.organisations) < asked.parameter:
        yield Problem(
            path=f"{asked.path}.participants", reason=f"at least {asked.parameter} are needed"
        )


def _minimum_smes(asked: Asked) -> Iterator[Problem]:
    smes = sum(
        each.kind == "sme" or (each.for_profit and each.employees < SME_BELOW)
        for each in asked.organisations
    )
    if smes < asked.parameter:
        yield Problem(
            path=f"{asked.path}.participants", reason=f"at least {asked.parameter} must be SMEs"
        )


def _one_participant_share(asked: Asked) -> Iterator[Problem]:
    shares = Counter[str]()
    for cell in asked.project.funding:
        shares[cell.participant] += cell.cents
    for name, cents in shares.items():
        if cents * BASIS_POINTS > asked.parameter * asked.public:
            yield Problem(
                path=f"{asked.path}.funding",
                reason=f"{name} gets more than {asked.parameter} basis points of it",
            )


def _in_kind_share(asked: Asked) -> Iterator[Problem]:
    if asked.in_kind * BASIS_POINTS > asked.parameter * (asked.cash_match + asked.in_kind):
        yield Problem(
            path=f"{asked.path}.match",
            reason=f"more than {asked.parameter} basis points of it are in kind",
        )


RULES: Mapping[str, Callable[[Asked], Iterator[Problem]]] = {
    "adopter-and-ai-provider": _adopter_and_ai_provider,
    "lead-is-incorporated-for-profit": _lead_is_incorporated_for_profit,
    "minimum-participants": _minimum_participants,
    "minimum-smes": _minimum_smes,
    "one-participant-share": _one_participant_share,
    "in-kind-share": _in_kind_share,
}
