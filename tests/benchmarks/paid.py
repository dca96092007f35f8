"""Many facts of claims in a store, written as sets: payments, each with where the money stands."""

import json
from datetime import date
from uuid import uuid4

import psycopg

from services.claims.domain.events import PaymentDisbursed
from services.claims.domain.values import PocketBalance, PocketShare
from services.claims.use_cases.event_types import EVENT_TYPES
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from tests.benchmarks.addresses import dsn
from tests.benchmarks.jars import WHY

PROJECTS = 1_000
"""Over which facts are spread; the same number of streams and of keys."""
SERVICE = "claims"

_META = {
    "command_id": str(WHY.command_id),
    "actor": {"id": WHY.actor.id, "roles": list(WHY.actor.roles)},
    "correlation_id": str(WHY.correlation_id),
    "causation_id": str(WHY.causation_id),
}
_FILL = """
INSERT INTO eventstore.event (
    position, event_id, stream_type, stream_id, stream_version, type, schema_version,
    data, meta, effective_on, recorded_at)
SELECT n, gen_random_uuid(), 'agreement', project, (n - 1) / %(projects)s + 1,
       %(type)s, %(schema_version)s,
       %(data)s::jsonb || jsonb_build_object(
           'payment_id', gen_random_uuid(), 'claim_id', gen_random_uuid(), 'project_id', project),
       %(meta)s::jsonb, '2024-02-01', now() + n * interval '1 microsecond'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS numbers (n)
CROSS JOIN LATERAL md5('project/' || n %% %(projects)s) AS hash
CROSS JOIN LATERAL CAST(hash AS uuid) AS project
"""


def a_payment() -> PaymentDisbursed:
    """One payment from two pockets."""
    shares = (
        PocketShare(pocket="ISED-P1", amount=Money(25_000_00)),
        PocketShare(pocket="MEIE-P1", amount=Money(12_500_00)),
    )
    return PaymentDisbursed(
        effective_on=date(2024, 2, 1),
        project_id=uuid4(),
        programme_code="IND-P1",
        payment_id=uuid4(),
        claim_id=uuid4(),
        participant_id=uuid4(),
        quarter=Quarter(2024, 3),
        paid=shares,
        paid_by="payer-1",
        balances_after=tuple(
            PocketBalance(
                pocket=share.pocket,
                contracted=Money(500_000_00),
                committed=Money(500_000_00) - share.amount,
                payable=ZERO,
                held_back=ZERO,
                paid=share.amount,
                released=ZERO,
            )
            for share in shares
        ),
    )


def fill(
    url: str,
    last: int,
    *,
    first: int = 1,
    projects: int = PROJECTS,
    like: PaymentDisbursed | None = None,
) -> None:
    """
    Write the facts at positions ``first`` to ``last``; ``url`` is the administrator's.

    All are ``like`` one payment, each with ids of its own.
    """
    name, schema_version, data = EVENT_TYPES.encode(like or a_payment())
    with psycopg.connect(dsn(url)) as connection:
        connection.execute(
            _FILL,
            {
                "first": first,
                "last": last,
                "projects": projects,
                "type": name,
                "schema_version": schema_version,
                "data": data.decode(),
                "meta": json.dumps(_META),
            },
        )
