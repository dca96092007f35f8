"""Claims in full, over HTTP and Kafka: one project from its application to its surveys."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest

from deploy.demo.wire import cents
from deploy.local import LocalStack
from shared.kernel.identifiers import derived_id
from tests.journeys.town import (
    AGREEMENTS,
    ANALYST,
    APPROVER,
    FED,
    FINANCE,
    INTAKE,
    MANAGER,
    MEMBERS,
    PAYER,
    QC,
    SECRETARY,
    TREASURER,
    Firm,
    Stands,
    Town,
    bank_account,
    paid_in_a_run,
    register,
    say_where_to_pay,
)

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.kafka]

PROGRAMME = {
    "code": "AI",
    "names": {"en": "AI in industry", "fr": "L’IA dans l’industrie"},
    "purpose": {"en": "Better industry", "fr": "Une meilleure industrie"},
    "phase": "P1",
    # A Québec participant has a quarter of its money from Québec.
    "pockets": [{"code": QC, "provinces": ["QC"], "share_bp": 2_500}, {"code": FED}],
    "reimbursement_rate_bp": 5_000,
    "holdback_bp": 1_000,
    "claim_frequency": "quarterly",
    "survey_years": 2,
    "rules": [{"name": "call-open"}, {"name": "public-share-within-rate"}],
    "scoring_grid": [{"criterion": "merit", "out_of": 100}],
    "cost_categories": ["labour", "equipment"],
    "claims": {
        "categories": [
            {"category": "labour", "overhead_bp": 1_000},
            {"category": "equipment", "share_bp": 500},
        ],
        "participant_share_bp": 9_000,
        "stacking_limit_bp": 7_500,
        "in_kind_share_bp": 2_000,
        "advances_allowed": True,
        "reports_hold_payments": True,
        "claim_due_days": 45,
        "approval_levels": [
            {"role": "claims-approver", "up_to": cents(50_000_00)},
            {"role": "programme-manager"},
        ],
        "overdue_interest_bp": 600,
    },
}

FED_BEFORE = Stands(authority=1_000_000_00)
QC_BEFORE = Stands(authority=100_000_00)

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@dataclass
class Project:
    """What the stages find out and hand on."""

    town: Town
    lead: Firm
    provider: Firm
    stranger: Firm
    fed: Stands
    qc: Stands
    application_id: UUID
    agreement_id: UUID
    claims: dict[UUID, UUID]
    """Claim by organisation."""
    advance_id: UUID

    @property
    def place(self) -> str:
        """Where the agreement is."""
        return f"/agreements/{self.agreement_id}"

    def participant(self, firm: Firm) -> str:
        """The id under which a firm takes part."""
        return str(derived_id("participant", self.application_id, firm.id))

    def must_stand(self) -> None:
        """All services say what the stages so far led to."""
        self.town.must_stand(self.fed, self.qc, self.agreement_id)


@pytest.fixture
def town(
    tmp_path_factory: pytest.TempPathFactory,
    kafka_bootstrap: str,  # noqa: ARG001  # skips where Kafka cannot be had
) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("claims")
    stack = LocalStack(folder / "data", transport="kafka", simulated_clock=True, fresh=True)
    with stack:
        town = Town(stack)
        yield town
        town.close()


def test_from_organisations_to_surveys(town: Town) -> None:
    """Every stage leaves each cent in one place, the same in claims, finance and selection."""
    project = award(town)
    sign_and_execute(project)
    advance(project)
    claim(project)
    a_stranger_sees_nothing(project)
    assess_and_approve(project)
    pay(project)
    return_and_pay_again(project)
    extend(project)
    recover(project)
    complete(project)
    follow_up(project)
    a_stranger_sees_nothing(project)


# ── from organisations to an award ──────────────────────────────────────────────────────────


def award(town: Town) -> Project:
    """Pockets, organisations, a call, an application and a meeting that funds it."""
    town.it_is(date(2022, 12, 1))
    for code, stands in ((FED, FED_BEFORE), (QC, QC_BEFORE)):
        names = {"en": code, "fr": code}
        town.done(
            FINANCE,
            "finance",
            "/funder-agreements",
            {
                "code": f"{code}-1",
                "funder": code,
                "names": names,
                "opened_on": "2022-12-01",
                "pockets": [{"code": code, "names": names, "authority": cents(stands.authority)}],
            },
        )
    committee = town.done(
        SECRETARY,
        "selection",
        "/committees",
        {
            "name": "Selection committee",
            "programmes": ["AI"],
            "quorum": 2,
            "members": [{"person_id": person, "kind": "independent"} for person in MEMBERS],
            "chair": MEMBERS[0],
            "agenda_closes_days": 0,
        },
    )
    ours = "/paying-account"
    town.done(TREASURER, "claims", ours, bank_account("7654321"), method="PUT")
    checked = {"account_id": town.get(FINANCE, "claims", ours)["account_id"]}
    verification = f"{ours}/verification"
    assert town.refused(TREASURER, "claims", verification, checked) == [
        "verifier-recorded-the-account"
    ]
    town.done(FINANCE, "claims", verification, checked)
    lead = register(
        town, number="123026635", name="Fonderie inc.", province="QC", account="1111111"
    )
    provider = register(
        town, number="100000009", name="Vision Ltd.", province="ON", account="2222222"
    )
    stranger = register(
        town, number="100000017", name="Other Ltd.", province="ON", account="3333333"
    )

    town.wire.settle()
    town.done(MANAGER, "intake", "/programmes", PROGRAMME)
    call_id = town.done(
        MANAGER,
        "intake",
        "/calls",
        {
            "programme_code": "AI",
            "title": PROGRAMME["names"],
            "opens_at": "2022-12-01T00:00:00-05:00",
        },
    )
    town.it_is(date(2023, 1, 16))
    application_id = apply(town, call_id, lead, provider)
    town.must_stand(FED_BEFORE, QC_BEFORE)

    town.it_is(date(2023, 2, 9))
    town.done(INTAKE, "intake", f"/applications/{application_id}/forwarding")
    town.wire.settle()
    meeting = town.done(
        SECRETARY, "selection", f"/committees/{committee}/meetings", {"held_on": "2023-02-09"}
    )
    place = f"/meetings/{meeting}"
    town.done(SECRETARY, "selection", f"{place}/opening", {"present": list(MEMBERS)})
    town.done(
        SECRETARY,
        "selection",
        f"{place}/items/{application_id}/decision",
        {
            "outcome": "fund",
            "votes": [{"person_id": person, "vote": "for"} for person in MEMBERS],
            "lapses_on": "2023-06-30",
        },
    )
    town.done(SECRETARY, "selection", f"{place}/sealing")
    town.wire.settle()
    (agreement,) = town.get(lead.preparer, "claims", "/agreements")["items"]
    assert agreement["state"] == "drafted"
    project = Project(
        town=town,
        lead=lead,
        provider=provider,
        stranger=stranger,
        fed=FED_BEFORE.moved(reserved=150_000_00),
        qc=QC_BEFORE.moved(reserved=30_000_00),
        application_id=application_id,
        agreement_id=UUID(agreement["agreement_id"]),
        claims={},
        advance_id=UUID(int=0),
    )
    project.must_stand()
    return project


def apply(town: Town, call_id: UUID, lead: Firm, provider: Firm) -> UUID:
    """Half of all cash costs is asked for: 120,000 by the lead and 60,000 by the provider."""
    application_id = town.done(
        lead.preparer,
        "intake",
        "/applications",
        {
            "call_id": str(call_id),
            "title": "Better foundries",
            "starts_on": "2023-04-01",
            "ends_on": "2023-09-30",
            "lead_organisation_id": str(lead.id),
        },
    )
    place = f"/applications/{application_id}"
    roles = ((lead, "lead"), (provider, "ai-provider"))
    consortium = {
        "participants": [{"organisation_id": str(firm.id), "role": role} for firm, role in roles]
    }
    town.done(lead.preparer, "intake", f"{place}/consortium", consortium, method="PUT")
    asked = (
        (lead, "2024-T1", 80_000_00),
        (lead, "2024-T2", 40_000_00),
        (provider, "2024-T1", 40_000_00),
        (provider, "2024-T2", 20_000_00),
    )
    budget = {
        "costs": [
            {
                "organisation_id": str(firm.id),
                "category": "labour",
                "quarter": quarter,
                "cash": cents(2 * public),
                "in_kind": cents(5_000_00),
            }
            for firm, quarter, public in asked
        ],
        "requests": [
            {"organisation_id": str(firm.id), "quarter": quarter, "amount": cents(public)}
            for firm, quarter, public in asked
        ],
    }
    town.done(lead.preparer, "intake", f"{place}/budget", budget, method="PUT")
    town.done(lead.certifier, "intake", f"{place}/submission", {"certified": True})
    town.done(INTAKE, "intake", f"{place}/eligibility", {"confirmed": True})
    scores = {"scores": [{"criterion": "merit", "score": 90}], "summary": "Complete."}
    town.done(INTAKE, "intake", f"{place}/assessment", scores)
    return application_id


def sign_and_execute(project: Project) -> None:
    """All parties sign, the agreement is executed: what was reserved is committed."""
    town = project.town
    town.it_is(date(2023, 3, 15))
    signature = {"participant_id": project.participant(project.provider)}
    path = f"{project.place}/signatures"
    assert town.refused(project.lead.certifier, "claims", path, signature) == [
        "not-your-organisation"
    ]
    for firm in (project.lead, project.provider):
        body = {"participant_id": project.participant(firm)}
        town.done(firm.certifier, "claims", path, body)
    body = {"executed_on": "2023-03-15"}
    town.done(AGREEMENTS, "claims", f"{project.place}/execution", body)
    project.fed = project.fed.moved(reserved=-150_000_00, committed=150_000_00)
    project.qc = project.qc.moved(reserved=-30_000_00, committed=30_000_00)
    project.must_stand()


# ── an advance ──────────────────────────────────────────────────────────────────────────────


def advance(project: Project) -> None:
    """24,000 is advanced out of the first quarter, three to one over its pockets, and paid."""
    town, lead = project.town, project.lead
    town.it_is(date(2023, 4, 3))
    body = {
        "participant_id": project.participant(lead),
        "months": [
            {"month": f"2023-{month:02}-01", "amount": cents(8_000_00)} for month in (4, 5, 6)
        ],
    }
    path = f"{project.place}/advances"
    assert town.refused(project.provider.preparer, "claims", path, body) == [
        "not-your-organisation"
    ]
    project.advance_id = town.done(lead.preparer, "claims", path, body)
    project.must_stand()
    assert "advance-still-open" in town.refused(lead.preparer, "claims", path, body)

    town.done(APPROVER, "claims", f"{path}/{project.advance_id}/approval")
    project.fed = project.fed.moved(committed=-18_000_00, payable=18_000_00)
    project.qc = project.qc.moved(committed=-6_000_00, payable=6_000_00)
    project.must_stand()

    town.it_is(date(2023, 4, 11))
    paid_in_a_run(
        town,
        date(2023, 4, 11),
        [(project.agreement_id, project.advance_id)],
        but=("approver-proposed-the-run",),
    )
    project.fed = project.fed.moved(payable=-18_000_00, paid=18_000_00)
    project.qc = project.qc.moved(payable=-6_000_00, paid=6_000_00)
    project.must_stand()
    shown = town.get(lead.preparer, "claims", f"{path}/{project.advance_id}")
    # 45 days after the end of the quarter.
    assert (shown["state"], shown["reconcile_by"]) == ("outstanding", "2023-08-14")


# ── claims ──────────────────────────────────────────────────────────────────────────────────


def claim(project: Project) -> None:
    """Both claim the first quarter, the lead with a document; one prepares, another certifies."""
    town, lead = project.town, project.lead
    town.it_is(date(2023, 7, 10))
    path = f"{project.place}/documents"
    content = b"Timesheets of the first quarter."
    kept = [town.ask(lead.preparer, "POST", "claims", path, content=content) for _ in range(2)]
    assert [answer.status_code for answer in kept] == [201, 201]
    document = kept[0].json()["sha256"]
    assert document == kept[1].json()["sha256"] == sha256(content).hexdigest()
    read = town.ask(ANALYST, "GET", "claims", f"{path}/{document}")
    assert read.content == content
    provided = town.ask(project.provider.preparer, "GET", "claims", f"{path}/{document}")
    assert provided.status_code == 404

    lines = [
        cost("labour", 80_000_33, in_kind=cents(2_000_00), document_sha256=document),
        cost("equipment", 20_000_01),
    ]
    draft(project, lead, lines)
    draft(project, project.provider, [cost("labour", 30_000_00)])
    for firm in (lead, project.provider):
        place = f"{project.place}/claims/{project.claims[firm.id]}"
        path = f"{place}/certification"
        assert town.refused(firm.preparer, "claims", path) == ["certifier-prepared-the-claim"]
        town.done(firm.certifier, "claims", path)
    project.must_stand()


def cost(category: str, cash: int, **more: Any) -> dict[str, Any]:
    """A cost of the first quarter."""
    return {
        "category": category,
        "cash": cents(cash),
        "incurred_from": "2023-04-03",
        "incurred_to": "2023-06-30",
        "paid_on": "2023-06-30",
        **more,
    }


def draft(project: Project, firm: Firm, lines: list[dict[str, Any]]) -> None:
    """Draft a claim; the same key with other words in it is refused, and drafts nothing."""
    town = project.town
    body: dict[str, Any] = {
        "participant_id": project.participant(firm),
        "period_starts_on": "2023-04-01",
        "period_ends_on": "2023-06-30",
        "lines": lines,
    }
    key, path = uuid4(), f"{project.place}/claims"
    made = [town.ask(firm.preparer, "POST", "claims", path, body, key=key) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    other = body | {"nil": True, "lines": []}
    assert town.ask(firm.preparer, "POST", "claims", path, other, key=key).status_code == 422
    project.claims[firm.id] = UUID(made[0].json()["id"])
    town.wire.settle()
    (shown,) = town.get(firm.preparer, "claims", "/claims")["items"]
    assert shown["claim_id"] == str(project.claims[firm.id])


def assess_and_approve(project: Project) -> None:
    """
    The lead's claim is queried, reduced and approved at the level of its amount.

    Labour 80,000.33 with overhead 88,000.36, equipment reduced to 12,000.01 and capped at 5 % of
    240,000.00: half of 100,000.36 is 50,000.18. Of it 5,000.02 is held back, 24,000.00 was
    advanced, and 21,000.16 is payable.
    """
    town, lead = project.town, project.lead
    place = f"{project.place}/claims/{project.claims[lead.id]}"
    town.it_is(date(2023, 7, 14))
    question = {"questions": [{"text": "Which machine is it?", "line": 1}]}
    query = town.done(ANALYST, "claims", f"{place}/queries", question)
    assert town.refused(ANALYST, "claims", f"{place}/assessment") == ["query-open"]
    town.it_is(date(2023, 7, 18))
    answer = {"text": "The furnace, and its packing."}
    town.done(lead.preparer, "claims", f"{place}/queries/{query}/answer", answer)

    town.it_is(date(2023, 7, 20))
    reduced = {
        "line": 1,
        "cash": cents(12_000_01),
        "code": "unreasonable",
        "reason": "The packing is not part of the project.",
    }
    town.done(ANALYST, "claims", f"{place}/assessment", {"lines": [reduced]})
    approval = f"{place}/approval"
    assert town.refused(ANALYST, "claims", approval) == ["approver-handled-the-claim"]
    assert town.refused(APPROVER, "claims", approval) == ["amount-above-your-level"]
    project.must_stand()
    town.done(MANAGER, "claims", approval)
    assert town.refused(MANAGER, "claims", approval) == ["claim-already-approved"]
    project.fed = project.fed.moved(committed=-19_500_14, payable=15_750_12, held_back=3_750_02)
    project.qc = project.qc.moved(committed=-6_500_04, payable=5_250_04, held_back=1_250_00)
    project.must_stand()
    shown = town.get(lead.preparer, "claims", place)
    assert {step["rule"]: step["amount"]["cents"] for step in shown["steps"]} == {
        "accepted": 92_000_34,
        "overhead": 100_000_37,
        "rate": 50_000_19,
        "category-cap": 50_000_18,
        "participant-cap": 50_000_18,
        "stacking": 50_000_18,
        "commitment": 50_000_18,
        "holdback": 45_000_16,
        "advance-set-off": 21_000_16,
        "recovery-set-off": 21_000_16,
    }
    assert [(each["pocket"], each["amount"]["cents"]) for each in shown["advance_set_off"]] == [
        (FED, 18_000_00),
        (QC, 6_000_00),
    ]
    settled = town.get(lead.preparer, "claims", f"{project.place}/advances/{project.advance_id}")
    assert settled["state"] == "settled"
    reported = town.ledger("match-reported", participant_id=project.participant(lead))
    assert reported == 100_000_37 - 50_000_18 + 2_000_00

    theirs = f"{project.place}/claims/{project.claims[project.provider.id]}"
    town.done(ANALYST, "claims", f"{theirs}/assessment")
    town.done(APPROVER, "claims", f"{theirs}/approval")
    # Half of 33,000.00, a tenth of it held back.
    project.fed = project.fed.moved(committed=-16_500_00, payable=14_850_00, held_back=1_650_00)
    project.must_stand()


# ── payments ────────────────────────────────────────────────────────────────────────────────


def pay(project: Project) -> None:
    """An overdue report holds both payments; then they leave together, as the file says."""
    town = project.town
    day = date(2023, 8, 2)
    town.it_is(day)
    items = [(project.agreement_id, claim_id) for claim_id in project.claims.values()]
    proposal = {
        "execution_on": day.isoformat(),
        "items": [
            {"agreement_id": str(agreement), "payable_id": str(payable)}
            for agreement, payable in items
        ],
    }
    held = town.refused(PAYER, "claims", "/payment-runs", proposal)
    assert held == ["report-holds-payment"] * 2
    report(project, "2024-T1")
    place, _ = paid_in_a_run(town, day, items, but=("approver-proposed-the-run",))
    project.fed = project.fed.moved(payable=-30_600_12, paid=30_600_12)
    project.qc = project.qc.moved(payable=-5_250_04, paid=5_250_04)
    project.must_stand()
    assert transfers(town, place) == {"1111111": "21000.16", "2222222": "14850.00"}
    assert town.refused(PAYER, "claims", "/payment-runs", proposal) == ["nothing-payable"] * 2


def report(project: Project, period: str) -> None:
    """Both participants say how it goes."""
    for firm in (project.lead, project.provider):
        body = {
            "participant_id": project.participant(firm),
            "period": period,
            "text": "The furnace works.",
        }
        project.town.done(firm.preparer, "claims", f"{project.place}/reports", body)


def transfers(town: Town, run: str) -> dict[str, str]:
    """What the file for the bank pays to which account; the file is the one that was made."""
    file = town.ask(PAYER, "GET", "claims", f"{run}/files/pain.001")
    kept = {each["format"]: each["sha256"] for each in town.get(PAYER, "claims", run)["files"]}
    assert sha256(file.content).hexdigest() == kept["pain.001"]
    # Our own file, of this moment.
    document = ET.fromstring(file.content)  # noqa: S314
    paid = {
        each.findtext("p:CdtrAcct/p:Id/p:Othr/p:Id", "", PAIN): each.findtext(
            "p:Amt/p:InstdAmt", "", PAIN
        )
        for each in document.iterfind(".//p:CdtTrfTxInf", PAIN)
    }
    total = document.findtext(".//p:GrpHdr/p:CtrlSum", "", PAIN)
    assert round(100 * float(total)) == sum(round(100 * float(each)) for each in paid.values())
    return paid


def return_and_pay_again(project: Project) -> None:
    """A payment comes back, is payable again, and leaves in another run to another account."""
    town, lead = project.town, project.lead
    town.it_is(date(2023, 8, 8))
    claim_id = project.claims[lead.id]
    statement = town.get(PAYER, "claims", project.place)
    (payment,) = [
        each["payment_id"] for each in statement["payments"] if each["claim_id"] == str(claim_id)
    ]
    path = f"{project.place}/payments/{payment}/return"
    body = {"returned_on": "2023-08-08", "reason": "account closed"}
    town.done(PAYER, "claims", path, body)
    project.fed = project.fed.moved(payable=15_750_12, paid=-15_750_12)
    project.qc = project.qc.moved(payable=5_250_04, paid=-5_250_04)
    project.must_stand()
    assert town.refused(PAYER, "claims", path, body) == ["payment-already-returned"]

    say_where_to_pay(town, lead, "4444444")
    town.it_is(date(2023, 8, 10))
    place, payments = paid_in_a_run(town, date(2023, 8, 10), [(project.agreement_id, claim_id)])
    assert str(payments[claim_id]) != payment
    project.fed = project.fed.moved(payable=-15_750_12, paid=15_750_12)
    project.qc = project.qc.moved(payable=-5_250_04, paid=5_250_04)
    project.must_stand()
    assert transfers(town, place) == {"4444444": "21000.16"}


# ── what changes afterwards ─────────────────────────────────────────────────────────────────


def extend(project: Project) -> None:
    """Three more months: the lead's last 10,000.00 of federal money move there, none is added."""
    town, lead = project.town, project.lead
    town.it_is(date(2023, 8, 15))
    moved = (("2024-T2", -10_000_00), ("2024-T3", 10_000_00))
    body = {
        "kind": "time-extension",
        "ends_on": "2023-12-31",
        "funding": [
            {
                "participant_id": project.participant(lead),
                "pocket": FED,
                "quarter": quarter,
                "amount": cents(amount),
            }
            for quarter, amount in moved
        ],
        "effective_on": "2023-08-15",
    }
    amendments = f"{project.place}/amendments"
    approval = f"{amendments}/{town.done(AGREEMENTS, 'claims', amendments, body)}/approval"
    assert town.refused(AGREEMENTS, "claims", approval) == ["approver-proposed-the-amendment"]
    town.done(MANAGER, "claims", approval)
    project.must_stand()
    assert town.get(AGREEMENTS, "claims", project.place)["ends_on"] == "2023-12-31"
    planned = {
        quarter: town.ledger(
            "committed", participant_id=project.participant(lead), pocket=FED, quarter=quarter
        )
        for quarter, _ in moved
    }
    assert planned == {"2024-T2": 20_000_00, "2024-T3": 10_000_00}


