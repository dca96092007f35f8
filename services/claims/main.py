"""The HTTP process of claims."""

from fastapi import FastAPI

from services.claims.api import (
    advances,
    agreements,
    amendments,
    assessments,
    bank_accounts,
    claims,
    closing,
    documents,
    imports,
    payment_runs,
    recoveries,
    reports,
    routes,
    views,
)
from services.claims.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings

ROUTERS = (
    routes.router,
    claims.router,
    assessments.router,
    bank_accounts.router,
    payment_runs.router,
    reports.router,
    advances.router,
    recoveries.router,
    imports.router,
    documents.router,
    views.router,
    agreements.router,
    amendments.router,
    closing.router,
)


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    return http_process(
        settings,
        EVENT_TYPES,
        routers=ROUTERS,
        title="Claims",
        description="What is owed, and what has been paid? Agreements, claims and payments.",
        has_timers=True,
    )
