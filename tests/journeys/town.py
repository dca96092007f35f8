"""A town of people who only know each other over HTTP, and what is checked after each stage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from deploy.demo.wire import Command, Person, Wire, key_of, of_organisation, staff
from deploy.local import LocalStack
from shared.kernel.identifiers import derived_id

MANAGER = staff("programme-manager")
INTAKE = staff("intake-officer")
SECRETARY = staff("committee-secretary")
AGREEMENTS = staff("agreement-officer")
FINANCE = staff("finance-officer")
TREASURER = Person(id=str(derived_id("person", "treasurer")), roles=("finance-officer",))
ANALYST = Person(
    id=str(derived_id("person", "analyst")), roles=("claims-analyst", "claims-approver")
)
"""Has the role to approve too, but not what this person assessed."""
APPROVER = staff("claims-approver")
PAYER = Person(id=str(derived_id("person", "payer")), roles=("payer", "finance-officer"))
"""Has the role to approve payment runs too, but not those this person proposed."""
MEMBERS = tuple(str(derived_id("person", "member", number)) for number in range(3))

FED, QC = "FED", "QC"
ACCOUNTS = ("committed", "payable", "held_back", "paid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Where the money of one pocket is, in cents; ``released`` is available again."""

    authority: int
    reserved: int = 0
    committed: int = 0
    payable: int = 0
    held_back: int = 0
    paid: int = 0
    """And not asked back; what came back is still in it."""
    to_be_recovered: int = 0
    recovered: int = 0
    released: int = 0

    @property
    def promised(self) -> int:
        """Of the project: signed, and not back in the pocket."""
        return (
            self.committed
            + self.payable
            + self.held_back
            + self.paid
            + self.to_be_recovered
            - self.recovered
        )

    @property
    def in_finance(self) -> dict[str, int]:
        """As finance shows the pocket."""
        return {
            "authority": self.authority,
            "available": self.authority - self.reserved - self.promised,
            "reserved": self.reserved,
            "committed": self.committed,
            "payable": self.payable,
            "held_back": self.held_back,
            "paid": self.paid,
            "to_be_recovered": self.to_be_recovered,
            "recovered": self.recovered,
            "difference": 0,
        }

    @property
    def in_selection(self) -> dict[str, int]:
        """As selection shows the pocket."""
        return {
            "authority": self.authority,
            "reserved": self.reserved,
            "committed": self.promised,
            "available": self.authority - self.reserved - self.promised,
        }

    @property
    def in_claims(self) -> dict[str, int]:
        """As the agreement's statement shows it: what came back is released, not paid."""
        return {
            "contracted": self.reserved + self.promised + self.released + self.recovered,
            "committed": self.reserved + self.committed,
            "payable": self.payable,
            "held_back": self.held_back,
            "paid": self.paid + self.to_be_recovered - self.recovered,
            "released": self.released + self.recovered,
        }

    def moved(self, **cents: int) -> "Stands":
        """The same after so many cents went where they are named."""
        changed = {name: getattr(self, name) + more for name, more in cents.items()}
        return replace(self, **changed)