def recover(project: Project) -> None:
    """
    An audit asks 1,200.01 back, which comes late and with interest, and is in its pockets again.

    6 % a year, compounded monthly: 6.00 for the first month and 0.97 for five days of the next.
    """
    town, lead = project.town, project.lead
    town.it_is(date(2023, 8, 21))
    parts = ((FED, 1_000_01), (QC, 200_00))
    body = {
        "participant_id": project.participant(lead),
        "parts": [
            {"pocket": pocket, "quarter": "2024-T1", "amount": cents(amount)}
            for pocket, amount in parts
        ],
        "due_on": "2023-09-20",
        "reason": "Costs of another project.",
    }
    path = f"{project.place}/recoveries"
    recovery = town.done(AGREEMENTS, "claims", path, body)
    assert town.refused(
        AGREEMENTS, "claims", f"{path}/{recovery}/cancellation", {"reason": "no"}
    ) == ["requester-cancels-recovery"]
    project.fed = project.fed.moved(paid=-1_000_01, to_be_recovered=1_000_01)
    project.qc = project.qc.moved(paid=-200_00, to_be_recovered=200_00)
    project.must_stand()
    assert town.get(project.provider.preparer, "claims", path)["items"] == []

    town.it_is(date(2023, 10, 25))
    owed = town.get(lead.preparer, "claims", path)
    assert (owed["overdue"]["cents"], owed["interest"]["cents"]) == (1_200_01, 6_97)
    receipt = {
        "amount": cents(1_200_01),
        "interest": cents(6_97),
        "received_on": "2023-10-25",
    }
    town.done(FINANCE, "claims", f"{path}/{recovery}/receipts", receipt)
    assert town.refused(FINANCE, "claims", f"{path}/{recovery}/receipts", receipt)
    project.fed = project.fed.moved(to_be_recovered=-1_000_01, paid=1_000_01, recovered=1_000_01)
    project.qc = project.qc.moved(to_be_recovered=-200_00, paid=200_00, recovered=200_00)
    project.must_stand()
    assert town.ledger("other-revenue") == 6_97


