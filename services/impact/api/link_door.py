"""The door that a personal link opens: to one survey, for one contact, without an account."""

from dataclasses import dataclass, field
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer

from services.impact.gateways.link_tokens import LinkNotTrusted, LinkTokens
from services.impact.use_cases import opening
from services.impact.use_cases.opening import Opened, open_with
from shared.documents.contents import MOST_BYTES
from shared.settings import ServiceSettings
from shared.web.auth import Caller
from shared.web.desk import AtCounter, AtDesk, AtFileDesk, Counter, Desk, Reader
from shared.web.pacing import Pace
from shared.web.refusals import TokenMissing, TokenNotTrusted, Unauthenticated

BURST, PER_MINUTE = 30, 60
"""How often one link is used: more than a page with a form asks, in one process."""

ROLE = "survey-link"
"""What events remember of how somebody came in; no token of the issuer carries it."""


class LinkExpired(Unauthenticated):
    """A personal link opens its survey for a limited time."""

    en = "This link has expired. Ask for a new one."
    fr = "Ce lien est expiré. Demandez-en un nouveau."
    challenge = 'Bearer realm="jalon", error="invalid_token", error_description="expired"'


class LinkRevoked(Unauthenticated):
    """A personal link opens nothing once the survey was handed over or the link revoked."""

    en = "This link is no longer valid: the survey was handed over, or the link was revoked."
    fr = "Ce lien n’est plus valide : le sondage a été confié à quelqu’un, ou le lien révoqué."
    challenge = 'Bearer realm="jalon", error="invalid_token"'


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOffice:
    """What the door stands on; ``tokens`` is None where no key is set, and no link is any good."""

    tokens: LinkTokens | None
    sends_mail: bool
    pace: Pace = field(default_factory=lambda: Pace(burst=BURST, per_minute=PER_MINUTE))

    @classmethod
    def of(cls, settings: ServiceSettings) -> "LinkOffice":
        """As the settings say."""
        key = settings.link_key
        return cls(
            tokens=None if key is None else LinkTokens(key.get_secret_value()),
            sends_mail=settings.smtp_host is not None,
        )


async def caller_with_link(request: Request) -> Caller:
    """
    Who comes with a link, as the contact that it was issued to; what it opens is kept with them.

    Raises kinds of ``Unauthenticated`` and ``AskedTooOften``.
    """
    office: LinkOffice = request.app.state.link_office
    counter: Counter = request.app.state.counter
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    if office.tokens is None:
        raise TokenNotTrusted
    tokens = office.tokens

    def opened() -> Opened:
        return open_with(
            tokens,
            token.strip(),
            lambda decider, stream: counter.folds.state(counter.store, decider, stream)[0],
            counter.clock.now(),
            let_in=office.pace.let_in,
        )

    try:
        found = await to_thread.run_sync(opened)
    except LinkNotTrusted:
        raise TokenNotTrusted from None
    except opening.LinkExpired:
        raise LinkExpired from None
    except opening.LinkRevoked:
        raise LinkRevoked from None
    request.state.opened = found
    return Caller(
        id=str(found.contact_id),
        roles=(ROLE,),
        organisation_id=found.organisation_id,
        amr=("link",),
        acting_as=(ROLE,),
    )


def _opened(request: Request) -> Opened:
    opened: Opened = request.state.opened
    return opened


_SENTENCE = "For whoever holds the survey's personal link, sent as a bearer token."
_TOO_OFTEN = {"429": "This link is used more often than anybody would who fills in a form."}
_MODEL = HTTPBearer(bearerFormat="JWT", description="The token of a personal link.")


class AtLinkDesk(AtDesk):
    """The door for commands."""

    scheme_name = "link"
    model = _MODEL
    also_answers = _TOO_OFTEN

    def __init__(self) -> None:
        self.roles = (ROLE,)

    async def caller(self, request: Request, roles: tuple[str, ...]) -> Caller:
        """Who asks: the contact of the link."""
        del roles
        return await caller_with_link(request)

    @property
    def sentence(self) -> str:
        """Who may come in, for the documentation."""
        return _SENTENCE


class AtLinkFileDesk(AtLinkDesk, AtFileDesk):
    """The door for files."""

    def __init__(self, *, body_bytes: int) -> None:
        AtLinkDesk.__init__(self)
        self.body_bytes = body_bytes
        self.media_types = ()


class AtLinkCounter(AtCounter):
    """The door for questions."""

    scheme_name = "link"
    model = _MODEL
    also_answers = _TOO_OFTEN

    def __init__(self) -> None:
        self.roles = (ROLE,)

    async def caller(self, request: Request, roles: tuple[str, ...]) -> Caller:
        """Who asks: the contact of the link."""
        del roles
        return await caller_with_link(request)

    @property
    def sentence(self) -> str:
        """Who may come in, for the documentation."""
        return _SENTENCE


LinkDesk = Annotated[Desk, Depends(AtLinkDesk())]
LinkFileDesk = Annotated[Desk, Depends(AtLinkFileDesk(body_bytes=MOST_BYTES))]
LinkReader = Annotated[Reader, Depends(AtLinkCounter())]
OpenedHere = Annotated[Opened, Depends(_opened)]
"""What the link opens. After ``LinkDesk`` or ``LinkReader`` in the signature of an endpoint."""
