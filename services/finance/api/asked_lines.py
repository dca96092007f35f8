"""Which lines of the ledger a question is about."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.finance.api.doors import QUARTER, Text
from services.finance.domain.ledger import Account
from services.finance.projections.entries import Lines
from shared.kernel.periods import Quarter


def _asked(
    *,
    account: Annotated[list[Account] | None, Query()] = None,
    pocket: Text = None,
    programme: Text = None,
    project_id: UUID | None = None,
    participant_id: UUID | None = None,
    quarter: Annotated[str | None, Query(pattern=QUARTER)] = None,
    fiscal_year: Annotated[int | None, Query(ge=1901, le=2899)] = None,
    code: Text = None,
    in_kind: Annotated[bool | None, Query(description="Of match: true or cash.")] = None,
) -> Lines:
    return Lines(
        accounts=account or (),
        pocket=pocket,
        programme=programme,
        project_id=project_id,
        participant_id=participant_id,
        quarter=None if quarter is None else str(Quarter.parse(quarter)),
        fiscal_year=fiscal_year,
        code=code,
        in_kind=in_kind,
    )


AskedLines = Annotated[Lines, Depends(_asked)]
"""
What is not given does not matter.

``account`` may be repeated: tables 1 and 2 are committed, payable, held-back, paid,
to-be-recovered, recovered, match-promised and match-reported of a fiscal year.
"""
