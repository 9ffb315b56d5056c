"""Candidates appeal against their results, panels hear them."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.exams.sql import APPEAL_BENCH, APPEAL_FORWARD, APPEAL_FORWARD_ONLY
from service.foundation.tenancy import only_added, secure

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("exam_session_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "score_check", "marking", "procedure", "irregularity", name="appealground", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("statement_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "lodged", "hearing", "drawn_up", "closed", "withdrawn", name="appealstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum("upheld", "partly_upheld", "dismissed", name="appealoutcome", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("reasons_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("marks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("new_score", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("new_result_id", sa.Uuid(), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('drawn_up', 'closed')) = (outcome IS NOT NULL)", name=op.f("ck_appeal_outcome_when_decided")
        ),
        sa.CheckConstraint(
            "ground IN ('score_check', 'marking', 'procedure', 'irregularity')", name=op.f("ck_appeal_ground_known")
        ),
        sa.CheckConstraint("outcome IN ('upheld', 'partly_upheld', 'dismissed')", name=op.f("ck_appeal_outcome_known")),
        sa.CheckConstraint(
            "state IN ('lodged', 'hearing', 'drawn_up', 'closed', 'withdrawn')", name=op.f("ck_appeal_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_appeal_approval_id_approval"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["new_result_id"], ["result.id"], name=op.f("fk_appeal_new_result_id_result"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"],
            ["exam_session.org_id", "exam_session.id"],
            name=op.f("fk_appeal_org_id_exam_session_id_exam_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_appeal_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_appeal_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appeal_person_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_appeal_result_id_result"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_appeal_org_id_id")),
    )
    op.create_index(op.f("ix_appeal_approval_id"), "appeal", ["approval_id"], unique=False)
    op.create_index(op.f("ix_appeal_exam_session_id"), "appeal", ["exam_session_id"], unique=False)
    op.create_index(op.f("ix_appeal_new_result_id"), "appeal", ["new_result_id"], unique=False)
    op.create_index(op.f("ix_appeal_org_id"), "appeal", ["org_id"], unique=False)
    op.create_index(op.f("ix_appeal_person_id"), "appeal", ["person_id"], unique=False)
    op.create_index(op.f("ix_appeal_result_id"), "appeal", ["result_id"], unique=False)
    op.create_index(op.f("ix_appeal_sitting_id"), "appeal", ["sitting_id"], unique=False)
    op.create_index(
        "uq_appeal_sitting", "appeal", ["sitting_id"], unique=True, postgresql_where=sa.text("state <> 'withdrawn'")
    )
    op.create_table(
        "appeal_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stood_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_appeal_member_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appeal_id"],
            ["appeal.org_id", "appeal.id"],
            name=op.f("fk_appeal_member_org_id_appeal_id_appeal"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_appeal_member_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_member")),
        sa.UniqueConstraint("appeal_id", "account_id", name=op.f("uq_appeal_member_appeal_id_account_id")),
    )
    op.create_index(op.f("ix_appeal_member_account_id"), "appeal_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_appeal_member_appeal_id"), "appeal_member", ["appeal_id"], unique=False)
    op.create_index(op.f("ix_appeal_member_org_id"), "appeal_member", ["org_id"], unique=False)
    op.create_table(
        "appeal_opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("upheld", "partly_upheld", "dismissed", name="appealoutcome", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("reasons_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'partly_upheld', 'dismissed')", name=op.f("ck_appeal_opinion_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_appeal_opinion_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appeal_id"],
            ["appeal.org_id", "appeal.id"],
            name=op.f("fk_appeal_opinion_org_id_appeal_id_appeal"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_appeal_opinion_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_opinion")),
        sa.UniqueConstraint("appeal_id", "account_id", name=op.f("uq_appeal_opinion_appeal_id_account_id")),
    )
    op.create_index(op.f("ix_appeal_opinion_account_id"), "appeal_opinion", ["account_id"], unique=False)
    op.create_index(op.f("ix_appeal_opinion_appeal_id"), "appeal_opinion", ["appeal_id"], unique=False)
    op.create_index(op.f("ix_appeal_opinion_org_id"), "appeal_opinion", ["org_id"], unique=False)
    op.create_table(
        "appeal_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lodged",
                "panel",
                "drawn_up",
                "returned",
                "closed",
                "withdrawn",
                name="appealstepkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('lodged', 'panel', 'drawn_up', 'returned', 'closed', 'withdrawn')",
            name=op.f("ck_appeal_step_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "appeal_id"],
            ["appeal.org_id", "appeal.id"],
            name=op.f("fk_appeal_step_org_id_appeal_id_appeal"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_appeal_step_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appeal_step_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_step")),
    )
    op.create_index(op.f("ix_appeal_step_appeal_id"), "appeal_step", ["appeal_id"], unique=False)
    op.create_index(op.f("ix_appeal_step_org_id"), "appeal_step", ["org_id"], unique=False)
    op.create_index(op.f("ix_appeal_step_person_id"), "appeal_step", ["person_id"], unique=False)
    # exam sessions planned before get the working values; new ones are given theirs
    for column, value in (("appeal_days", "15"), ("appeal_panel", "3")):
        op.add_column("exam_session", sa.Column(column, sa.Integer(), nullable=False, server_default=value))
        op.alter_column("exam_session", column, server_default=None)
    op.create_check_constraint("appeal_days_bounded", "exam_session", "appeal_days BETWEEN 1 AND 90")
    op.create_check_constraint(
        "appeal_panel_odd", "exam_session", "appeal_panel BETWEEN 3 AND 15 AND appeal_panel % 2 = 1"
    )
    for table in ("appeal", "appeal_step"):
        for statement in secure(table, "own, person acts"):
            op.execute(statement)
    for table in ("appeal_member", "appeal_opinion"):
        for statement in secure(table, "own"):
            op.execute(statement)
    for table in ("appeal_step", "appeal_opinion"):
        for statement in only_added(table):
            op.execute(statement)
    op.execute(APPEAL_FORWARD)
    op.execute(APPEAL_FORWARD_ONLY)
    op.execute(APPEAL_BENCH)
    op.execute("REVOKE ALL ON FUNCTION appeal_bench(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION appeal_bench(uuid) TO tmc_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION appeal_bench(uuid)")
    op.drop_constraint("appeal_panel_odd", "exam_session")
    op.drop_constraint("appeal_days_bounded", "exam_session")
    op.drop_column("exam_session", "appeal_panel")
    op.drop_column("exam_session", "appeal_days")
    op.drop_index(op.f("ix_appeal_step_person_id"), table_name="appeal_step")
    op.drop_index(op.f("ix_appeal_step_org_id"), table_name="appeal_step")
    op.drop_index(op.f("ix_appeal_step_appeal_id"), table_name="appeal_step")
    op.drop_table("appeal_step")
    op.drop_index(op.f("ix_appeal_opinion_org_id"), table_name="appeal_opinion")
    op.drop_index(op.f("ix_appeal_opinion_appeal_id"), table_name="appeal_opinion")
    op.drop_index(op.f("ix_appeal_opinion_account_id"), table_name="appeal_opinion")
    op.drop_table("appeal_opinion")
    op.drop_index(op.f("ix_appeal_member_org_id"), table_name="appeal_member")
    op.drop_index(op.f("ix_appeal_member_appeal_id"), table_name="appeal_member")
    op.drop_index(op.f("ix_appeal_member_account_id"), table_name="appeal_member")
    op.drop_table("appeal_member")
    op.drop_index("uq_appeal_sitting", table_name="appeal", postgresql_where=sa.text("state <> 'withdrawn'"))
    op.drop_index(op.f("ix_appeal_sitting_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_result_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_person_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_org_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_new_result_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_exam_session_id"), table_name="appeal")
    op.drop_index(op.f("ix_appeal_approval_id"), table_name="appeal")
    op.drop_table("appeal")
    op.execute("DROP FUNCTION appeal_forward()")
