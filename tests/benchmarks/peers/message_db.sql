-- A message store that behaves as the documentation of Message DB describes
-- (https://docs.eventide-project.org/user-guide/message-db): its table, indexes and the three
-- functions needed here. Written anew from that description; none of its source is used.

CREATE SCHEMA message_store;
SET LOCAL search_path = message_store, public;

CREATE TABLE messages (
    global_position bigserial PRIMARY KEY,
    position        bigint    NOT NULL,
    time            timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    stream_name     text      NOT NULL,
    type            text      NOT NULL,
    data            jsonb,
    metadata        jsonb,
    id              uuid      NOT NULL DEFAULT gen_random_uuid()
);

-- What stands before the first dash of a stream's name.
CREATE FUNCTION category(stream_name text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN split_part(stream_name, '-', 1);

CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE UNIQUE INDEX messages_stream ON messages (stream_name, position);
CREATE INDEX messages_category ON messages
    (category(stream_name), global_position, category(metadata ->> 'correlationStreamName'));

-- Writers to one category wait for each other until they commit, so that positions appear in
-- order within the category. -1 expects that there is no stream yet; positions begin at 0.
CREATE FUNCTION write_message(
    id text, stream_name text, type text, data jsonb,
    metadata jsonb DEFAULT NULL, expected_version bigint DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SET search_path = message_store, public AS $$
DECLARE
    version bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(category(write_message.stream_name), 0));
    SELECT coalesce(max(m.position), -1) INTO version FROM messages m
        WHERE m.stream_name = write_message.stream_name;
    IF expected_version IS NOT NULL AND expected_version <> version THEN
        RAISE EXCEPTION 'Wrong expected version: % (Stream: %, Stream Version: %)',
            expected_version, write_message.stream_name, version;
    END IF;
    INSERT INTO messages (id, stream_name, position, type, data, metadata) VALUES (
        write_message.id::uuid, write_message.stream_name, version + 1, write_message.type,
        write_message.data, write_message.metadata
    );
    RETURN version + 1;
END $$;

CREATE TYPE message AS (
    id text, stream_name text, type text, position bigint, global_position bigint,
    data text, metadata text, time timestamp
);

CREATE FUNCTION get_stream_messages(
    stream_name text, "position" bigint DEFAULT 0, batch_size bigint DEFAULT 1000
) RETURNS SETOF message LANGUAGE sql STABLE SET search_path = message_store, public AS $$
    SELECT m.id::text, m.stream_name, m.type, m.position, m.global_position,
           m.data::text, m.metadata::text, m.time
    FROM messages m
    WHERE m.stream_name = $1 AND m.position >= $2
    ORDER BY m.position LIMIT nullif($3, -1)
$$;

CREATE FUNCTION get_category_messages(
    category text, "position" bigint DEFAULT 1, batch_size bigint DEFAULT 1000
) RETURNS SETOF message LANGUAGE sql STABLE SET search_path = message_store, public AS $$
    SELECT m.id::text, m.stream_name, m.type, m.position, m.global_position,
           m.data::text, m.metadata::text, m.time
    FROM messages m
    WHERE message_store.category(m.stream_name) = $1 AND m.global_position >= $2
    ORDER BY m.global_position LIMIT nullif($3, -1)
$$;
