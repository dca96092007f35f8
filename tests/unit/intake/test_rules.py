"""Every rule, content and objecting."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.domain.budget import Budget
from services.intake.domain.rules import RULES, AskedRule, Submission, reasons_for_refusal
from shared.kernel.money import Money
from shared.kernel.refusals import Reason
from tests.unit.intake.examples import (
    ALL_RULES,
    T1,
    T2,
    adopter,
    budget,
    consortium,
    cost,
    lead,
    participant,
    provider,
    request,
    submission,
)


def ask(name: str, case: Submission, **parameters: int) -> list[Reason]:
    """What one rule answers (beside the rule that is always asked)."""
    reasons = reasons_for_refusal(case, [AskedRule(name=name, parameters=parameters)])
    return [
        reason
        for reason in reasons
        if name == "match-never-negative" or reason.code != "match-negative"
    ]


def with_profile(which: Any, **changes: Any) -> Submission:
    """The submission, with one participant described otherwise."""
    return replace(
        submission,
        participants=tuple(
            replace(each, profile=replace(each.profile, **changes)) if each is which else each
            for each in consortium
        ),
    )


def with_budget(**changes: Any) -> Submission:
    """The submission with another budget."""
    return replace(submission, budget=replace(budget, **changes))


class TestEveryRule:
    def test_when_nothing_is_wrong(self) -> None:
        """A submission that respects every rule is not refused."""
        assert reasons_for_refusal(submission, ALL_RULES) == []

    def test_only_what_is_listed_is_asked(self) -> None:
        """A rule that a programme does not list objects to nothing."""
        late = replace(submission, at=datetime(2024, 1, 1, tzinfo=UTC))
        assert reasons_for_refusal(late, []) == []
        assert len(reasons_for_refusal(late, ALL_RULES)) == 1

    def test_all_reasons_at_once(self) -> None:
        """Whoever breaks several rules learns of all of them, in the programme's order."""
        bad = replace(
            submission,
            at=datetime(2023, 6, 1, tzinfo=UTC),
            participants=(lead,),
            ends_on=date(2026, 4, 14),
            budget=replace(budget, other_government=Money(999_999_00)).only_of(
                {lead.participant_id}
            ),
        )
        codes = [reason.code for reason in reasons_for_refusal(bad, ALL_RULES)]
        assert codes == [
            "call-closed",
            "adopter-missing",
            "ai-provider-missing",
            "too-few-participants",
            "too-few-smes",
            "one-participant-takes-too-much",
            "governments-stack-too-high",
            "project-too-long",
        ]

    def test_reasons_are_in_both_languages(self) -> None:
        """A reason names its field and says in English and in French what is wrong."""
        [reason] = ask("in-kind-share", submission, at_most_bp=250)
        assert reason.en == "$20,000.00 of a match of $670,000.00 is in kind; at most 2.5% may be."
        assert reason.fr == (
            "20\u202f000,00\u202f$ d’une contrepartie de 670\u202f000,00\u202f$ sont en nature; "
            "au plus 2,5\u00a0% peuvent l’être."
        )
        assert reason.field == "costs"
        assert reason.accepted == {"maximum_cents": 16_750_00}

    def test_every_rule_names_its_source(self) -> None:
        """A rule says where it comes from."""
        assert all(rule.source for rule in RULES.values())
        assert {rule.name for rule in ALL_RULES} <= set(RULES)


class TestCallOpen:
    @pytest.mark.parametrize(
        ("at", "objections"),
        [
            (submission.opens_at.replace(minute=0), 0),
            (datetime(2023, 3, 27, 3, 59, 59, tzinfo=UTC), 1),
            (datetime(2023, 5, 16, 3, 58, 59, tzinfo=UTC), 0),
            (datetime(2023, 5, 16, 3, 59, tzinfo=UTC), 1),
        ],
    )
    def test_the_bounds(self, at: datetime, objections: int) -> None:
        """The opening instant is in time, the closing instant is too late."""
        assert len(ask("call-open", replace(submission, at=at))) == objections

    def test_a_continuous_call(self) -> None:
        """A call without a closing date never closes."""
        late = replace(submission, closes_at=None, at=datetime(2033, 1, 1, tzinfo=UTC))
        early = replace(submission, closes_at=None, at=datetime(2013, 1, 1, tzinfo=UTC))
        assert ask("call-open", late) == []
        assert [reason.code for reason in ask("call-open", early)] == ["call-not-yet-open"]


