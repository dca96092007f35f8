-- The log of the postgres transport, in a database of its own. Run as often as you like.
CREATE SCHEMA IF NOT EXISTS log;

CREATE TABLE IF NOT EXISTS log.message (
    topic    text        NOT NULL,
    position bigint      NOT NULL,  -- 0, 1, 2 ... per topic, in commit order, without a gap
    key      text        NOT NULL,
    headers  jsonb       NOT NULL,  -- [["ce_id", "..."], ...]
    value    bytea       NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, position)
);

-- Who may connect to this database is decided when it is created; whoever may, reads and appends.
GRANT USAGE ON SCHEMA log TO PUBLIC;
GRANT SELECT, INSERT ON log.message TO PUBLIC;
