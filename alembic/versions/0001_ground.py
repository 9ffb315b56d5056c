"""The ground: functions the policies read, append-only guard, journal, handled events, stored answers, limits."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import FUNCTIONS, REFUSE_CHANGE, only_added, secure
from service.web.limits import TAKE_TOKEN

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for block in (FUNCTIONS, REFUSE_CHANGE):
        for statement in block.split("\nCREATE ")[1:]:
            op.execute("CREATE " + statement)
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO tmc_app, tmc_worker")
    op.execute("GRANT SELECT ON alembic_version TO tmc_app, tmc_worker")
    op.create_table(
        "handled",
        sa.Column("listener", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("listener", "event_id", name=op.f("pk_handled")),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("route", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotent_answer")),
    )
    op.create_table(
        "rate_bucket",
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject", name=op.f("pk_rate_bucket")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    op.create_index("ix_journal_entry_account_id", "journal_entry", ["account_id"])
    op.create_index("ix_journal_entry_person_id", "journal_entry", ["person_id"])
    op.create_index("ix_journal_entry_subject", "journal_entry", ["subject_kind", "subject_id"])
    op.create_index("ix_journal_entry_org_created", "journal_entry", ["org_id", "created_at"])
    for statement in (
        *secure("handled", "system"),
        *secure("idempotent_answer", "gate"),
        *secure("rate_bucket", "function only"),
        *secure("journal_entry", "journal"),
        *only_added("journal_entry"),
    ):
        op.execute(statement)
    op.execute(TAKE_TOKEN)
    op.execute("REVOKE ALL ON FUNCTION take_token(text, bytea, int, int) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION take_token(text, bytea, int, int) TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION take_token(text, bytea, int, int)")
    for table in ("journal_entry", "rate_bucket", "idempotent_answer", "handled"):
        op.drop_table(table)
    for function in ("refuse_change", "app_is_system", "app_account", "app_person", "app_org", "app_reach"):
        op.execute(f"DROP FUNCTION {function}()")
