"""What officers send about due diligence."""

from services.intake.api.review_schemas import Sha256, Text
from services.intake.api.words import Name
from services.intake.domain.review_events import CybersecurityPlan, EmissionsEstimate, IpPlan
from shared.web.schemas import Request


class FindingIn(Request):
    """What was found, and how much it matters."""

    theme: Name
    severity: Name
    """``note``, ``minor``, ``major`` or ``blocking``."""
    text: Text
    document_sha256: Sha256 | None = None
    """The document of the application that shows it."""


class CorrectionIn(Request):
    """What a finding says from now on, and why."""

    severity: Name
    text: Text
    document_sha256: Sha256 | None = None
    reason: Text


class ResolutionIn(Request):
    """How a finding was settled; the committee reads it beside a risk."""

    resolution: Text


class IpPlanIn(Request):
    """What the plan for intellectual property says."""

    plan_provided: bool
    owned_in_canada: bool
    reuse_allowed: bool
    """Others than the participants may reuse it."""

    def to_domain(self) -> IpPlan:
        """As the domain speaks of it."""
        return IpPlan(
            plan_provided=self.plan_provided,
            owned_in_canada=self.owned_in_canada,
            reuse_allowed=self.reuse_allowed,
        )


class EmissionsIn(Request):
    """What the project changes in greenhouse gases."""

    tonnes: int
    """Tonnes of CO2e avoided; negative where it adds some."""
    method: Text
    """How it was estimated, and over which years."""

    def to_domain(self) -> EmissionsEstimate:
        """As the domain speaks of it."""
        return EmissionsEstimate(tonnes=self.tonnes, method=self.method)


class CybersecurityIn(Request):
    """What the plan for cybersecurity says."""

    plan_provided: bool
    handles_personal_information: bool
    framework: Name | None = None
    """The published practice it follows, where it follows one."""

    def to_domain(self) -> CybersecurityPlan:
        """As the domain speaks of it."""
        return CybersecurityPlan(
            plan_provided=self.plan_provided,
            handles_personal_information=self.handles_personal_information,
            framework=self.framework,
        )


class ConclusionIn(Request):
    """What to think of a theme; three themes have facts of their own."""

    score: int
    """0 to 10."""
    text: Text
    ip_plan: IpPlanIn | None = None
    """With the theme ``ip-plan``, and only there."""
    emissions: EmissionsIn | None = None
    """With the theme ``emissions``, and only there."""
    cybersecurity: CybersecurityIn | None = None
    """With the theme ``cybersecurity``, and only there."""


class WhyIn(Request):
    """Why a conclusion no longer holds."""

    reason: Text
