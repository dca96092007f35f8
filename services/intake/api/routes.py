"""All routes of the service."""

from services.intake.api import (
    applications,
    budgets,
    catalogue,
    eligibility_check,
    similarity,
)

ROUTERS = (
    catalogue.router,
    applications.router,
    budgets.router,
    similarity.router,
    eligibility_check.router,
)
