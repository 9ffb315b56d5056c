"""Row-level security by tenancy class: the SQL each class means, used by migrations and compared by a house test."""

import re
from dataclasses import dataclass

ORG = "app_org()"
PERSON = "app_person()"
SYSTEM = "app_is_system()"
READS_NATION = "app_reach() = 'nation'"
AUTHORITY = "app_reach() = 'authority'"
GATE = "app_reach() = 'gate'"


def apart(column: str) -> str:
    """The condition that sandbox data and real data never meet: a sandbox sees its own rows, everybody else none of any."""
    return (
        f"(CASE WHEN (SELECT app_in_sandbox()) THEN {column} = {ORG}"
        f" ELSE {column} <> ALL ((SELECT sandbox_orgs())::uuid[]) END)"
    )


FUNCTIONS = """
CREATE FUNCTION app_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('app.reach', true), '') $$;
CREATE FUNCTION app_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('app.org', true), '')::uuid $$;
CREATE FUNCTION app_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('app.person', true), '')::uuid $$;
CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('app.account', true), '')::uuid $$;
CREATE FUNCTION app_is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT current_setting('app.reach', true) = 'system' AND current_user IN ('tmc_worker', 'tmc_owner') $$;
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


@dataclass(frozen=True)
class Policy:
    """One policy: its name, the command it speaks of, and its condition."""

    name: str
    command: str
    condition: str


DECLARED = re.compile(r"Tenancy: ([a-z ,-]+?)(?: \(([a-z_, ]+)\))?\.")


def declared(docstring: str) -> tuple[str, tuple[str, ...], bool]:
    """What a table's docstring says: tenancy class, its columns, and whether rows are only added."""
    found = DECLARED.search(" ".join(docstring.split()))
    if found is None:
        raise ValueError(f"no tenancy class in: {docstring[:60]!r}")
    columns = tuple(one.strip() for one in (found.group(2) or "").split(",") if one.strip())
    return found.group(1).strip(), columns, "Only added." in docstring


def policies(kind: str, columns: tuple[str, ...] = ()) -> list[Policy]:
    """The policies of a tenancy class.

    `kind` and `columns` are what a table's docstring says after `Tenancy:`, columns in parentheses.
    """
    org = "org_id"
    if kind == "own":
        return [
            Policy("own", "ALL", f"{org} = {ORG} OR {SYSTEM}"),
            Policy("nation", "SELECT", f"{READS_NATION} AND {apart(org)}"),
        ]
    if kind == "own, person reads":
        return [*policies("own"), Policy("person", "SELECT", f"person_id = {PERSON}")]
    if kind == "own, person acts":
        return [*policies("own"), Policy("person", "ALL", f"person_id = {PERSON}")]
    if kind == "shared":
        mine = " OR ".join(f"{column} = {ORG}" for column in columns)
        return [Policy("shared", "ALL", f"{mine} OR {SYSTEM}"), Policy("nation", "SELECT", READS_NATION)]
    if kind == "person":  # names below are column names of our own tables, never input
        column = columns[0] if columns else "person_id"
        granted = (
            f"EXISTS (SELECT 1 FROM person_access AS granted WHERE granted.person_id = {{table}}.{column}"
            f" AND granted.org_id = {ORG} AND (granted.until IS NULL OR granted.until > now()))"
        )
        return [
            Policy("self", "ALL", f"{column} = {PERSON} OR {SYSTEM}"),
            Policy("granted", "SELECT", granted),
            Policy("granted_change", "UPDATE", granted),
            Policy("first_entry", "INSERT", f"app_reach() = 'org' OR {GATE}"),
        ]
    if kind == "nation":
        writer = f"{AUTHORITY} OR {SYSTEM}"
        if columns:
            writer = f"{columns[0]} = {ORG} OR {writer}"
        return [Policy("read", "SELECT", "true"), Policy("write", "ALL", writer)]
    if kind == "nation, drafts apart":
        mine = f"{columns[0]} = {ORG} OR {AUTHORITY} OR {SYSTEM}"
        return [Policy("read", "SELECT", f"state = 'frozen' OR {mine}"), Policy("write", "ALL", mine)]
    if kind == "nation, sandbox apart":
        return [Policy("read", "SELECT", apart(columns[0])), Policy("write", "ALL", f"{AUTHORITY} OR {SYSTEM}")]
    if kind == "organisation":  # `sandbox` is a column of its own, so that the register asks itself nothing
        reader = f"CASE WHEN (SELECT app_in_sandbox()) THEN id = {ORG} ELSE NOT sandbox OR sandbox_of = {ORG} END"
        return [Policy("read", "SELECT", reader), Policy("write", "ALL", f"id = {ORG} OR {AUTHORITY} OR {SYSTEM}")]
    if kind == "gate":
        column = columns[0] if columns else "account_id"
        return [Policy("gate", "ALL", f"{GATE} OR {AUTHORITY} OR {column} = app_account() OR {SYSTEM}")]
    if kind == "journal":
        return [
            Policy("write", "INSERT", "true"),
            Policy(
                "read", "SELECT", f"org_id = {ORG} OR {READS_NATION} OR {AUTHORITY} OR {SYSTEM} OR person_id = {PERSON}"
            ),
        ]
    if kind == "shared, person reads":
        return [*policies("shared", columns), Policy("person", "SELECT", f"person_id = {PERSON}")]
    if kind == "own, published read":
        published = f"state <> 'planned' AND {apart(org)}" if columns == ("state",) else apart(org)
        return [*policies("own"), Policy("published", "SELECT", published)]
    if kind == "own, released to person":
        released = "EXISTS (SELECT 1 FROM result_release AS told WHERE told.result_id = {table}.id)"
        return [*policies("own"), Policy("person", "SELECT", f"person_id = {PERSON} AND {released}")]
    if kind == "bank":
        return [
            Policy("own", "ALL", f"{org} = {ORG} OR {AUTHORITY} OR {SYSTEM}"),
            Policy("public", "SELECT", "public"),
        ]
    if kind == "letter":
        return [
            Policy("write", "INSERT", "true"),
            Policy("mine", "ALL", f"account_id = app_account() OR person_id = {PERSON} OR {SYSTEM}"),
        ]
    if kind == "look-up":
        return [
            Policy("write", "INSERT", "true"),
            Policy("read", "SELECT", f"{org} = {ORG} OR {READS_NATION} OR person_id = {PERSON} OR {SYSTEM}"),
        ]
    if kind == "function only":
        return []
    if kind == "system":
        return [Policy("system", "ALL", SYSTEM)]
    raise ValueError(f"no tenancy class {kind!r}")


def secure(table: str, kind: str, columns: tuple[str, ...] = ()) -> list[str]:
    """SQL statements that put a table under its tenancy class: enable, FORCE, one policy each, and grants."""
    grants = (
        [] if kind == "function only" else [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tmc_app, tmc_worker"]
    )
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        *grants,
    ]
    for policy in policies(kind, columns):
        condition = policy.condition.replace("{table}", table)
        clauses = f"USING ({condition})"
        if policy.command == "INSERT":
            clauses = f"WITH CHECK ({condition})"
        elif policy.command in ("ALL", "UPDATE"):
            clauses = f"USING ({condition}) WITH CHECK ({condition})"
        statements.append(f"CREATE POLICY {policy.name} ON {table} FOR {policy.command} {clauses}")
    return statements


def only_added(table: str) -> list[str]:
    """SQL statements that make a table append-only for everyone, its owner included."""
    return [
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM tmc_app, tmc_worker",
        f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
