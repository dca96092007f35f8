-- The balances of the ledger as a set: one statement over the facts as they are stored, no loop and
-- no line. Written from the table of entries in the design, from what the contracts say of their
-- fields, and from the README ("what came back counts in the quarter of the day it came"); not
-- from the Python that posts entries. Parameters: what was recorded before as_of, and what had
-- happened on until or before.
WITH rule (type, field, account, sign, quarter) AS (VALUES
    -- An envelope: authority → available. (Authority is kept positive here.)
    ('pocket.opened',                'authority',   'authority', +1, ''),
    ('pocket.opened',                'authority',   'available', +1, ''),
    ('pocket.authority-changed',     'authority',   'authority', +1, ''),
    ('pocket.authority-changed',     'authority',   'available', +1, ''),
    ('pocket.authority-changed',     'previous',    'authority', -1, ''),
    ('pocket.authority-changed',     'previous',    'available', -1, ''),
    ('pocket.authority-lapsed',      'lapsed',      'authority', -1, ''),
    ('pocket.authority-lapsed',      'lapsed',      'available', -1, ''),
    -- An award, or what an amendment would add: available → reserved; back, once, when it ends.
    ('selection.award-approved.v1',  'funding',     'available', -1, ''),
    ('selection.award-approved.v1',  'funding',     'reserved',  +1, 'planned'),
    ('selection.increase-reserved.v1', 'funding',   'available', -1, ''),
    ('selection.increase-reserved.v1', 'funding',   'reserved',  +1, 'planned'),
    ('it ended',                     'funding',     'available', +1, ''),
    ('it ended',                     'funding',     'reserved',  -1, 'planned'),
    -- Signed, amended, revised: committed per planned quarter, and match promised beside it.
    ('claims.agreement-executed.v1', 'funding',     'available', -1, ''),
    ('claims.agreement-executed.v1', 'funding',     'committed', +1, 'planned'),
    ('claims.agreement-executed.v1', 'match',  'match-promised', +1, 'planned'),
    ('claims.agreement-amended.v1',  'funding',     'available', -1, ''),
    ('claims.agreement-amended.v1',  'funding',     'committed', +1, 'planned'),
    ('claims.agreement-amended.v1',  'match',  'match-promised', +1, 'planned'),
    ('claims.forecast-revised.v1',   'funding',     'committed', +1, 'planned'),
    ('claims.commitment-released.v1', 'funding',    'committed', -1, 'planned'),
    ('claims.commitment-released.v1', 'funding',    'available', +1, ''),
    ('claims.commitment-released.v1', 'match', 'match-promised', -1, 'planned'),
    -- A claim: committed → payable, held back. What is drawn and is neither was kept against a
    -- debt: it is paid, as if the money had gone out and come straight back.
    ('claims.claim-approved.v1',     'drawn',       'committed', -1, 'planned'),
    ('claims.claim-approved.v1',     'drawn',       'paid',      +1, 'claimed'),
    ('claims.claim-approved.v1',     'drawn',       'cash',      -1, ''),
    ('claims.claim-approved.v1',     'payable',     'paid',      -1, 'claimed'),
    ('claims.claim-approved.v1',     'payable',     'cash',      +1, ''),
    ('claims.claim-approved.v1',     'payable',     'payable',   +1, 'claimed'),
    ('claims.claim-approved.v1',     'held_back',   'paid',      -1, 'claimed'),
    ('claims.claim-approved.v1',     'held_back',   'cash',      +1, ''),
    ('claims.claim-approved.v1',     'held_back',   'held-back', +1, 'claimed'),
    ('claims.claim-approved.v1',     'match_cash',    'match-promised', -1, 'claimed'),
    ('claims.claim-approved.v1',     'match_cash',    'match-reported', +1, 'claimed'),
    ('claims.claim-approved.v1',     'match_in_kind', 'match-promised', -1, 'claimed'),
    ('claims.claim-approved.v1',     'match_in_kind', 'match-reported', +1, 'claimed'),
    -- An advance that a claim accounts for was paid in its own quarter, and is now in the claim's.
    ('claims.claim-approved.v1',     'advance_set_off',  'paid', -1, 'planned'),
    ('claims.claim-approved.v1',     'advance_set_off',  'paid', +1, 'claimed'),
    ('claims.claim-approved.v1',     'recovery_set_off', 'to-be-recovered', -1, 'planned'),
    ('claims.claim-approved.v1',     'recovery_set_off', 'paid',      +1, 'planned'),
    ('claims.claim-approved.v1',     'recovery_set_off', 'recovered', +1, 'day'),
    ('claims.claim-approved.v1',     'recovery_set_off', 'available', +1, ''),
    ('claims.claim-approved.v1',     'recovery_set_off', 'cash',      +1, ''),
    ('claims.holdback-released.v1',  'released',    'held-back', -1, 'claimed'),
    ('claims.holdback-released.v1',  'released',    'payable',   +1, 'claimed'),
    ('claims.holdback-forfeited.v1', 'forfeited',   'held-back', -1, 'claimed'),
    ('claims.holdback-forfeited.v1', 'forfeited',   'available', +1, ''),
    -- Payments of claims and of advances: payable → paid, out of cash; back.
    ('claims.payment-disbursed.v1',  'paid',        'payable',   -1, 'claimed'),
    ('claims.payment-disbursed.v1',  'paid',        'paid',      +1, 'claimed'),
    ('claims.payment-disbursed.v1',  'paid',        'cash',      -1, ''),
    ('claims.payment-returned.v1',   'returned',    'payable',   +1, 'claimed'),
    ('claims.payment-returned.v1',   'returned',    'paid',      -1, 'claimed'),
    ('claims.payment-returned.v1',   'returned',    'cash',      +1, ''),
    ('claims.advance-approved.v1',   'drawn',       'committed', -1, 'planned'),
    ('claims.advance-approved.v1',   'payable',     'payable',   +1, 'claimed'),
    ('claims.advance-cancelled.v1',  'drawn',       'committed', +1, 'planned'),
    ('claims.advance-cancelled.v1',  'drawn',       'payable',   -1, 'claimed'),
    ('claims.advance-disbursed.v1',  'paid',        'payable',   -1, 'claimed'),
    ('claims.advance-disbursed.v1',  'paid',        'paid',      +1, 'claimed'),
    ('claims.advance-disbursed.v1',  'paid',        'cash',      -1, ''),
    ('claims.advance-returned.v1',   'returned',    'payable',   +1, 'claimed'),
    ('claims.advance-returned.v1',   'returned',    'paid',      -1, 'claimed'),
    ('claims.advance-returned.v1',   'returned',    'cash',      +1, ''),
    -- A recovery: paid → to be recovered; what comes stays paid where it was spent, is recovered
    -- on the day it comes, and is available again; the rest goes back to paid.
    ('claims.recovery-requested.v1', 'parts',       'paid',      -1, 'planned'),
    ('claims.recovery-requested.v1', 'parts',       'to-be-recovered', +1, 'planned'),
    ('claims.recovery-received.v1',  'received',    'to-be-recovered', -1, 'planned'),
    ('claims.recovery-received.v1',  'received',    'paid',      +1, 'planned'),
    ('claims.recovery-received.v1',  'received',    'recovered', +1, 'day'),
    ('claims.recovery-received.v1',  'received',    'available', +1, ''),
    ('claims.recovery-received.v1',  'received',    'cash',      +1, ''),
    ('claims.recovery-received.v1',  'interest',    'other-revenue', +1, 'day'),
    ('claims.recovery-written-off.v1', 'written_off', 'to-be-recovered', -1, 'planned'),
    ('claims.recovery-written-off.v1', 'written_off', 'paid',    +1, 'planned'),
    ('claims.recovery-cancelled.v1', 'cancelled',   'to-be-recovered', -1, 'planned'),
    ('claims.recovery-cancelled.v1', 'cancelled',   'paid',      +1, 'planned'),
    -- Drawdowns: → due from funder; due from funder → cash.
    ('drawdown.submitted',           'pockets',     'due-from-funder', +1, ''),
    ('drawdown.received',            'pockets',     'due-from-funder', -1, ''),
    ('drawdown.received',            'pockets',     'cash',      +1, ''),
    -- Operations and revenue; the fact names its kind.
    ('actual.recorded',              'amount',      'its kind',  +1, 'day')
),
known AS (
    SELECT position, type, data, effective_on FROM eventstore.event WHERE recorded_at < :as_of
),
promise AS (
    -- What was reserved under an award or an amendment, and how either ended first.
    SELECT
        (array_agg(data) FILTER (WHERE type IN (
            'selection.award-approved.v1', 'selection.increase-reserved.v1'
        )))[1] AS data,
        max(effective_on) FILTER (WHERE type IN (
            'selection.award-approved.v1', 'selection.increase-reserved.v1'
        )) AS made_on,
        (array_agg(effective_on ORDER BY position) FILTER (WHERE type NOT IN (
            'selection.award-approved.v1', 'selection.increase-reserved.v1'
        )))[1] AS ended_on
    FROM known
    WHERE type IN (
        'selection.award-approved.v1', 'selection.award-lapsed.v1', 'claims.agreement-executed.v1',
        'selection.increase-reserved.v1', 'claims.increase-withdrawn.v1',
        'claims.agreement-amended.v1'
    )
    GROUP BY coalesce(data ->> 'award_id', data ->> 'amendment_id')
),
fact AS (
    SELECT type, data, effective_on FROM known
    UNION ALL
    SELECT 'it ended', data, greatest(made_on, ended_on) FROM promise
    WHERE data IS NOT NULL AND ended_on IS NOT NULL
),
field AS (
    SELECT
        type, field, array_agg(account) AS accounts, array_agg(sign) AS signs,
        array_agg(quarter) AS quarters
    FROM rule GROUP BY type, field
),
amount AS (
    SELECT
        fact.data, fact.effective_on, item.value AS item, accounts, signs, quarters,
        coalesce(
            (item.value -> 'amount' ->> 'cents')::bigint,
            (item.value ->> 'cents')::bigint,
            (item.value -> 'cash' ->> 'cents')::bigint
                + (item.value -> 'in_kind' ->> 'cents')::bigint
        ) AS cents
    FROM fact
    CROSS JOIN LATERAL jsonb_each(fact.data) AS said (name, value)
    JOIN field ON field.type = fact.type AND field.field = said.name
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(said.value)
            WHEN 'array' THEN said.value ELSE jsonb_build_array(said.value)
        END
    ) AS item (value)
    WHERE fact.effective_on <= :until
),
movement AS (
    SELECT
        CASE move.account WHEN 'its kind' THEN data ->> 'kind' ELSE move.account END AS account,
        coalesce(item ->> 'pocket', data ->> 'pocket') AS pocket,
        data ->> 'programme_code' AS programme,
        data ->> 'project_id' AS project,
        coalesce(item ->> 'participant_id', data ->> 'participant_id') AS participant,
        CASE move.quarter
            WHEN 'planned' THEN item ->> 'quarter'
            WHEN 'claimed' THEN data ->> 'quarter'
            WHEN 'day' THEN to_char(effective_on + interval '9 months', 'YYYY"-T"Q')
        END AS quarter,
        CASE move.account
            WHEN 'its kind' THEN data ->> 'code' WHEN 'other-revenue' THEN 'INTEREST'
        END AS code,
        cents * move.sign AS cents
    FROM amount
    CROSS JOIN LATERAL unnest(accounts, signs, quarters) AS move (account, sign, quarter)
),
placed AS (
    -- Envelopes, cash and receivables are kept by pocket; our own operations by code.
    SELECT
        account, pocket, quarter, code, cents,
        CASE WHEN of_a_project THEN programme END AS programme,
        CASE WHEN of_a_project THEN project END AS project,
        CASE WHEN of_a_project THEN participant END AS participant
    FROM (
        SELECT *, account NOT IN (
            'authority', 'available', 'cash', 'due-from-funder',
            'operations', 'operations-funding', 'other-revenue'
        ) AS of_a_project FROM movement
    ) AS moved
)
SELECT
    account, pocket, programme, project, participant, quarter, code, sum(cents)::bigint AS cents
FROM placed
GROUP BY account, pocket, programme, project, participant, quarter, code
HAVING sum(cents) <> 0
