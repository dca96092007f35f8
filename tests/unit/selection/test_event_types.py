"""Every fact of this service can be stored, and names stay."""

from typing import get_args

from services.selection.domain import (
    application,
    award,
    committee,
    increase,
    mandate,
    meeting,
    pocket,
    programme,
    review,
    waitlist,
)
from services.selection.use_cases.event_types import EVENT_TYPES
from tests.unit.selection.examples import CALLED, ESTABLISHED, OPENED, PROPOSAL, ROBOTS
from tests.unit.selection.test_award import approved, lapsed
from tests.unit.selection.test_meeting import robots_funded
from tests.unit.selection.test_pocket import committed


def test_every_event_has_a_stored_name() -> None:
    """What a domain module counts among its events is stored, and nothing else is."""
    modules = (
        application, award, committee, increase, mandate, meeting, pocket, programme, review,
        waitlist,
    )  # fmt: skip
    events = {cls for module in modules for cls in get_args(module.Event) or (module.Event,)}
    assert {each.cls for each in EVENT_TYPES} == events


def test_names_say_whose_event_it_is() -> None:
    """A stored name begins with the stream type: its module, or what that module is part of."""
    part_of = {"membership": "committee", "proceedings": "meeting"}
    for each in EVENT_TYPES:
        module = each.cls.__module__.rsplit(".", maxsplit=1)[-1]
        assert each.name.split(".")[0] == part_of.get(module, module)


def test_events_come_back_as_they_were() -> None:
    """An event that is stored and read again is the same event."""
    received = application.ApplicationReceived(
        application_id=ROBOTS, proposal=PROPOSAL, effective_on=CALLED.effective_on
    )
    for event in (
        CALLED, ESTABLISHED, OPENED, approved, lapsed, robots_funded, committed, received,
    ):  # fmt: skip
        name, version, data = EVENT_TYPES.encode(event)
        assert EVENT_TYPES.decode(name, version, data) == event