class TestAdopterAndAiProvider:
    def test_both_are_there(self) -> None:
        """An adopter and a provider of AI are enough."""
        assert ask("adopter-and-ai-provider", submission) == []

    @pytest.mark.parametrize(
        ("missing", "code"), [(adopter, "adopter-missing"), (provider, "ai-provider-missing")]
    )
    def test_one_is_missing(self, missing: Any, code: str) -> None:
        """Without one of them, that one is asked for."""
        there = tuple(each for each in consortium if each is not missing)
        reasons = ask("adopter-and-ai-provider", replace(submission, participants=there))
        assert [reason.code for reason in reasons] == [code]


class TestMinimums:
    @pytest.mark.parametrize(("at_least", "objections"), [(3, 0), (4, 1)])
    def test_participants(self, at_least: int, objections: int) -> None:
        """A consortium of three has at least three participants, and not four."""
        assert len(ask("minimum-participants", submission, at_least=at_least)) == objections

    @pytest.mark.parametrize(("at_least", "objections"), [(2, 0), (3, 1)])
    def test_smes(self, at_least: int, objections: int) -> None:
        """Two of the three are small; the large adopter does not count."""
        assert len(ask("minimum-smes", submission, at_least=at_least)) == objections

    @pytest.mark.parametrize(
        ("kind", "employees", "for_profit", "sme"),
        [
            ("start-up", 499, True, True),
            ("start-up", 500, True, False),
            ("non-profit", 10, False, False),
            ("sme", 499, False, True),
        ],
    )
    def test_who_is_an_sme(self, kind: str, employees: int, for_profit: bool, sme: bool) -> None:
        """An SME says so, or is a firm with fewer than 500 employees."""
        whose = participant(
            "other", "200000008", kind=kind, employees=employees, for_profit=for_profit
        )
        case = replace(submission, participants=(adopter, whose))
        assert (ask("minimum-smes", case, at_least=1) == []) is sme


class TestPublicShareWithinRate:
    def test_at_the_rate(self) -> None:
        """Exactly 35 % of the cash costs may be asked for."""
        assert ask("public-share-within-rate", submission) == []

    def test_one_cent_above(self) -> None:
        """One cent more is too much; the most is said in cents."""
        first = replace(budget.requests[0], amount=budget.requests[0].amount + Money(1))
        [reason] = ask(
            "public-share-within-rate", with_budget(requests=(first, *budget.requests[1:]))
        )
        assert reason.code == "public-share-above-rate"
        assert reason.accepted == {"maximum_cents": 350_000_00}

    def test_in_kind_does_not_count(self) -> None:
        """Costs in kind do not raise what may be asked for."""
        case = with_budget(
            costs=(cost(lead, T1, 100, 1_000_000),), requests=(request(lead, T1, 36),)
        )
        assert len(ask("public-share-within-rate", case)) == 1


class TestOneParticipantShare:
    @pytest.mark.parametrize(("at_most_bp", "objections"), [(5_000, 0), (4_999, 1)])
    def test_half_goes_to_one(self, at_most_bp: int, objections: int) -> None:
        """A participant with half of the money is within 50 %, and above 49.99 %."""
        reasons = ask("one-participant-share", submission, at_most_bp=at_most_bp)
        assert len(reasons) == objections
        assert all(reason.field == "participants[0]" for reason in reasons)

    def test_when_nothing_is_asked_for(self) -> None:
        """Nobody has more than a share of nothing."""
        assert ask("one-participant-share", with_budget(requests=()), at_most_bp=1) == []