def complete(project: Project) -> None:
    """What was held back is payable and is paid; what nobody claimed is in its pockets again."""
    town = project.town
    day = date(2024, 1, 10)
    town.it_is(day)
    report(project, "2024-T2")
    body = {"completed_on": day.isoformat()}
    town.done(AGREEMENTS, "claims", f"{project.place}/completion", body)
    fed, qc = project.fed, project.qc
    project.fed = fed.moved(
        committed=-fed.committed, released=fed.committed, held_back=-5_400_02, payable=5_400_02
    )
    project.qc = qc.moved(
        committed=-qc.committed, released=qc.committed, held_back=-1_250_00, payable=1_250_00
    )
    assert (project.fed.held_back, project.qc.held_back) == (0, 0)
    project.must_stand()
    items = [(project.agreement_id, claim_id) for claim_id in project.claims.values()]
    paid_in_a_run(town, day, items)
    project.fed = project.fed.moved(payable=-5_400_02, paid=5_400_02)
    project.qc = project.qc.moved(payable=-1_250_00, paid=1_250_00)
    project.must_stand()
    # 50,000.18 and 16,500.00, less what was recovered.
    assert project.fed.promised + project.qc.promised == 66_500_18 - 1_200_01
    assert town.get(FINANCE, "claims", project.place)["state"] == "completed"


