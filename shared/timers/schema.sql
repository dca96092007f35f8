CREATE SCHEMA timers;

CREATE TABLE timers.timer (
    timer_id       uuid        PRIMARY KEY,
    kind           text        NOT NULL,
    fires_on       date        NOT NULL,           -- civil date in America/Toronto
    fires_at       timestamptz NOT NULL,           -- 00:05 of that date
    stream_type    text        NOT NULL,
    stream_id      uuid        NOT NULL,
    payload        jsonb       NOT NULL,
    correlation_id uuid        NOT NULL,           -- of the command that armed it
    state          text        NOT NULL CHECK (state IN ('armed', 'disarmed', 'fired', 'refused')),
    fired_at       timestamptz,                    -- when it was carried out or refused
    reason         text                            -- why it was refused
);

CREATE INDEX timer_due ON timers.timer (fires_at) WHERE state = 'armed';

-- One row: the events up to here have armed and disarmed what they say.
CREATE TABLE timers.checkpoint (
    single   boolean PRIMARY KEY CHECK (single),
    position bigint  NOT NULL
);

INSERT INTO timers.checkpoint VALUES (true, 0);
