"""What the endpoints have in common."""

from collections.abc import Callable

from shared.eventstore.store import Stream
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.web.auth import Caller
from shared.web.desk import CommandAnswer, Desk

MEMBER = "committee-member"
SECRETARY = "committee-secretary"


def hand_in(desk: Desk, decide: Callable[[Loaded], Changes], *, about: Stream) -> CommandAnswer:
    """Carry out a decision that spans streams, once per Idempotency-Key, honouring If-Match."""
    return desk.answer(
        carry_out_together(
            desk.store,
            desk.context,
            decide,
            about=about,
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
        )
    )


def only_member(caller: Caller) -> str | None:
    """The person, when they ask as a member and nothing else; they see their committees only."""
    return caller.id if set(caller.acting_as) == {MEMBER} else None
