"""
What PostgreSQL itself does with lines: refuses entries that do not add up, and adds up by day.

Both look at all the lines of a statement at once; a look at each takes longer than writing it. What
one statement adds is balanced by itself, so an entry has to be written by one statement.
"""

from collections.abc import Iterable, Iterator

_FUNCTIONS = """
CREATE FUNCTION {schema}.refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced bigint;
BEGIN
    SELECT position INTO unbalanced FROM added
    GROUP BY position, pocket HAVING sum(cents) <> 0 LIMIT 1;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'the entry at position % does not add up to zero', unbalanced
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lines are never changed: % refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;

CREATE FUNCTION {schema}.add_up_by_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.amount AS kept (
        fiscal_year, account, quarter, programme, pocket, code, recorded_on, happened_on, cents
    )
    SELECT
        fiscal_year, account, quarter, coalesce(programme, ''), coalesce(pocket, ''),
        coalesce(code, ''), (recorded_at AT TIME ZONE 'America/Toronto')::date, happened_on,
        sum(cents)
    FROM added
    WHERE fiscal_year IS NOT NULL AND account IN ({accounts})
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    HAVING sum(cents) <> 0
    ON CONFLICT (
        fiscal_year, account, quarter, programme, pocket, code, recorded_on, happened_on
    ) DO UPDATE SET cents = kept.cents + excluded.cents;
    RETURN NULL;
END
$$;
"""

_TRIGGERS = """
CREATE TRIGGER entry_adds_up AFTER INSERT ON {schema}.line REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_unbalanced_entry();

CREATE TRIGGER line_is_never_changed BEFORE UPDATE OR DELETE ON {schema}.line
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

CREATE TRIGGER line_is_added_up AFTER INSERT ON {schema}.line REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.add_up_by_day();
"""


def statements(schema: str, *, added_up: Iterable[str]) -> Iterator[str]:
    """What to execute once ``line`` is there; ``added_up`` names the accounts of the tables."""
    accounts = ", ".join(f"'{account}'" for account in added_up)
    yield _FUNCTIONS.format(schema=schema, accounts=accounts)
    yield _TRIGGERS.format(schema=schema)
