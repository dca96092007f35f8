"""
Any portfolio, day by day, through the services' HTTP APIs.

Each day the clock is put forward, then the day's happenings become commands in the order of
``days.Step``. What concerns one project is done in order, projects side by side. Where one service
waits for another (an award before its agreement, everything before a plan's approval and before
the next day), the run waits until nothing is under way.

A run starts from an empty data set: it says everything that ever happened.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from deploy.demo.days import Happening, Step, claim_period, first_day, happenings, lapses_on
from deploy.demo.follow_up import FollowUp
from deploy.demo.portfolio import Amendment, Claim, Portfolio, Programme, Project
from deploy.demo.wire import (
    Command,
    DemoStopped,
    Person,
    Wire,
    cents,
    key_of,
    of_organisation,
    staff,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import TORONTO

MANAGER = staff("programme-manager")
OFFICER = staff("intake-officer")
SECRETARY = staff("committee-secretary")
AGREEMENTS = staff("agreement-officer")
ANALYST = staff("claims-analyst")
APPROVER = staff("claims-approver")
PAYER = staff("payer")
FINANCE = staff("finance-officer")
TREASURER = Person(id=str(derived_id("person", "treasurer")), roles=("finance-officer",))
"""A second person in finance: nobody verifies the account that they wrote down."""

MEMBERS = tuple(
    (str(derived_id("person", "committee", number)), kind)
    for number, kind in enumerate(("employee", "independent", "independent", "employee"))
)
"""Who sits on the committee that decides for every programme."""
QUORUM = 3
BUSY_MEETING = 3
"""With as many items on the agenda, one member has an interest in one of them."""

GRID = (("merit", 40), ("impact", 40), ("capacity", 20))
CATEGORY = "labour"
DAY_OF_PROJECT = range(Step.AMEND, Step.PAY)
MOST_IN_A_RUN = 200

Report = Callable[[date, int], None]
"""Told the simulated day and how many more commands are done."""


class Driver:
    """Plays one portfolio."""

    def __init__(self, portfolio: Portfolio, wire: Wire, report: Report) -> None:
        self.portfolio = portfolio
        self.wire = wire
        self.report = report
        self._organisations = {each.code: each for each in portfolio.organisations}
        self._programmes = {
            programme.code: (f"$.programmes[{index}]", programme)
            for index, programme in enumerate(portfolio.programmes)
        }
        self._committee_id = derived_id("committee", key_of("$", "committee"))
        self._ends_on = [project.ends_on for project in portfolio.projects]
        self._payment_ids: dict[str, UUID] = {}
        """By JSON path of the payment."""
        self._days = happenings(portfolio)
        self.follow_up = FollowUp(portfolio, wire)

    def total(self, until: date | None = None) -> int:
        """About how many commands there are up to a day."""
        past = [each for each in self._days if until is None or each.on <= until]
        decided = Counter(each.on for each in past if each.step is Step.DECIDE)
        paid = Counter(each.on for each in past if each.step is Step.PAY)
        return (
            3
            + 3 * len(self.portfolio.organisations)
            + sum(self._weight(happening) for happening in past)
            # A meeting is called, opened and sealed, and perhaps a conflict declared.
            + sum(3 + (items >= BUSY_MEETING) for items in decided.values())
            # A payment run is proposed, approved, exported and confirmed.
            + sum(4 * -(-payments // MOST_IN_A_RUN) for payments in paid.values())
            + self.follow_up.expected(until)
        )

    def _weight(self, happening: Happening) -> int:
        match happening.step:
            case Step.APPLY:
                return 6
            case (
                Step.DECIDE
                | Step.PUBLISH
                | Step.AMEND
                | Step.SUBMIT_CLAIM
                | Step.APPROVE_CLAIM
                | Step.APPROVE_PLAN
            ):
                return 2
            case Step.EXECUTE:
                return 1 + len(self.portfolio.projects[happening.place[0]].participants)
            case Step.LAPSE | Step.PAY:
                return 0
            case _:
                return 1

    def must_be_empty(self) -> None:
        """Refuse to run on data that is there already."""
        used = [name for name, at in self.wire.progress().items() if at["head"]]
        if used:
            raise DemoStopped(
                f"$: {', '.join(used)} already hold events; a run starts from an empty data set"
            )

    def play(self, *, after: date | None = None, until: date | None = None) -> None:
        """
        Play all days after one date and up to another, and stand still there.

        Call it for consecutive spans only: time does not go back.
        """
        by_day = {day: list(group) for day, group in groupby(self._days, key=lambda each: each.on)}
        days = {day for day in by_day if (after is None or day > after)}
        days |= set(self.follow_up.rounds(after=after, days=sorted(by_day)))
        start = first_day(self.portfolio)
        for day in sorted(days):
            if until is not None and day > until:
                break
            self._begin(day)
            if day == start:
                self._set_up(day)
            self._live(day, by_day.get(day, []))
            answered = self.follow_up.answer(day)
            self.report(day, answered)
            self.wire.settle()
        if until is not None and until not in days:
            self._begin(until)

    def _begin(self, day: date) -> None:
        self.wire.set_clock(day)
        self.wire.settle()
        self.report(day, 0)

    def _do(self, day: date, lanes: Iterable[Sequence[Command]]) -> None:
        self.wire.carry_out(lanes, lambda number: self.report(day, number))

    # ── one day ─────────────────────────────────────────────────────────────────────────────

    def _live(self, day: date, todays: list[Happening]) -> None:
        steps: dict[Step, list[Happening]] = defaultdict(list)
        for happening in todays:
            steps[happening.step].append(happening)
        pockets = steps[Step.OPEN_POCKETS] + steps[Step.CHANGE_POCKETS]
        if pockets:
            for each in pockets:
                # One after the other: rows of tables appear in order of opening.
                self._do(day, [list(self._pocket(each))])
            self.wire.settle()
        for each in steps[Step.PUBLISH]:
            self._do(day, [list(self._publish(each))])
            self.wire.settle()
        self._do(day, [list(self._apply(each)) for each in steps[Step.APPLY]])
        if steps[Step.DECIDE]:
            self._meet(day, steps[Step.DECIDE])
        self._do(day, [list(self._in_project(each)) for each in steps[Step.EXECUTE]])
        self._propose(day, steps[Step.AMEND])
        projects: dict[int, list[Command]] = defaultdict(list)
        for each in todays:
            if each.step in DAY_OF_PROJECT:
                projects[each.place[0]] += self._in_project(each)
        self._do(day, projects.values())
        self._do(day, [list(self._pay(day, steps[Step.PAY]))])
        self._do(day, [list(self._take_back(each)) for each in steps[Step.RETURN_PAYMENT]])
        self._do(day, self._with_funders(steps))
        if steps[Step.APPROVE_PLAN]:
            self.wire.settle()
            self._do(day, [list(self._approve_plan(day))])

    def _set_up(self, day: date) -> None:
        """The committee, and everybody who will ever take part."""
        committee = Command(
            service="selection",
            path="/v1/committees",
            body={
                "name": "Selection committee",
                "programmes": [programme.code for programme in self.portfolio.programmes],
                "quorum": QUORUM,
                "members": [{"person_id": person, "kind": kind} for person, kind in MEMBERS],
                "chair": MEMBERS[1][0],
                "agenda_closes_days": 0,
            },
            by=SECRETARY,
            key=key_of("$", "committee"),
            origin="$.programmes",
        )
        self._do(day, [[committee], list(self._own_account()), *self._register()])

    def _own_account(self) -> Iterator[Command]:
        """Where payments leave from."""
        yield from _account("/v1/paying-account", 0, "$", by=TREASURER)

    def _register(self) -> Iterator[list[Command]]:
        """Organisations, and where each of them is paid."""
        for index, organisation in enumerate(self.portfolio.organisations):
            origin = f"$.organisations[{index}]"
            registered = Command(
                service="intake",
                path="/v1/organisations",
                body=organisation.model_dump(mode="json", exclude={"code"}),
                by=OFFICER,
                key=key_of(origin, "register"),
                origin=origin,
            )
            organisation_id = self._organisation_id(organisation.code)
            path = f"/v1/organisations/{organisation_id}/bank-account"
            by = of_organisation(organisation_id, "preparer")
            yield [registered, *_account(path, index + 1, origin, by=by)]

    # ── funders and programmes ──────────────────────────────────────────────────────────────

    def _pocket(self, happening: Happening) -> Iterator[Command]:
        agreement = self.portfolio.funder_agreements[happening.place[0]]
        if happening.step is Step.OPEN_POCKETS:
            yield Command(
                service="finance",
                path="/v1/funder-agreements",
                body={
                    "code": agreement.code,
                    "funder": agreement.funder,
                    "names": _names(agreement.names, agreement.code),
                    "opened_on": happening.on.isoformat(),
                    "pockets": [
                        {
                            "code": pocket.code,
                            "names": _names(pocket.names, pocket.code),
                            "authority": cents(pocket.authority_cents),
                        }
                        for pocket in agreement.pockets
                    ],
                },
                by=FINANCE,
                key=key_of(happening.path, "open"),
                origin=happening.path,
            )
            return
        _, index, change = happening.place
        pocket = agreement.pockets[index]
        yield Command(
            method="PUT",
            service="finance",
            path=f"/v1/funder-agreements/{agreement.code}/pockets/{pocket.code}",
            body={
                "authority": cents(pocket.changes[change].authority_cents),
                "effective_on": happening.on.isoformat(),
            },
            by=FINANCE,
            key=key_of(happening.path, "change"),
            origin=happening.path,
        )

    def _publish(self, happening: Happening) -> Iterator[Command]:
        programme = self.portfolio.programmes[happening.place[0]]
        names = _names(programme.names, programme.code)
        yield Command(
            service="intake",
            path="/v1/programmes",
            body={
                "code": programme.code,
                "names": names,
                "purpose": names,
                "phase": programme.phase,
                "pockets": [pocket.model_dump(mode="json") for pocket in programme.pockets],
                "reimbursement_rate_bp": programme.reimbursement_rate_bp,
                "holdback_bp": programme.holdback_bp,
                "claim_frequency": programme.claim_frequency,
                "survey_years": programme.survey_years,
                "rules": _rules(programme),
                "scoring_grid": [{"criterion": name, "out_of": most} for name, most in GRID],
                "cost_categories": [CATEGORY],
            },
            by=MANAGER,
            key=key_of(happening.path, "publish"),
            origin=happening.path,
        )
        closes_on = programme.call_closes_on
        yield Command(
            service="intake",
            path="/v1/calls",
            body={
                "programme_code": programme.code,
                "title": names,
                "opens_at": _midnight(happening.on),
                "closes_at": None
                if closes_on is None
                else _midnight(closes_on + timedelta(days=1)),
            },
            by=MANAGER,
            key=key_of(happening.path, "call"),
            origin=happening.path,
        )

    # ── applications and meetings ───────────────────────────────────────────────────────────

    def _organisation_id(self, code: str) -> UUID:
        return derived_id("organisation", self._organisations[code].business_number)

    def _application_id(self, number: int) -> UUID:
        return derived_id("application", key_of(f"$.projects[{number}]", "start"))

    def _participant_id(self, number: int, code: str) -> UUID:
        return derived_id("participant", self._application_id(number), self._organisation_id(code))

    def _award_id(self, number: int) -> UUID:
        meeting_id = self._meeting_id(self.portfolio.projects[number].awarded_on)
        return derived_id("award", self._application_id(number), meeting_id)

    def _agreement_id(self, number: int) -> UUID:
        return derived_id("agreement", self._award_id(number))

    def _meeting_id(self, day: date) -> UUID:
        return derived_id("meeting", key_of("$", f"meeting/{day}"))

    def _apply(self, happening: Happening) -> Iterator[Command]:
        (number,) = happening.place
        project = self.portfolio.projects[number]
        origin = happening.path
        lead = next(each for each in project.participants if each.role == "lead")
        lead_id = self._organisation_id(lead.organisation)
        applicant = of_organisation(lead_id, "preparer")
        place = f"/v1/applications/{self._application_id(number)}"
        programme_path, _ = self._programmes[project.programme]

        def ask(action: str, path: str, body: Any, by: Person, method: str = "POST") -> Command:
            return Command(
                method=method,
                service="intake",
                path=path,
                body=body,
                by=by,
                key=key_of(origin, action),
                origin=origin,
            )

        yield ask(
            "start",
            "/v1/applications",
            {
                "call_id": str(derived_id("call", key_of(programme_path, "call"))),
                "title": project.title,
                "starts_on": project.starts_on.isoformat(),
                "ends_on": project.ends_on.isoformat(),
                "lead_organisation_id": str(lead_id),
            },
            applicant,
        )
        consortium = {
            "participants": [
                {
                    "organisation_id": str(self._organisation_id(each.organisation)),
                    "role": each.role,
                }
                for each in project.participants
            ]
        }
        yield ask("consortium", f"{place}/consortium", consortium, applicant, "PUT")
        yield ask("budget", f"{place}/budget", self._budget(project), applicant, "PUT")
        yield ask("submit", f"{place}/submission", {"certified": True}, applicant)
        yield ask("eligible", f"{place}/eligibility", {"confirmed": True, "reasons": []}, OFFICER)
        yield ask(
            "assess",
            f"{place}/assessment",
            {
                "scores": [
                    {"criterion": name, "score": most * (6 + number % 4) // 10}
                    for name, most in GRID
                ],
                "summary": f"{project.title}: complete and eligible.",
            },
            OFFICER,
        )

    def _budget(self, project: Project) -> dict[str, Any]:
        """Cash costs are public money plus match in cash, per participant and quarter."""
        requests: dict[tuple[str, str], int] = defaultdict(int)
        for cell in project.funding:
            requests[cell.participant, str(cell.quarter)] += cell.cents
        cash, in_kind = defaultdict(int, requests), defaultdict[tuple[str, str], int](int)
        for share in project.match:
            cash[share.participant, str(share.quarter)] += share.cash_cents
            in_kind[share.participant, str(share.quarter)] += share.in_kind_cents
        return {
            "costs": [
                {
                    "organisation_id": str(self._organisation_id(code)),
                    "category": CATEGORY,
                    "quarter": quarter,
                    "cash": cents(cash[code, quarter]),
                    "in_kind": cents(in_kind[code, quarter]),
                }
                for code, quarter in sorted(cash.keys() | in_kind.keys())
            ],
            "requests": [
                {
                    "organisation_id": str(self._organisation_id(code)),
                    "quarter": quarter,
                    "amount": cents(amount),
                }
                for (code, quarter), amount in sorted(requests.items())
            ],
            "other_government": None,
        }

    def _meet(self, day: date, decided: list[Happening]) -> None:
        """The applications of the day go before the committee, which meets and decides."""
        self._do(day, [[self._forward(each)] for each in decided])
        self.wire.settle()
        self._do(day, [list(self._meeting(day, decided))])
        self.wire.settle()

    def _forward(self, happening: Happening) -> Command:
        (number,) = happening.place
        project = self.portfolio.projects[number]
        return Command(
            service="intake",
            path=f"/v1/applications/{self._application_id(number)}/forwarding",
            body={
                "funding": [
                    {
                        "organisation_id": str(self._organisation_id(cell.participant)),
                        "pocket": cell.pocket,
                        "quarter": str(cell.quarter),
                        "amount": cents(cell.cents),
                    }
                    for cell in project.funding
                ]
            },
            by=OFFICER,
            key=key_of(happening.path, "forward"),
            origin=f"{happening.path}.funding",
        )

    def _meeting(self, day: date, decided: list[Happening]) -> Iterator[Command]:
        place = f"/v1/meetings/{self._meeting_id(day)}"
        first = decided[0].path

        def ask(action: str, path: str, body: Any, origin: str = first) -> Command:
            return Command(
                service="selection",
                path=path,
                body=body,
                by=SECRETARY,
                key=key_of("$", f"{action}/{day}"),
                origin=origin,
            )

        present = [person for person, _ in MEMBERS]
        yield ask(
            "meeting",
            f"/v1/committees/{self._committee_id}/meetings",
            {"held_on": day.isoformat()},
        )
        yield ask("open", f"{place}/opening", {"present": present})
        conflicted: dict[int, str] = {}
        if len(decided) >= BUSY_MEETING:
            number = decided[0].place[0]
            conflicted[number] = MEMBERS[0][0]
            interest = {
                "application_id": str(self._application_id(number)),
                "person_id": conflicted[number],
            }
            yield ask("conflict", f"{place}/conflicts", interest)
        for happening in decided:
            (number,) = happening.place
            yield ask(
                f"decide/{number}",
                f"{place}/items/{self._application_id(number)}/decision",
                self._decision(number, [p for p in present if p != conflicted.get(number)]),
                happening.path,
            )
        yield ask("seal", f"{place}/sealing", {})

    def _decision(self, number: int, voters: list[str]) -> dict[str, Any]:
        project = self.portfolio.projects[number]
        funds = project.decision == "fund"
        return {
            "outcome": project.decision,
            "votes": [
                {"person_id": person, "vote": "for" if funds else "against"} for person in voters
            ],
            "reasons": [] if funds else ["Other applications ranked higher."],
            "funding": None,
            "lapses_on": lapses_on(project).isoformat() if funds else None,
        }

    # ── a project under agreement ───────────────────────────────────────────────────────────

    def _in_project(self, happening: Happening) -> Iterator[Command]:
        number, *place = happening.place
        project = self.portfolio.projects[number]
        day = happening.on.isoformat()
        match happening.step:
            case Step.EXECUTE:
                yield from self._sign(happening, number, project)
            case Step.AMEND:
                amendment = project.amendments[place[0]]
                self._ends_on[number] = amendment.ends_on or self._ends_on[number]
                amendment_id = derived_id("amendment", key_of(happening.path, "propose"))
                path = f"/amendments/{amendment_id}/approval"
                yield self._claims(happening, number, "amend", path, {}, MANAGER)
            case Step.SUBMIT_CLAIM:
                yield from self._submit(happening, number, project.claims[place[0]])
            case Step.APPROVE_CLAIM:
                claim = project.claims[place[0]]
                path = f"/claims/{self._claim_id(happening.path)}"
                lines = {"lines": _accepted(claim)}
                yield self._claims(
                    happening, number, "assess", f"{path}/assessment", lines, ANALYST
                )
                yield self._claims(happening, number, "approve", f"{path}/approval", {}, APPROVER)
            case Step.TERMINATE if project.termination is not None:
                body = {"terminated_on": day, "reason": project.termination.reason}
                yield self._claims(happening, number, "terminate", "/termination", body, AGREEMENTS)
            case Step.COMPLETE:
                body = {"completed_on": day}
                yield self._claims(happening, number, "complete", "/completion", body, AGREEMENTS)
            case _:
                raise AssertionError("unreachable")

    def _propose(self, day: date, amendments: list[Happening]) -> None:
        """The amendments of a day; money that one adds is reserved before it is approved."""
        lanes: dict[int, list[Command]] = defaultdict(list)
        for happening in amendments:
            number, place = happening.place
            body = self._amendment(number, self.portfolio.projects[number].amendments[place])
            lanes[number].append(
                self._claims(happening, number, "propose", "/amendments", body, AGREEMENTS)
            )
        self._do(day, lanes.values())
        if amendments:
            self.wire.settle()

    def _pay(self, day: date, happenings: list[Happening]) -> Iterator[Command]:
        """All payments of a day leave together, in as few runs as they fit into."""
        for start in range(0, len(happenings), MOST_IN_A_RUN):
            yield from self._run(day, happenings[start : start + MOST_IN_A_RUN])

    def _run(self, day: date, payments: list[Happening]) -> Iterator[Command]:
        origin = payments[0].path
        run_id = derived_id("payment-run", key_of(origin, "propose"))
        place = f"/v1/payment-runs/{run_id}"
        items = []
        results = []
        for happening in payments:
            claim_id = self._claim_id(happening.path.rpartition(".payments")[0])
            payment_id = derived_id("payment", run_id, claim_id)
            self._payment_ids[happening.path] = payment_id
            agreement_id = self._agreement_id(happening.place[0])
            items.append({"agreement_id": str(agreement_id), "payable_id": str(claim_id)})
            results.append({"payment_id": str(payment_id), "paid_on": day.isoformat()})
        proposal = {"execution_on": day.isoformat(), "items": items}
        for action, path, body, by in (
            ("propose", "/v1/payment-runs", proposal, PAYER),
            ("approve", f"{place}/approval", {}, FINANCE),
            ("export", f"{place}/export", {}, PAYER),
            ("confirm", f"{place}/confirmations", {"results": results}, PAYER),
        ):
            yield Command(
                service="claims",
                path=path,
                body=body,
                by=by,
                key=key_of(origin, action),
                origin=origin,
            )

    def _take_back(self, happening: Happening) -> Iterator[Command]:
        body = {"returned_on": happening.on.isoformat(), "reason": "The account is closed."}
        path = f"/payments/{self._payment_ids[happening.path]}/return"
        yield self._claims(happening, happening.place[0], "return", path, body, PAYER)

    def _claims(  # noqa: PLR0917  # what, to whom, how, and by whom: always in this order
        self, happening: Happening, number: int, action: str, path: str, body: Any, by: Person
    ) -> Command:
        return Command(
            service="claims",
            path=f"/v1/agreements/{self._agreement_id(number)}{path}",
            body=body,
            by=by,
            key=key_of(happening.path, action),
            origin=happening.path,
        )

    def _claim_id(self, claim_path: str) -> UUID:
        return derived_id("claim", key_of(claim_path, "draft"))

    def _sign(self, happening: Happening, number: int, project: Project) -> Iterator[Command]:
        for participant in project.participants:
            signatory = of_organisation(
                self._organisation_id(participant.organisation), "certifier"
            )
            participant_id = self._participant_id(number, participant.organisation)
            yield self._claims(
                happening,
                number,
                f"sign/{participant.organisation}",
                "/signatures",
                {"participant_id": str(participant_id)},
                signatory,
            )
        body = {"executed_on": happening.on.isoformat()}
        yield self._claims(happening, number, "execute", "/execution", body, AGREEMENTS)

    def _amendment(self, number: int, amendment: Amendment) -> dict[str, Any]:
        return {
            "kind": amendment.kind,
            "ends_on": amendment.ends_on and amendment.ends_on.isoformat(),
            "funding": [
                {
                    "participant_id": str(self._participant_id(number, change.participant)),
                    "pocket": change.pocket,
                    "quarter": str(change.quarter),
                    "amount": cents(change.cents),
                }
                for change in amendment.funding
            ],
            "match": [
                {
                    "participant_id": str(self._participant_id(number, change.participant)),
                    "quarter": str(change.quarter),
                    "cash": cents(change.cash_cents),
                    "in_kind": cents(change.in_kind_cents),
                }
                for change in amendment.match
            ],
            "effective_on": amendment.effective_on.isoformat(),
        }

    def _submit(self, happening: Happening, number: int, claim: Claim) -> Iterator[Command]:
        project = self.portfolio.projects[number]
        starts_on, ends_on = claim_period(claim, project.starts_on, self._ends_on[number])
        organisation_id = self._organisation_id(claim.participant)
        body = {
            "participant_id": str(self._participant_id(number, claim.participant)),
            "period_starts_on": starts_on.isoformat(),
            "period_ends_on": ends_on.isoformat(),
            "lines": [
                {
                    "category": CATEGORY,
                    "cash": cents(claim.cash_cents),
                    "in_kind": cents(claim.in_kind_cents),
                    "incurred_from": starts_on.isoformat(),
                    "incurred_to": ends_on.isoformat(),
                    "paid_on": ends_on.isoformat() if claim.cash_cents else None,
                }
            ],
            "forecast": None
            if claim.forecast is None
            else [
                {"quarter": str(cell.quarter), "amount": cents(cell.cents)}
                for cell in claim.forecast
            ],
        }
        preparer = of_organisation(organisation_id, "preparer")
        yield self._claims(happening, number, "draft", "/claims", body, preparer)
        path = f"/claims/{self._claim_id(happening.path)}/certification"
        certifier = of_organisation(organisation_id, "certifier")
        yield self._claims(happening, number, "certify", path, {}, certifier)

    # ── finance ─────────────────────────────────────────────────────────────────────────────

    def _with_funders(self, steps: dict[Step, list[Happening]]) -> list[list[Command]]:
        lanes: dict[Any, list[Command]] = defaultdict(list)
        for happening in steps[Step.DRAW_DOWN]:
            drawdown = self.portfolio.drawdowns[happening.place[0]]
            body: dict[str, Any] = {
                "funder_agreement": drawdown.funder_agreement,
                "submitted_on": happening.on.isoformat(),
                "pockets": [
                    {"pocket": each.pocket, "amount": cents(each.cents)}
                    for each in drawdown.pockets
                ],
            }
            lanes[happening.place[0]].append(_finance(happening, "/v1/drawdowns", body))
        for happening in steps[Step.RECEIVE]:
            index, receipt = happening.place
            drawdown_id = derived_id("drawdown", key_of(f"$.drawdowns[{index}]", "do"))
            body = {
                "received_on": happening.on.isoformat(),
                "amount": cents(self.portfolio.drawdowns[index].receipts[receipt].cents),
            }
            path = f"/v1/drawdowns/{drawdown_id}/receipts"
            lanes[index].append(_finance(happening, path, body))
        for happening in steps[Step.RECORD_ACTUAL]:
            actual = self.portfolio.actuals[happening.place[0]]
            body = {
                "kind": actual.kind,
                "code": actual.code,
                "amount": cents(actual.cents),
                "happened_on": happening.on.isoformat(),
            }
            lanes["actual", happening.place[0]].append(_finance(happening, "/v1/actuals", body))
        return list(lanes.values())

    def _approve_plan(self, day: date) -> Iterator[Command]:
        place = f"/v1/plans/{self.portfolio.fiscal_year}"
        yield Command(
            method="PUT",
            service="finance",
            path=f"{place}/lines",
            body={
                "lines": [
                    {
                        "kind": line.kind,
                        "code": line.code,
                        "programme": line.programme,
                        "quarter": str(line.quarter),
                        "amount": cents(line.cents),
                    }
                    for line in self.portfolio.plan.lines
                ]
            },
            by=FINANCE,
            key=key_of("$.plan.lines", "set"),
            origin="$.plan.lines",
        )
        yield Command(
            service="finance",
            path=f"{place}/approval",
            body={"approved_on": day.isoformat()},
            by=FINANCE,
            key=key_of("$.plan", "approve"),
            origin="$.plan.approved_on",
        )


def _account(path: str, number: int, origin: str, *, by: Person) -> Iterator[Command]:
    """An invented bank account, and somebody else in finance who verifies it."""
    key = key_of(origin, "account")
    yield Command(
        method="PUT",
        service="claims",
        path=path,
        body={
            "institution": "001",
            "transit": "00001",
            "number": f"{number:07}",
            "holder": "Invented for the demo",
        },
        by=by,
        key=key,
        origin=origin,
    )
    yield Command(
        service="claims",
        path=f"{path}/verification",
        body={"account_id": str(derived_id("bank-account", key))},
        by=FINANCE,
        key=key_of(origin, "verify"),
        origin=origin,
    )


def _finance(happening: Happening, path: str, body: Any) -> Command:
    return Command(
        service="finance",
        path=path,
        body=body,
        by=FINANCE,
        key=key_of(happening.path, "do"),
        origin=happening.path,
    )


def _names(names: Any, code: str) -> dict[str, str]:
    return {"en": code, "fr": code} if names is None else names.model_dump()


def _rules(programme: Programme) -> list[dict[str, Any]]:
    """What is always asked, and what the programme asks beside it."""
    always = ("call-open", "public-share-within-rate", "business-numbers-valid")
    rules: list[dict[str, Any]] = [{"name": name, "parameters": {}} for name in always]
    for rule in programme.rules:
        parameters = {
            name: value
            for name in ("at_least", "at_most_bp")
            if (value := getattr(rule, name)) is not None
        }
        rules.append({"name": rule.name, "parameters": parameters})
    return rules


def _accepted(claim: Claim) -> list[dict[str, Any]]:
    """What the analyst accepts of the claim's one line; nothing said: all of it."""
    cash, in_kind = claim.accepted_cash_cents, claim.accepted_in_kind_cents
    if cash is None and in_kind is None:
        return []
    return [
        {
            "line": 0,
            "cash": cents(claim.cash_cents if cash is None else cash),
            "in_kind": cents(claim.in_kind_cents if in_kind is None else in_kind),
            "code": "not-eligible-category",
            "reason": "Some of the costs are not eligible.",
        }
    ]


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), tzinfo=TORONTO).isoformat()
