-- Appends are serialised until commit by one advisory lock per database, so that the order of
-- positions is the order of commits and a reader of `position > checkpoint` cannot skip anything.
-- READ COMMITTED only: each statement below must see what the previous holder of the lock left.
-- Events come as one JSON array of [type, schema version, effective on, data]: text that a client
-- writes and PostgreSQL reads several times as fast as four arrays of a hundred elements each.
-- Gives the last position, or NULL, with nothing written, where the stream has moved on: an
-- exception would need a savepoint for every message that a consumer takes.
CREATE OR REPLACE FUNCTION eventstore.append(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_events jsonb, p_meta jsonb, p_now timestamptz
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
        RETURN NULL;
    END IF;
    SELECT position, recorded_at INTO head, latest FROM event ORDER BY position DESC LIMIT 1;
    head := coalesce(head, 0);
    INSERT INTO event
        SELECT head + o, gen_random_uuid(), p_stream_type, p_stream_id, p_expected + o::integer,
               e ->> 0, (e ->> 1)::smallint, e -> 3, p_meta, (e ->> 2)::date,
               greatest(coalesce(p_now, clock_timestamp()), latest)
        FROM jsonb_array_elements(p_events) WITH ORDINALITY AS u (e, o);
    head := head + jsonb_array_length(p_events);
    PERFORM pg_notify('jalon_events', head::text);
    RETURN head;
END $$;

-- The command is remembered in the transaction of its events: asked again, it answers the same.
-- NULL where it was carried out before.
CREATE OR REPLACE FUNCTION eventstore.remember(
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
    RETURN CASE WHEN FOUND THEN head END;
END $$;

-- Both in one statement, so that the usual command costs one round trip and holds the lock least.
-- NULL, with nothing written, where either of them gives NULL.
CREATE OR REPLACE FUNCTION eventstore.append_and_remember(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_events jsonb, p_meta jsonb, p_now timestamptz,
    p_command_id uuid, p_request_hash bytea,
    p_command_stream_type text, p_command_stream_id uuid, p_command_stream_version integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    head bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4711001);
    IF EXISTS (SELECT FROM command WHERE command_id = p_command_id) THEN
        RETURN NULL;
    END IF;
    head := append(p_stream_type, p_stream_id, p_expected, p_events, p_meta, p_now);
    IF head IS NOT NULL THEN
        INSERT INTO command VALUES (p_command_id, p_request_hash, p_command_stream_type,
                                    p_command_stream_id, p_command_stream_version, head);
    END IF;
    RETURN head;
END $$;

-- What has come together in one process, in one statement and so in one transaction: an array of
-- [stream type, stream id, expected, events, meta, now], then for a command to be remembered
-- [id, request hash in hex, stream type, stream id, stream version]. Gives for each what append
-- or append_and_remember gives; the NULL of one is not the others'.
CREATE OR REPLACE FUNCTION eventstore.append_each(p_appends jsonb)
RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    a jsonb;
    c jsonb;
    reached bigint[] := '{}';
BEGIN
    FOR a IN SELECT e FROM jsonb_array_elements(p_appends) WITH ORDINALITY AS u (e, o) ORDER BY o
    LOOP
        c := a -> 6;
        IF c IS NULL THEN
            reached := array_append(reached, append(
                a ->> 0, (a ->> 1)::uuid, (a ->> 2)::integer, a -> 3, a -> 4,
                (a ->> 5)::timestamptz));
        ELSE
            reached := array_append(reached, append_and_remember(
                a ->> 0, (a ->> 1)::uuid, (a ->> 2)::integer, a -> 3, a -> 4,
                (a ->> 5)::timestamptz,
                (c ->> 0)::uuid, decode(c ->> 1, 'hex'), c ->> 2, (c ->> 3)::uuid,
                (c ->> 4)::integer));
        END IF;
    END LOOP;
    RETURN reached;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA eventstore FROM PUBLIC;
