CREATE SCHEMA eventstore;

CREATE TABLE eventstore.event (
    position       bigint      PRIMARY KEY,      -- dense, in commit order
    event_id       uuid        NOT NULL,
    stream_type    text        NOT NULL,
    stream_id      uuid        NOT NULL,
    stream_version integer     NOT NULL CHECK (stream_version > 0),
    type           text        NOT NULL,
    schema_version smallint    NOT NULL,
    data           jsonb       NOT NULL CHECK (pg_column_size(data) < 262144),
    meta           jsonb       NOT NULL,
    effective_on   date        NOT NULL,         -- when it happened
    recorded_at    timestamptz NOT NULL,         -- when we heard; never decreases with position
    CONSTRAINT event_stream_key UNIQUE (stream_id, stream_type, stream_version)
) WITH (fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE TABLE eventstore.command (
    command_id     uuid    PRIMARY KEY,
    request_hash   bytea   NOT NULL,
    stream_type    text    NOT NULL,
    stream_id      uuid    NOT NULL,
    stream_version integer NOT NULL,
    position       bigint  NOT NULL
);

-- The simulated clock of the embedded mode: one row at most.
CREATE TABLE eventstore.clock (
    single  boolean     PRIMARY KEY CHECK (single),
    instant timestamptz NOT NULL
);

CREATE FUNCTION eventstore.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed: % on %.% refused',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'JA003';
END $$;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON eventstore.event
    FOR EACH ROW EXECUTE FUNCTION eventstore.refuse_change();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON eventstore.event
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore.refuse_change();
CREATE TRIGGER command_is_never_changed BEFORE UPDATE OR DELETE ON eventstore.command
    FOR EACH ROW EXECUTE FUNCTION eventstore.refuse_change();
