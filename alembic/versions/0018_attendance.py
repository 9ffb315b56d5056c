"""The attendance room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum("present", "late", "absent", "excused", name="presence", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ledger_entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "presence IN ('present', 'late', 'absent', 'excused')", name=op.f("ck_attendance_presence_known")
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_attendance_minutes_not_negative")),
        sa.CheckConstraint(
            "minutes = 0 OR presence IN ('present', 'late')",
            name=op.f("ck_attendance_minutes_for_the_present_only"),
        ),
        sa.ForeignKeyConstraint(
            ["ledger_entry_id"],
            ["ledger_entry.id"],
            name=op.f("fk_attendance_ledger_entry_id_ledger_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "enrolment_id"],
            ["enrolment.org_id", "enrolment.id"],
            name=op.f("fk_attendance_org_id_enrolment_id_enrolment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "meeting_id"],
            ["meeting.org_id", "meeting.id"],
            name=op.f("fk_attendance_org_id_meeting_id_meeting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_attendance_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("meeting_id", "enrolment_id", name=op.f("uq_attendance_meeting_id_enrolment_id")),
    )
    op.create_index(op.f("ix_attendance_enrolment_id"), "attendance", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_attendance_ledger_entry_id"), "attendance", ["ledger_entry_id"], unique=False)
    op.create_index(op.f("ix_attendance_meeting_id"), "attendance", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_attendance_org_id"), "attendance", ["org_id"], unique=False)
    op.create_index(op.f("ix_attendance_person_id"), "attendance", ["person_id"], unique=False)
    for statement in secure("attendance", "own, person reads"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_attendance_person_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_org_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_meeting_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_ledger_entry_id"), table_name="attendance")
    op.drop_index(op.f("ix_attendance_enrolment_id"), table_name="attendance")
    op.drop_table("attendance")
