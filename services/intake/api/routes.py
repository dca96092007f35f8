"""All routes of the service."""

from services.intake.api import (
    applications,
    budgets,
    catalogue,
    documents,
    eligibility_check,
    pipeline,
    similarity,
    timeline,
)

ROUTERS = (
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
    budgets.router,
    similarity.router,
    eligibility_check.router,
)
