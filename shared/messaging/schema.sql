CREATE SCHEMA messaging;

-- How far a service has published its events, and who may say so.
CREATE TABLE messaging.relay (
    service  text        PRIMARY KEY,
    epoch    bigint      NOT NULL,             -- raised by each new leader: older ones are fenced
    position bigint      NOT NULL,             -- of the last event that needs no more publishing
    at       timestamptz NOT NULL
);

-- How far a service has consumed the topics it listens to.
CREATE TABLE messaging.consumed (
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    next_offset bigint      NOT NULL,          -- of the first record that is not consumed yet
    source      text,                          -- the publishing service, and
    position    bigint      NOT NULL,          -- the highest position of it that was seen here
    at          timestamptz NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- The messages that were received: handled, or parked. Never pruned, so that a replay of any age
-- has no effect; a row takes some sixty bytes.
CREATE TABLE messaging.inbox (
    message_id uuid        PRIMARY KEY,
    at         timestamptz NOT NULL
);

-- A key of which a message could not be handled. Later messages of the key queue behind it.
CREATE TABLE messaging.parked_key (
    topic     text        NOT NULL,
    key       text        NOT NULL,
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (topic, key)
);

-- Messages of parked keys, as they came, and afterwards the record of what became of them.
CREATE TABLE messaging.parked_message (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- in order per key
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    "offset"    bigint      NOT NULL,
    key         text        NOT NULL,
    message_id  uuid        NOT NULL,
    type        text,                          -- null: it could not be read
    headers     jsonb       NOT NULL,
    value       bytea       NOT NULL,
    problem     text,                          -- why it failed; null: it waits behind another
    attempts    integer     NOT NULL,
    parked_at   timestamptz NOT NULL,
    outcome     text        CHECK (outcome IN ('handled', 'discarded')),  -- null: still parked
    resolved_at timestamptz,
    resolved_by text,                          -- opaque id of a person
    reason      text,                          -- why it was discarded
    CONSTRAINT parked_message_resolved CHECK (
        (outcome IS NULL) = (resolved_at IS NULL) AND (outcome IS NULL) = (resolved_by IS NULL)
    ),
    CONSTRAINT parked_message_discarded CHECK (
        outcome IS DISTINCT FROM 'discarded' OR reason IS NOT NULL
    )
);
CREATE INDEX parked_message_waiting ON messaging.parked_message (topic, key, id)
    WHERE outcome IS NULL;
