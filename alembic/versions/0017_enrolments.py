"""The enrolments room has its tables."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from service.enrolments.sql import FUNCTIONS
from service.foundation.tenancy import secure

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("course_session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("syllabus_id", sa.Uuid(), nullable=False),
        sa.Column("employer_org_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "enrolled",
                "withdrawn",
                "refused",
                "completed",
                "not_completed",
                name="enrolmentstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("admitted_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'enrolled', 'withdrawn', 'refused', 'completed', 'not_completed')",
            name=op.f("ck_enrolment_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["employer_org_id"],
            ["organisation.id"],
            name=op.f("fk_enrolment_employer_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "course_session_id"],
            ["course_session.org_id", "course_session.id"],
            name=op.f("fk_enrolment_org_id_course_session_id_course_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_enrolment_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["syllabus_id"], ["edition.id"], name=op.f("fk_enrolment_syllabus_id_edition"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_enrolment_org_id_id")),
    )
    op.create_index(op.f("ix_enrolment_course_session_id"), "enrolment", ["course_session_id"], unique=False)
    op.create_index(op.f("ix_enrolment_employer_org_id"), "enrolment", ["employer_org_id"], unique=False)
    op.create_index(op.f("ix_enrolment_org_id"), "enrolment", ["org_id"], unique=False)
    op.create_index(op.f("ix_enrolment_person_id"), "enrolment", ["person_id"], unique=False)
    op.create_index(op.f("ix_enrolment_syllabus_id"), "enrolment", ["syllabus_id"], unique=False)
    op.create_index(
        "uq_enrolment_live",
        "enrolment",
        ["course_session_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'refused')"),
    )
    for statement in secure("enrolment", "own, person acts"):
        op.execute(statement)
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO tmc_app, tmc_worker")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_index(
        "uq_enrolment_live", table_name="enrolment", postgresql_where=sa.text("state NOT IN ('withdrawn', 'refused')")
    )
    op.drop_index(op.f("ix_enrolment_syllabus_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_person_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_org_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_employer_org_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_course_session_id"), table_name="enrolment")
    op.drop_table("enrolment")
