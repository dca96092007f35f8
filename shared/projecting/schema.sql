CREATE SCHEMA projecting;

-- One row per generation of a projection. Its tables are in the schema <name>_<generation>.
CREATE TABLE projecting.projection (
    name            text        NOT NULL,
    generation      integer     NOT NULL CHECK (generation > 0),
    code_version    integer     NOT NULL,
    status          text        NOT NULL CHECK (status IN ('building', 'active', 'retired', 'failed')),
    position        bigint      NOT NULL DEFAULT 0, -- the events up to here are in its tables
    error           text,                           -- why it failed, with the traceback
    failed_position bigint,
    failed_event_id uuid,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, generation)
);

-- Which generation readers use: switching is the change of one row.
CREATE TABLE projecting.serving (
    name       text    PRIMARY KEY,
    generation integer NOT NULL,
    FOREIGN KEY (name, generation) REFERENCES projecting.projection (name, generation)
);
