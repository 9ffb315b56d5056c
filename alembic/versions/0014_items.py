"""The items room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure
from service.items.sql import FREEZE_ITEMS, ITEM_FROZEN

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_bank",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_item_bank_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_bank")),
        sa.UniqueConstraint(
            "org_id", "code", name=op.f("uq_item_bank_org_id_code"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_item_bank_org_id"), "item_bank", ["org_id"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "in_review", "approved", "retired", name="itemstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("author_account_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_account_id", sa.Uuid(), nullable=True),
        sa.Column("review_note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'in_review', 'approved', 'retired')", name=op.f("ck_item_state_known")),
        sa.ForeignKeyConstraint(
            ["author_account_id"], ["account.id"], name=op.f("fk_item_author_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["item_bank.id"], name=op.f("fk_item_bank_id_item_bank"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_item_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_account_id"],
            ["account.id"],
            name=op.f("fk_item_reviewer_account_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("bank_id", "code", "version", name=op.f("uq_item_bank_id_code_version")),
        sa.CheckConstraint(
            "reviewer_account_id IS NULL OR reviewer_account_id IS DISTINCT FROM author_account_id",
            name=op.f("ck_item_reviewer_is_another"),
        ),
    )
    op.create_index(op.f("ix_item_author_account_id"), "item", ["author_account_id"], unique=False)
    op.create_index(op.f("ix_item_bank_id"), "item", ["bank_id"], unique=False)
    op.create_index(op.f("ix_item_org_id"), "item", ["org_id"], unique=False)
    op.create_index(op.f("ix_item_reviewer_account_id"), "item", ["reviewer_account_id"], unique=False)
    op.create_index(
        "uq_item_approved", "item", ["bank_id", "code"], unique=True, postgresql_where=sa.text("state = 'approved'")
    )
    op.execute(ITEM_FROZEN)
    op.execute(FREEZE_ITEMS)
    for statement in secure("item_bank", "nation", ("org_id",)):
        op.execute(statement)
    for statement in secure("item", "bank"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("uq_item_approved", table_name="item", postgresql_where=sa.text("state = 'approved'"))
    op.drop_index(op.f("ix_item_reviewer_account_id"), table_name="item")
    op.drop_index(op.f("ix_item_org_id"), table_name="item")
    op.drop_index(op.f("ix_item_bank_id"), table_name="item")
    op.drop_index(op.f("ix_item_author_account_id"), table_name="item")
    op.drop_table("item")
    op.drop_index(op.f("ix_item_bank_org_id"), table_name="item_bank")
    op.drop_table("item_bank")
    op.execute("DROP FUNCTION item_frozen()")
