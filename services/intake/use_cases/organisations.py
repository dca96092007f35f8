"""Decisions about organisations that span streams: mergers, and lists brought in at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.intake.domain import merger
from services.intake.domain.organisation import (
    DECIDER,
    ImportOrganisation,
    Organisation,
    OrganisationNotValid,
    organisation_id_of,
)
from services.intake.domain.organisation_import import OrganisationsImported
from services.intake.domain.profile import Profile
from services.intake.use_cases import streams
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Changes, Loaded
from shared.kernel.refusals import Invalid, NotFound, Reason, RuleBroken

MOST_REASONS = 1_000
"""Nobody corrects more at once."""


class ListedBefore(RuleBroken):
    """A list names an organisation once."""

    en = "This business number is on row {row} already."
    fr = "Ce numéro d’entreprise figure déjà à la ligne {row}."


class RowsNotValid(Invalid):
    """A list is brought in whole, unless only its valid rows are asked for."""

    en = "{refused} of {rows} rows cannot be imported; nothing was registered."
    fr = "{refused} lignes sur {rows} ne peuvent pas être importées; rien n’a été inscrit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a list that can be read."""

    number: int
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One thing that is wrong with a row; the reason's field is its column."""

    number: int
    reason: Reason


def merge(
    loaded: Loaded, merged_id: UUID, into_id: UUID, *, reason: str, on: date, by: str
) -> Changes:
    """Both sides of a merger, to be appended together."""
    merged, into = (
        loaded.state(DECIDER, streams.organisation(each)) for each in (merged_id, into_id)
    )
    if not isinstance(merged, Organisation) or not isinstance(into, Organisation):
        raise NotFound(kind="organisation")
    left, stays = merger.merge(merged, into, reason=reason, on=on, by=by)
    return [
        (streams.organisation(merged_id), [left]),
        (streams.organisation(into_id), [stays]),
    ]


def bring_in(  # all that a list's fate depends on
    loaded: Loaded,
    rows: Sequence[Row],
    *,
    unreadable: Sequence[RefusedRow],
    valid_rows_only: bool,
    import_id: UUID,
    on: date,
    by: str,
) -> tuple[Changes, list[RefusedRow]]:
    """
    What to append for a list, and what is wrong with the rows that are left out.

    ``unreadable`` are rows that do not say enough to be decided about. Raises ``RowsNotValid``
    with every problem when something is wrong and not only the valid rows are asked for.
    """
    refused = list(unreadable)
    first_seen: dict[UUID, int] = {}
    changes: list[tuple[Stream, Sequence[Event]]] = []
    registered: list[UUID] = []
    unchanged: list[UUID] = []
    for row in rows:
        organisation_id = organisation_id_of(row.profile.business_number)
        if (before := first_seen.setdefault(organisation_id, row.number)) != row.number:
            again = ListedBefore(row=before, field="business_number")
            refused.append(RefusedRow(number=row.number, reason=again.as_reason()))
            continue
        stream = streams.organisation(organisation_id)
        command = ImportOrganisation(profile=row.profile, on=on, by=by)
        try:
            events = DECIDER.decide(command, loaded.state(DECIDER, stream))
        except OrganisationNotValid as refusal:
            refused += [RefusedRow(number=row.number, reason=each) for each in refusal.reasons]
        except RuleBroken as refusal:
            refused.append(RefusedRow(number=row.number, reason=refusal.as_reason()))
        else:
            changes.append((stream, events))
            (registered if events else unchanged).append(organisation_id)
    refused.sort(key=lambda each: each.number)
    bad_rows = {each.number for each in refused}
    if refused and not valid_rows_only:
        raise RowsNotValid(
            refused=len(bad_rows),
            rows=len(bad_rows | {row.number for row in rows}),
            reasons=[_placed(each) for each in refused[:MOST_REASONS]],
        )
    imported = OrganisationsImported(
        effective_on=on,
        import_id=import_id,
        registered=tuple(registered),
        unchanged=tuple(unchanged),
        refused=len(bad_rows),
        by=by,
    )
    return [*changes, (streams.organisation_import(import_id), [imported])], refused


def _placed(refused: RefusedRow) -> Reason:
    reason = refused.reason
    return Reason(
        code=reason.code,
        en=reason.en,
        fr=reason.fr,
        field=f"rows[{refused.number}].{reason.field or 'business_number'}",
        accepted=reason.accepted,
    )
