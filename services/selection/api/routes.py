"""All endpoints of this service."""

from services.selection.api import (
    awards,
    committees,
    meetings,
    minutes,
    preparation,
    registers,
    seats,
    statistics,
    waiting,
)

ROUTERS = (
    committees.router,
    seats.router,
    meetings.router,
    preparation.router,
    minutes.router,
    minutes.documents,
    awards.router,
    waiting.router,
    registers.router,
    statistics.router,
)
