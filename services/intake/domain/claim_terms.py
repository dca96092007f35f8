"""What a programme definition says about claims, payments and closing."""

from dataclasses import dataclass

from shared.kernel.money import ZERO, Money

SALES_TAX = ("excluded", "shown-apart")
DOCUMENTS = ("per-line", "on-request")
CLOSING_REQUIREMENTS = ("final-report", "ip-declarations", "audit", "equipment-disposal")
APPROVING_ROLES = ("claims-approver", "programme-manager", "finance-officer")


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTerms:
    """What is particular to one category of costs."""

    category: str
    overhead_bp: int | None = None
    """Overhead added to accepted costs of the category (labour), in basis points of them."""
    share_bp: int | None = None
    """Highest share of a participant's eligible cash costs; None: no cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLevel:
    """Up to which amount one role may approve a claim."""

    role: str
    up_to: Money | None = None
    """None: any amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTerms:
    """
    Beyond rate, holdback and frequency.

    Every default is "the programme says nothing of it": no cap, nothing asked, nothing allowed.
    """

    categories: tuple[CategoryTerms, ...] = ()
    participant_share_bp: int | None = None
    """Highest share of an agreement's reimbursements that one participant may receive."""
    stacking_limit_bp: int | None = None
    """Highest share of eligible costs that all government money together may pay."""
    in_kind_share_bp: int | None = None
    """Highest share of the match that may be in kind."""
    sales_tax: str = "excluded"
    documents: str = "on-request"
    reallocation_tolerance_bp: int = 0
    """Share of a category's budget that may move to others without approval."""
    advances_allowed: bool = False
    reports_hold_payments: bool = False
    """An overdue report holds payments to its participant."""
    claim_due_days: int | None = None
    """Days after the end of its period within which a claim is on time; None: never late."""
    closing_requirements: tuple[str, ...] = ()
    approval_levels: tuple[ApprovalLevel, ...] = ()
    """Lowest first; none: any approver, any amount."""
    overdue_interest_bp: int = 0
    """Yearly interest on what a participant owes back after its due date."""

    def levels_rise(self) -> bool:
        """Each level reaches further than the one before; only the last is without a bound."""
        bounds = [level.up_to for level in self.approval_levels]
        bounded = [bound for bound in bounds[:-1] if bound is not None]
        if len(bounded) < len(bounds[:-1]):
            return False
        last = bounds[-1] if bounds else None
        rising = [*bounded, *([] if last is None else [last])]
        return all(low < high for low, high in zip([ZERO, *rising], rising, strict=False))


NOTHING_SAID = ClaimTerms()
"""A programme that leaves claims to the rate, the holdback and the frequency."""
