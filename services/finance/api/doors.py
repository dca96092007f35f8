"""Who may come in, and the dates that every view is asked with."""

from typing import Annotated

from fastapi import Depends, Path, Query

from shared.web.desk import Desk, Reader, at_counter, at_desk
from shared.web.schemas import Day

OfficersDesk = Annotated[Desk, Depends(at_desk("finance-officer"))]
OfficersCounter = Annotated[Reader, Depends(at_counter("finance-officer"))]
AsOf = Annotated[Day | None, Query(description="Only what was recorded by the end of this day.")]
Until = Annotated[Day | None, Query(description="Only what had happened by this day.")]
Text = Annotated[str | None, Query(max_length=100)]
Position = Annotated[int, Path(ge=1, le=2**53)]