def follow_up(project: Project) -> None:
    """Both participants are surveyed in each of the two years after completion."""
    surveys = project.town.get(MANAGER, "impact", "/surveys")["items"]
    assert sorted((each["organisation_id"], each["year"]) for each in surveys) == sorted(
        (str(firm.id), year) for firm in (project.lead, project.provider) for year in (1, 2)
    )
    assert {each["state"] for each in surveys} == {"planned"}


def a_stranger_sees_nothing(project: Project) -> None:
    """An organisation that takes no part finds nothing, and can do nothing, anywhere."""
    town, stranger = project.town, project.stranger.certifier
    town.wire.settle()
    for service, path in (
        ("intake", "/applications"),
        ("claims", "/agreements"),
        ("claims", "/claims"),
        ("claims", "/payables"),
        ("claims", "/claim-periods"),
        ("impact", "/surveys"),
    ):
        assert town.get(stranger, service, path)["items"] == [], path
    claim_id = project.claims[project.lead.id]
    for service, path in (
        ("intake", f"/applications/{project.application_id}"),
        ("claims", project.place),
        ("claims", f"{project.place}/claims/{claim_id}"),
        ("claims", f"{project.place}/advances"),
        ("claims", f"{project.place}/advances/{project.advance_id}"),
        ("claims", f"{project.place}/recoveries"),
        ("claims", f"{project.place}/reports"),
        ("claims", f"{project.place}/forecasts"),
        ("claims", f"{project.place}/statement.xlsx"),
    ):
        assert town.ask(stranger, "GET", service, path).status_code == 404, path
    for service, path in (
        ("claims", f"/organisations/{project.lead.id}/bank-account"),
        ("claims", "/payment-runs"),
        ("finance", "/pockets"),
        ("selection", "/pockets"),
    ):
        assert town.ask(stranger, "GET", service, path).status_code == 403, path
    path = f"{project.place}/claims/{claim_id}/certification"
    assert town.refused(stranger, "claims", path) == ["not-your-organisation"]
