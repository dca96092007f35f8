"""All endpoints of this service."""

from services.selection.api import committees, meetings, minutes, preparation, registers, seats

ROUTERS = (
    committees.router,
    seats.router,
    meetings.router,
    preparation.router,
    minutes.router,
    minutes.documents,
    registers.router,
)
