"""The ledger room has its tables."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from service.foundation.tenancy import only_added, secure

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BALANCED = (
    """
    CREATE FUNCTION entry_is_balanced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE difference numeric; counted int;
    BEGIN
        SELECT coalesce(sum(CASE side WHEN 'debit' THEN amount ELSE -amount END), 0), count(*)
        INTO difference, counted FROM ledger_line WHERE entry_id = NEW.entry_id;
        IF difference <> 0 OR counted < 2 THEN
            RAISE EXCEPTION 'ledger entry % does not balance: % over % lines', NEW.entry_id, difference, counted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_balanced';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER entry_is_balanced AFTER INSERT ON ledger_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()
    """,
)


def upgrade() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column(
            "book", sa.Enum("money", "hours", "shares", name="book", native_enum=False, length=40), nullable=False
        ),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("owner_kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("book IN ('money', 'hours', 'shares')", name=op.f("ck_ledger_account_book_known")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ledger_account_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ledger_account_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "org_id",
            "book",
            "code",
            "owner_id",
            name=op.f("uq_ledger_account_org_id_book_code_owner_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ledger_account_org_id_id")),
    )
    op.create_index(op.f("ix_ledger_account_org_id"), "ledger_account", ["org_id"], unique=False)
    op.create_index(op.f("ix_ledger_account_person_id"), "ledger_account", ["person_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column(
            "book", sa.Enum("money", "hours", "shares", name="book", native_enum=False, length=40), nullable=False
        ),
        sa.Column("source_kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.CheckConstraint("book IN ('money', 'hours', 'shares')", name=op.f("ck_ledger_entry_book_known")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ledger_entry_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_ledger_entry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "org_id", "book", "source_kind", "source_id", name=op.f("uq_ledger_entry_org_id_book_source_kind_source_id")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ledger_entry_org_id_id")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_entry_reverses")),
    )
    op.create_index(op.f("ix_ledger_entry_org_id"), "ledger_entry", ["org_id"], unique=False)
    op.create_table(
        "ledger_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Enum("debit", "credit", name="side", native_enum=False, length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f("ck_ledger_line_side_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_line_amount_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "account_id"],
            ["ledger_account.org_id", "ledger_account.id"],
            name=op.f("fk_ledger_line_org_id_account_id_ledger_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "entry_id"],
            ["ledger_entry.org_id", "ledger_entry.id"],
            name=op.f("fk_ledger_line_org_id_entry_id_ledger_entry"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("entry_id", "line_no", name=op.f("uq_ledger_line_entry_id_line_no")),
    )
    op.create_index(op.f("ix_ledger_line_account_id"), "ledger_line", ["account_id"], unique=False)
    op.create_index(op.f("ix_ledger_line_entry_id"), "ledger_line", ["entry_id"], unique=False)
    op.create_index(op.f("ix_ledger_line_org_id"), "ledger_line", ["org_id"], unique=False)
    for statement in secure("ledger_account", "own, person reads"):
        op.execute(statement)
    for statement in secure("ledger_entry", "own"):
        op.execute(statement)
    for statement in only_added("ledger_entry"):
        op.execute(statement)
    for statement in secure("ledger_line", "own"):
        op.execute(statement)
    for statement in only_added("ledger_line"):
        op.execute(statement)
    for statement in BALANCED:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION entry_is_balanced() CASCADE")
    op.drop_index(op.f("ix_ledger_line_org_id"), table_name="ledger_line")
    op.drop_index(op.f("ix_ledger_line_entry_id"), table_name="ledger_line")
    op.drop_index(op.f("ix_ledger_line_account_id"), table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_index(op.f("ix_ledger_entry_org_id"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_index(op.f("ix_ledger_account_person_id"), table_name="ledger_account")
    op.drop_index(op.f("ix_ledger_account_org_id"), table_name="ledger_account")
    op.drop_table("ledger_account")