class TestInKindShare:
    @pytest.mark.parametrize(("in_kind", "objections"), [(25, 0), (26, 1)])
    def test_a_quarter_of_the_match(self, in_kind: int, objections: int) -> None:
        """Of a match of 100, 25 may be in kind and 26 may not."""
        case = with_budget(
            costs=(cost(lead, T1, 100 - in_kind, in_kind),), requests=(request(lead, T1, 0),)
        )
        assert len(ask("in-kind-share", case, at_most_bp=2_500)) == objections


class TestStackingLimit:
    @pytest.mark.parametrize(("other", "objections"), [(150_000, 0), (150_001, 1)])
    def test_all_governments_together(self, other: int, objections: int) -> None:
        """350 000 here and 150 000 elsewhere are half of one million; a dollar more is above."""
        case = with_budget(other_government=Money(other * 100))
        reasons = ask("stacking-limit", case, at_most_bp=5_000)
        assert len(reasons) == objections
        assert all(reason.accepted == {"maximum_cents": 150_000_00} for reason in reasons)


class TestDurationWithin:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "codes"),
        [
            (date(2023, 4, 15), date(2023, 10, 14), []),
            (date(2023, 4, 15), date(2023, 10, 13), ["project-too-short"]),
            (date(2023, 4, 15), date(2024, 10, 14), []),
            (date(2023, 4, 15), date(2024, 10, 15), ["project-too-long"]),
            (date(2023, 8, 31), date(2024, 2, 29), []),
            (date(2023, 8, 31), date(2024, 2, 28), ["project-too-short"]),
            (date(2022, 8, 1), date(2023, 1, 31), []),
        ],
    )
    def test_whole_calendar_months(self, starts_on: date, ends_on: date, codes: list[str]) -> None:
        """Six to eighteen months, first and last day included, whatever the months' lengths."""
        case = replace(submission, starts_on=starts_on, ends_on=ends_on)
        reasons = ask("duration-within", case, at_least_months=6, at_most_months=18)
        assert [reason.code for reason in reasons] == codes


class TestBusinessNumbersValid:
    def test_a_number_that_checks(self) -> None:
        """Valid numbers pass."""
        assert ask("business-numbers-valid", submission) == []

    @pytest.mark.parametrize(
        "number", ["123456783", "123456789", "12345678Z", "12345678", "000000000"]
    )
    def test_a_number_that_does_not(self, number: str) -> None:
        """An organisation that came with a bad number is named, with its place."""
        [reason] = ask("business-numbers-valid", with_profile(adopter, business_number=number))
        assert reason.field == "participants[1].business_number"
        assert number in reason.fr


class TestLeadIsIncorporatedForProfit:
    def test_a_firm_leads(self) -> None:
        """An incorporated Canadian firm may lead; others need not be firms."""
        case = with_profile(provider, for_profit=False, incorporated_in_canada=False)
        assert ask("lead-is-incorporated-for-profit", case) == []

    def test_neither(self) -> None:
        """A lead that is neither incorporated here nor for profit hears both."""
        case = with_profile(lead, for_profit=False, incorporated_in_canada=False)
        codes = [reason.code for reason in ask("lead-is-incorporated-for-profit", case)]
        assert codes == ["lead-not-incorporated-in-canada", "lead-not-for-profit"]


class TestMatchNeverNegative:
    def test_everything_is_asked_for(self) -> None:
        """A participant may ask for all its cash costs, as far as this rule goes."""
        case = with_budget(costs=(cost(lead, T1, 10),), requests=(request(lead, T1, 10),))
        assert ask("match-never-negative", case) == []

    def test_more_in_one_quarter(self) -> None:
        """What is left of one quarter does not pay for another."""
        case = with_budget(
            costs=(cost(lead, T1, 1_000), cost(lead, T2, 10)),
            requests=(request(lead, T1, 10), request(lead, T2, 11)),
        )
        [reason] = ask("match-never-negative", case)
        assert reason.field == "requests[1].amount"
        assert reason.accepted == {"maximum_cents": 10_00}

    def test_it_is_always_asked(self) -> None:
        """No programme can leave this rule out: a schedule has no negative cell."""
        case = replace(submission, budget=Budget(requests=(request(lead, T1, 1),)))
        assert [reason.code for reason in reasons_for_refusal(case, [])] == ["match-negative"]
