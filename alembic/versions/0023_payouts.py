"""The payouts room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import only_added, secure
from service.payouts.sql import DROP, STATEMENTS

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incentive_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["issued_document.id"],
            name=op.f("fk_incentive_statement_document_id_issued_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"],
            ["organisation.id"],
            name=op.f("fk_incentive_statement_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_incentive_statement_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive_statement")),
    )
    op.create_index(op.f("ix_incentive_statement_document_id"), "incentive_statement", ["document_id"], unique=False)
    op.create_index(op.f("ix_incentive_statement_org_id"), "incentive_statement", ["org_id"], unique=False)
    op.create_index(op.f("ix_incentive_statement_person_id"), "incentive_statement", ["person_id"], unique=False)
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("notice_kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("notice_opens_on", sa.Date(), nullable=True),
        sa.Column("notice_closes_on", sa.Date(), nullable=True),
        sa.Column("notice_certain", sa.Boolean(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment_reference", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("rejection_reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "proposed",
                "approved",
                "noticed",
                "clear",
                "paid",
                "rejected",
                name="payoutstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_on IS NOT NULL AND payment_reference IS NOT NULL)",
            name=op.f("ck_payout_paid_whole"),
        ),
        sa.CheckConstraint("notice_kind IN ('calendar', 'working')", name=op.f("ck_payout_notice_kind_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'approved', 'noticed', 'clear', 'paid', 'rejected')",
            name=op.f("ck_payout_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "plan_id"],
            ["plan.org_id", "plan.id"],
            name=op.f("fk_payout_org_id_plan_id_plan"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_payout_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_payout_org_id_id")),
    )
    op.create_index(op.f("ix_payout_org_id"), "payout", ["org_id"], unique=False)
    op.create_index(op.f("ix_payout_plan_id"), "payout", ["plan_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("finding", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "payout_id"],
            ["payout.org_id", "payout.id"],
            name=op.f("fk_objection_org_id_payout_id_payout"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_objection_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_objection_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_org_id"), "objection", ["org_id"], unique=False)
    op.create_index(op.f("ix_objection_payout_id"), "objection", ["payout_id"], unique=False)
    op.create_index(op.f("ix_objection_person_id"), "objection", ["person_id"], unique=False)
    op.create_table(
        "payout_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("accrual_line_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("gross_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=True),
        sa.Column("net_fen", sa.BigInteger(), nullable=True),
        sa.Column("tax_ground", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(tax_fen IS NULL AND net_fen IS NULL) OR gross_fen = net_fen + tax_fen",
            name=op.f("ck_payout_line_net_and_tax_are_gross"),
        ),
        sa.ForeignKeyConstraint(
            ["accrual_line_id"],
            ["accrual_line.id"],
            name=op.f("fk_payout_line_accrual_line_id_accrual_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "payout_id"],
            ["payout.org_id", "payout.id"],
            name=op.f("fk_payout_line_org_id_payout_id_payout"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_payout_line_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_payout_line_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_line")),
    )
    op.create_index(op.f("ix_payout_line_org_id"), "payout_line", ["org_id"], unique=False)
    op.create_index(op.f("ix_payout_line_payout_id"), "payout_line", ["payout_id"], unique=False)
    op.create_index(op.f("ix_payout_line_person_id"), "payout_line", ["person_id"], unique=False)
    op.create_index(
        "uq_payout_line_live", "payout_line", ["accrual_line_id"], unique=True, postgresql_where=sa.text("live")
    )
    for statement in secure("payout", "own"):
        op.execute(statement)
    for statement in secure("payout_line", "own, person reads"):
        op.execute(statement)
    for statement in secure("objection", "own, person reads"):
        op.execute(statement)
    for statement in secure("incentive_statement", "own, person reads"):
        op.execute(statement)
    for statement in only_added("incentive_statement"):
        op.execute(statement)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP:
        op.execute(statement)
    op.drop_index("uq_payout_line_live", table_name="payout_line", postgresql_where=sa.text("live"))
    op.drop_index(op.f("ix_payout_line_person_id"), table_name="payout_line")
    op.drop_index(op.f("ix_payout_line_payout_id"), table_name="payout_line")
    op.drop_index(op.f("ix_payout_line_org_id"), table_name="payout_line")
    op.drop_table("payout_line")
    op.drop_index(op.f("ix_objection_person_id"), table_name="objection")
    op.drop_index(op.f("ix_objection_payout_id"), table_name="objection")
    op.drop_index(op.f("ix_objection_org_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_payout_plan_id"), table_name="payout")
    op.drop_index(op.f("ix_payout_org_id"), table_name="payout")
    op.drop_table("payout")
    op.drop_index(op.f("ix_incentive_statement_person_id"), table_name="incentive_statement")
    op.drop_index(op.f("ix_incentive_statement_org_id"), table_name="incentive_statement")
    op.drop_index(op.f("ix_incentive_statement_document_id"), table_name="incentive_statement")
    op.drop_table("incentive_statement")
