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

-- Appends are serialised until commit by one advisory lock per database, so that the order of
-- positions is the order of commits and a reader of `position > checkpoint` cannot skip anything.
-- READ COMMITTED only: each statement below must see what the previous holder of the lock left.
CREATE FUNCTION eventstore.append(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_types text[], p_schema_versions smallint[], p_data jsonb[], p_effective_on date[],
    p_meta jsonb, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    actual integer;
    head bigint;
    latest timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(4711001);
    SELECT max(stream_version) INTO actual FROM event
        WHERE stream_id = p_stream_id AND stream_type = p_stream_type;
    IF coalesce(actual, 0) <> p_expected THEN
        RAISE EXCEPTION 'stream %-% is at %, expected %',
            p_stream_type, p_stream_id, coalesce(actual, 0), p_expected USING ERRCODE = 'JA001';
    END IF;
    SELECT position, recorded_at INTO head, latest FROM event ORDER BY position DESC LIMIT 1;
    head := coalesce(head, 0);
    INSERT INTO event
        SELECT head + o, gen_random_uuid(), p_stream_type, p_stream_id, p_expected + o::integer,
               t, v, d, p_meta, e, greatest(coalesce(p_now, clock_timestamp()), latest)
        FROM unnest(p_types, p_schema_versions, p_data, p_effective_on)
             WITH ORDINALITY AS u (t, v, d, e, o);
    head := head + cardinality(p_types);
    PERFORM pg_notify('jalon_events', head::text);
    RETURN head;
END $$;

-- The command is remembered in the transaction of its events: asked again, it answers the same.
CREATE FUNCTION eventstore.remember(
    p_command_id uuid, p_request_hash bytea,
    p_stream_type text, p_stream_id uuid, p_stream_version integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    head bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4711001);
    SELECT coalesce(max(position), 0) INTO head FROM event;
    INSERT INTO command VALUES
        (p_command_id, p_request_hash, p_stream_type, p_stream_id, p_stream_version, head)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'command % was carried out before', p_command_id USING ERRCODE = 'JA001';
    END IF;
    RETURN head;
END $$;

-- Both in one statement, so that the usual command costs one round trip and holds the lock least.
CREATE FUNCTION eventstore.append_and_remember(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_types text[], p_schema_versions smallint[], p_data jsonb[], p_effective_on date[],
    p_meta jsonb, p_now timestamptz,
    p_command_id uuid, p_request_hash bytea,
    p_command_stream_type text, p_command_stream_id uuid, p_command_stream_version integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
BEGIN
    PERFORM append(p_stream_type, p_stream_id, p_expected, p_types, p_schema_versions, p_data,
                   p_effective_on, p_meta, p_now);
    RETURN remember(p_command_id, p_request_hash, p_command_stream_type, p_command_stream_id,
                    p_command_stream_version);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA eventstore FROM PUBLIC;