class Town:
    """Everybody's door to the services that are up."""

    def __init__(self, stack: LocalStack) -> None:
        self.wire = Wire(stack.urls, stack.issuer, threads=4)
        self._urls = stack.urls
        self._issuer = stack.issuer
        self._client = httpx.Client(timeout=30)
        self._asked = 0

    def close(self) -> None:
        """Let go of connections."""
        self.wire.close()
        self._client.close()

    def it_is(self, day: date) -> None:
        """Put the clock of every service forward, and let the day's timers fire."""
        self.wire.set_clock(day)
        self.wire.settle()

    # ── asking ──────────────────────────────────────────────────────────────────────────────

    def done(
        self, who: Person, service: str, path: str, body: Any = None, *, method: str = "POST"
    ) -> UUID:
        """
        Have something done: what was made.

        Everything is asked for twice under one key, and must be carried out once: the second
        answer is the first one.
        """
        self._asked += 1
        command = Command(
            method=method,
            service=service,
            path=f"/v1{path}",
            body={} if body is None else body,
            by=who,
            key=key_of("$town", str(self._asked)),
            origin=f"{method} {path}",
        )
        first = self.wire.send(command)
        assert self.wire.send(command) == first
        return UUID(first["id"])

    def ask(
        self,
        who: Person,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        key: UUID | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Ask, whatever the answer."""
        token = self._issuer.token(who.id, who.roles, who.organisation_id)
        headers = {"Authorization": f"Bearer {token}"}
        if method != "GET":
            self.wire.stir()
            self._asked += 1
            headers["Idempotency-Key"] = str(key or key_of("$town", str(self._asked)))
        return self._client.request(
            method,
            f"{self._urls[service]}/v1{path}",
            headers=headers,
            json=body if content is None else None,
            content=content,
        )

    def refused(
        self, who: Person, service: str, path: str, body: Any = None, *, method: str = "POST"
    ) -> list[str]:
        """Be refused: the code of every reason, the refusal's own where there is one only."""
        answer = self.ask(who, method, service, path, {} if body is None else body)
        assert 400 <= answer.status_code < 500, answer.text
        problem = answer.json()
        return [each["code"] for each in problem.get("errors") or [problem]]

    def get(self, who: Person, service: str, path: str, **query: Any) -> Any:
        """What a person reads."""
        return self.wire.get(service, f"/v1{path}", by=who, **query)

    def ledger(self, *account: str, **query: Any) -> int:
        """The sum of finance's entries, in cents."""
        page = self.get(FINANCE, "finance", "/entries", account=list(account), limit=1, **query)
        total: int = page["total"]["cents"]
        return total

    # ── what must be true ───────────────────────────────────────────────────────────────────

    def must_stand(self, fed: Stands, qc: Stands, agreement_id: UUID | None = None) -> None:
        """Claims, finance and selection say the same of every pocket, to the cent."""
        self.wire.settle()
        pockets = {FED: fed, QC: qc}
        shown = {each["code"]: each for each in self.get(FINANCE, "finance", "/pockets")["items"]}
        identities = self.get(FINANCE, "finance", "/identities")
        assert identities["ok"], identities
        for code, stands in pockets.items():
            assert _cents(shown[code], stands.in_finance) == stands.in_finance
            there = self.get(MANAGER, "selection", f"/pockets/{code}")
            assert _cents(there, stands.in_selection) == stands.in_selection
        if agreement_id is None:
            return
        statement = self.get(AGREEMENTS, "claims", f"/agreements/{agreement_id}")
        for balance in statement["balances"]:
            expected = pockets[balance["pocket"]].in_claims
            assert _cents(balance, expected) == expected, balance["pocket"]
        if statement["executed_on"]:
            for party in statement["participants"]:
                self._must_be_in_the_books(party)

    def _must_be_in_the_books(self, party: Mapping[str, Any]) -> None:
        """Each participant's balances are the sums of its lines in the ledger."""
        asked_back = ("to-be-recovered", "recovered")
        for balance in party["balances"]:
            for name in ACCOUNTS:
                accounts = (name.replace("_", "-"), *(asked_back if name == "paid" else ()))
                booked = self.ledger(
                    *accounts, participant_id=party["participant_id"], pocket=balance["pocket"]
                )
                assert booked == balance[name]["cents"], (party["role"], balance["pocket"], name)


def _cents(shown: Mapping[str, Any], names: Mapping[str, int]) -> dict[str, int]:
    return {name: shown[name]["cents"] for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """An organisation, its people and where it is paid."""

    id: UUID
    account: str

    @property
    def preparer(self) -> Person:
        """Who writes."""
        return of_organisation(self.id, "preparer")

    @property
    def certifier(self) -> Person:
        """Who signs."""
        return of_organisation(self.id, "certifier")


def register(town: Town, *, number: str, name: str, province: str, account: str) -> Firm:
    """An organisation, with a bank account that somebody else checked."""
    registered = town.done(
        INTAKE,
        "intake",
        "/organisations",
        {
            "business_number": number,
            "legal_name": name,
            "kind": "sme",
            "province": province,
            "employees": 40,
            "for_profit": True,
            "incorporated_in_canada": True,
        },
    )
    firm = Firm(id=registered, account=account)
    say_where_to_pay(town, firm, account)
    return firm


def say_where_to_pay(town: Town, firm: Firm, account: str) -> None:
    """A firm names its account, and finance verifies it."""
    place = f"/organisations/{firm.id}/bank-account"
    town.done(firm.preparer, "claims", place, bank_account(account), method="PUT")
    account_id = town.get(FINANCE, "claims", place)["account_id"]
    town.done(FINANCE, "claims", f"{place}/verification", {"account_id": account_id})


def bank_account(number: str) -> dict[str, str]:
    """An invented account."""
    return {"institution": "001", "transit": "00001", "number": number, "holder": "Invented"}


def paid_in_a_run(
    town: Town, on: date, items: list[tuple[UUID, UUID]], *, but: tuple[str, ...] = ()
) -> tuple[str, dict[UUID, UUID]]:
    """
    Propose, approve, export and confirm a run of (agreement, payable): its path, and its payments.

    ``but`` names codes for which whoever proposed the run is refused its approval before.
    """
    run_id = town.done(
        PAYER,
        "claims",
        "/payment-runs",
        {
            "execution_on": on.isoformat(),
            "items": [
                {"agreement_id": str(agreement), "payable_id": str(payable)}
                for agreement, payable in items
            ],
        },
    )
    place = f"/payment-runs/{run_id}"
    if but:
        assert town.refused(PAYER, "claims", f"{place}/approval") == list(but)
    town.done(FINANCE, "claims", f"{place}/approval")
    town.done(PAYER, "claims", f"{place}/export")
    shown = town.get(PAYER, "claims", place)
    payments = {
        UUID(each["claim_id"] or each["advance_id"]): UUID(each["payment_id"])
        for each in shown["items"]
    }
    results = [
        {"payment_id": str(payment), "paid_on": on.isoformat()} for payment in payments.values()
    ]
    town.done(PAYER, "claims", f"{place}/confirmations", {"results": results})
    return place, payments
