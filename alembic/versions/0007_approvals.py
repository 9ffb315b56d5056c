"""The approvals room has its tables."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from service.foundation.tenancy import secure

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("maker_account_id", sa.Uuid(), nullable=False),
        sa.Column("checker_account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "approved", "rejected", "withdrawn", name="approvalstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_approval_state_known")
        ),
        sa.CheckConstraint(
            "checker_account_id IS DISTINCT FROM maker_account_id", name=op.f("ck_approval_checker_is_another")
        ),
        sa.ForeignKeyConstraint(
            ["checker_account_id"],
            ["account.id"],
            name=op.f("fk_approval_checker_account_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["maker_account_id"], ["account.id"], name=op.f("fk_approval_maker_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_approval_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_checker_account_id"), "approval", ["checker_account_id"], unique=False)
    op.create_index(op.f("ix_approval_maker_account_id"), "approval", ["maker_account_id"], unique=False)
    op.create_index(op.f("ix_approval_org_id"), "approval", ["org_id"], unique=False)
    op.create_index(
        "uq_approval_open",
        "approval",
        ["subject_kind", "subject_id", "step"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    for statement in secure("approval", "own"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("uq_approval_open", table_name="approval", postgresql_where=sa.text("state = 'proposed'"))
    op.drop_index(op.f("ix_approval_org_id"), table_name="approval")
    op.drop_index(op.f("ix_approval_maker_account_id"), table_name="approval")
    op.drop_index(op.f("ix_approval_checker_account_id"), table_name="approval")
    op.drop_table("approval")
