"""All routes of the service."""

from services.intake.api import (
    applications,
    catalogue,
    due_diligence,
    information_requests,
    reviews,
)

ROUTERS = (
    catalogue.router,
    applications.router,
    reviews.router,
    information_requests.router,
    due_diligence.router,
)
