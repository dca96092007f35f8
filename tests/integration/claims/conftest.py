"""Claims as it runs: its application, its read models and its reactions on one database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from services.claims.main import build
from services.claims.settings import SERVICE
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.policies import HANDLERS
from services.claims.use_cases.publishing import to_contract
from services.claims.worker import PROJECTIONS
from shared.contracts.base import Contract, Party
from shared.contracts.intake import ClaimTerms, ProgrammePublished
from shared.contracts.selection import AwardApproved
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from shared.postgres.clock import SimulatedClock
from shared.process import Parts
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer
from tests.support.postgres import Databases

T1, T2, T3, T4 = Quarter.all_of(2024)
ADOPTER_ORG, PROVIDER_ORG = derived_id("organisation", "a"), derived_id("organisation", "b")
PROJECT = derived_id("project", "integration")
ADOPTER = derived_id("participant", PROJECT, ADOPTER_ORG)
PROVIDER = derived_id("participant", PROJECT, PROVIDER_ORG)
AWARD = derived_id("award", PROJECT)
AGREEMENT = derived_id("agreement", AWARD)


def programme_published(*, reports_hold_payments: bool = False) -> ProgrammePublished:
    return ProgrammePublished(
        effective_on=date(2022, 4, 1),
        code="IND-P1",
        version=1,
        name_en="Industry",
        name_fr="Industrie",
        phase="P1",
        pockets=("ISED-P1", "MEIE-P1"),
        reimbursement_rate_bp=4_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=5,
        cost_categories=("labour", "equipment"),
        claims=ClaimTerms(reports_hold_payments=reports_hold_payments),
    )


def award_approved(project: UUID = PROJECT) -> AwardApproved:
    """1 000 public dollars of two funders for an adopter, 200 of one for a provider."""

    def cell(who: UUID, quarter: Quarter, pocket: str, cents: int) -> FundingCell:
        return FundingCell(participant_id=who, quarter=quarter, pocket=pocket, amount=Money(cents))

    def party(who: UUID, organisation: UUID, role: str) -> Party:
        return Party(
            participant_id=who,
            organisation_id=organisation,
            role=role,
            name=role.title(),
            province="QC",
            sme=True,
        )

    return AwardApproved(
        effective_on=date(2023, 3, 9),
        project_id=project,
        award_id=derived_id("award", project),
        meeting_id=derived_id("meeting"),
        programme_code="IND-P1",
        programme_version=1,
        title="Forecasting of returns",
        participants=(
            party(ADOPTER, ADOPTER_ORG, "lead"),
            party(PROVIDER, PROVIDER_ORG, "ai-provider"),
        ),
        starts_on=date(2023, 4, 1),
        ends_on=date(2024, 3, 31),
        funding=(
            cell(ADOPTER, T1, "ISED-P1", 400_00),
            cell(ADOPTER, T1, "MEIE-P1", 100_00),
            cell(ADOPTER, T2, "ISED-P1", 400_00),
            cell(ADOPTER, T2, "MEIE-P1", 100_00),
            cell(PROVIDER, T1, "ISED-P1", 200_00),
        ),
        match=(
            MatchCell(participant_id=ADOPTER, quarter=T1, cash=Money(750_00)),
            MatchCell(participant_id=ADOPTER, quarter=T2, cash=Money(750_00)),
            MatchCell(participant_id=PROVIDER, quarter=T1, cash=Money(300_00)),
        ),
        lapses_on=date(2023, 9, 30),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who knocks at the doors of claims."""

    id: str
    role: str
    organisation_id: UUID | None = None


PREPARER = Person(id="p-preparer", role="recipient", organisation_id=ADOPTER_ORG)
SIGNATORY = Person(id="p-signatory", role="recipient", organisation_id=ADOPTER_ORG)
PARTNER = Person(id="p-partner", role="recipient", organisation_id=PROVIDER_ORG)
STRANGER = Person(id="p-stranger", role="recipient", organisation_id=derived_id("organisation"))
OFFICER = Person(id="p-officer", role="agreement-officer")
MANAGER = Person(id="p-manager", role="programme-manager")
ANALYST = Person(id="p-analyst", role="claims-analyst")
APPROVER = Person(id="p-approver", role="claims-approver")
PAYER = Person(id="p-payer", role="payer")
FINANCE = Person(id="p-finance", role="finance-officer")
CONTROLLER = Person(id="p-controller", role="finance-officer")


