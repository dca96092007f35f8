"""The HTTP process of finance."""

from fastapi import FastAPI

from services.finance.api import (
    comparisons,
    entries,
    entry_files,
    explanations,
    exports,
    funders,
    performance,
    performance_files,
    periods,
    plan_files,
    plan_versions,
    position_files,
    positions,
    routes,
    scenarios,
    scorecards,
)
from services.finance.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings

ROUTERS = (
    exports.router,
    position_files.router,
    performance_files.router,
    entry_files.router,
    routes.router,
    plan_versions.router,
    plan_files.router,
    comparisons.router,
    entries.router,
    explanations.router,
    positions.router,
    periods.router,
    performance.router,
    scorecards.router,
    scenarios.router,
    funders.router,
)


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    return http_process(
        settings,
        EVENT_TYPES,
        routers=ROUTERS,
        title="Finance",
        description="What is promised, owed and paid, by whom and when? One ledger, as of any day.",
    )