def bank_account(number: str = "1234567", **more: str) -> dict[str, str]:
    """Bank details as they are sent."""
    return {
        "institution": "003",
        "transit": "12345",
        "number": number,
        "holder": "Modélisation Nordet inc.",
        **more,
    }


@dataclass(slots=True, kw_only=True)
class House:
    """The service with its people."""

    client: TestClient
    issuer: DevelopmentIssuer
    parts: Parts
    projector: Projector
    clock: SimulatedClock
    reactions: Reactions
    agreement: str = f"/v1/agreements/{AGREEMENT}"
    reports_hold_payments: bool = False
    """What the programme says; set before the agreement is in force."""

    def hears(self, contract: Contract) -> None:
        """Another service published a contract, and it is delivered here."""
        message = Message(
            id=uuid4(),
            source="elsewhere",
            type=contract.contract_type,
            key=contract.key,
            subject="thing/1",
            effective_on=contract.effective_on,
            recorded_at=self.clock.now(),
            position=1,
            correlation_id=uuid4(),
            causation_id=uuid4(),
            traceparent=None,
            data=contract.model_dump_json().encode(),
        )
        with self.parts.database.engine.begin() as connection:
            self.reactions.answer(message, connection)

    def it_is(self, day: date) -> None:
        """Move the clock to noon in Toronto of a day."""
        self.clock.move(datetime(day.year, day.month, day.day, 17, tzinfo=UTC))

    def post(self, who: Person, path: str, body: dict[str, Any] | None = None) -> Response:
        """A command, as somebody; ``path`` is under the agreement."""
        return self._command("POST", who, path, body)

    def put(self, who: Person, path: str, body: dict[str, Any]) -> Response:
        """A replacement, as somebody."""
        return self._command("PUT", who, path, body)

    def _command(
        self, method: str, who: Person, path: str, body: dict[str, Any] | None
    ) -> Response:
        # Some decisions look into a read model, which the worker would keep up to date.
        self.projector.catch_up()
        return self.ask(method, who, self.agreement + path, body)

    def ask(
        self,
        method: str,
        who: Person,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: UUID | None = None,
    ) -> Response:
        """A command, as somebody; ``path`` is whole."""
        headers = self._headers(who) | {"Idempotency-Key": str(key or uuid4())}
        return self.client.request(method, path, json=body, headers=headers)

    def made(self, method: str, who: Person, path: str, body: dict[str, Any] | None = None) -> UUID:
        """A command that succeeds, by its whole path; the id of what it made or changed."""
        response = self.ask(method, who, path, body)
        assert response.is_success, response.text
        return UUID(response.json()["id"])

    def account(self, who: Person, path: str, details: dict[str, str], by: Person) -> None:
        """Somebody records a bank account and somebody else verifies it."""
        self.made("PUT", who, path, details)
        account = self.get(by, path).json()["account_id"]
        self.made("POST", by, f"{path}/verification", {"account_id": account})

    def accounts(self) -> None:
        """The adopter can be paid, and we can pay."""
        path = f"/v1/organisations/{ADOPTER_ORG}/bank-account"
        self.account(PREPARER, path, bank_account(), FINANCE)
        self.account(CONTROLLER, "/v1/paying-account", bank_account("7654321"), FINANCE)

    def pays(self, payable: UUID, paid_on: date) -> UUID:
        """All that is payable of a claim leaves, in a run of its own; the payment's id."""
        if self.get(FINANCE, "/v1/paying-account").status_code == 404:
            self.accounts()
        item = {"agreement_id": str(AGREEMENT), "payable_id": str(payable)}
        body = {"execution_on": paid_on.isoformat(), "items": [item]}
        run = f"/v1/payment-runs/{self.made('POST', PAYER, '/v1/payment-runs', body)}"
        self.made("POST", FINANCE, f"{run}/approval")
        self.made("POST", PAYER, f"{run}/export")
        (item,) = self.get(PAYER, run).json()["items"]
        result = {"payment_id": item["payment_id"], "paid_on": paid_on.isoformat()}
        self.made("POST", PAYER, f"{run}/confirmations", {"results": [result]})
        return UUID(item["payment_id"])

    def done(self, who: Person, path: str, body: dict[str, Any] | None = None) -> UUID:
        """A command that succeeds; the id of what it made or changed."""
        response = self.post(who, path, body)
        assert response.is_success, response.text
        return UUID(response.json()["id"])

    def brings(self, who: Person, content: bytes) -> str:
        """A document that somebody brings; its SHA-256."""
        headers = self._headers(who) | {
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/octet-stream",
        }
        path = f"{self.agreement}/documents"
        response = self.client.post(path, content=content, headers=headers)
        assert response.is_success, response.text
        return str(response.json()["sha256"])

    def get(self, who: Person, path: str, **query: str) -> Response:
        """A question, as somebody, once the read models have caught up."""
        self.projector.catch_up()
        headers = self._headers(who) | {"X-Jalon-Min-Position": str(self.parts.store.head())}
        return self.client.get(path, params=query, headers=headers)

    def _headers(self, who: Person) -> dict[str, str]:
        token = self.issuer.token(who.id, [who.role], who.organisation_id)
        return {"Authorization": f"Bearer {token}"}

    def in_force(self, project: UUID = PROJECT) -> None:
        """The programme is known, the award is approved, and the agreement executed."""
        self.hears(programme_published(reports_hold_payments=self.reports_hold_payments))
        self.hears(award_approved(project))
        self.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
        self.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
        self.done(OFFICER, "/execution", {"executed_on": "2023-04-03"})

    def certified(self, body: dict[str, Any]) -> UUID:
        """A claim drafted and certified."""
        claim = self.done(PREPARER, "/claims", body)
        self.done(SIGNATORY, f"/claims/{claim}/certification")
        return claim

    def approved(self, claim: UUID, *lines: dict[str, Any]) -> None:
        """A certified claim is assessed, with decisions on some lines, and approved."""
        self.done(ANALYST, f"/claims/{claim}/assessment", {"lines": lines})
        self.done(APPROVER, f"/claims/{claim}/approval")

    def published(self) -> list[Contract]:
        """What has been published so far, in order."""
        told = (to_contract(each) for each in self.parts.store.tail(0, 1_000))
        return [contract for contract in told if contract is not None]


@pytest.fixture
def migrated_database(databases: Databases) -> Iterator[str]:
    """The URL of a database of its own with claims' tables, as the service's role."""
    url = databases.migrated(SERVICE)
    yield url
    databases.drop(url)


@pytest.fixture
def house(migrated_database: str, tmp_path: Path) -> Iterator[House]:
    """Claims on a database of its own, on 3 April 2023."""
    issuer = DevelopmentIssuer(tmp_path / "keys", mode="embedded")
    settings = ServiceSettings(
        service=SERVICE,
        mode="embedded",
        database_url=migrated_database,
        transport="postgres",
        log_database_url=migrated_database,
        clock="simulated",
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8103,
    )
    parts = Parts.of(settings, EVENT_TYPES)
    assert isinstance(parts.clock, SimulatedClock)
    projector = Projector(parts.database, parts.store, PROJECTIONS)
    projector.prepare()
    app = build(settings)
    with TestClient(app) as client:
        house = House(
            client=client,
            issuer=issuer,
            parts=parts,
            projector=projector,
            clock=parts.clock,
            reactions=Reactions(SERVICE, parts.store, parts.clock, HANDLERS),
        )
        house.it_is(date(2023, 4, 3))
        yield house
    parts.database.close()
