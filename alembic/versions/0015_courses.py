"""The courses room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.courses.sql import LECTURERS, MEETING_STATE, PROGRAMME
from service.foundation.tenancy import secure

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("syllabus_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("co_host_org_id", sa.Uuid(), nullable=True),
        sa.Column("contractor_org_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sign_up_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sign_up_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("notice", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "state",
            sa.Enum("planned", "published", "closed", "cancelled", name="sessionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'published', 'closed', 'cancelled')", name=op.f("ck_course_session_state_known")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_course_session_ends_after_start")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_course_session_taken_within_capacity")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_course_session_base_id_base"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["co_host_org_id"],
            ["organisation.id"],
            name=op.f("fk_course_session_co_host_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["contractor_org_id"],
            ["organisation.id"],
            name=op.f("fk_course_session_contractor_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_course_session_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["syllabus_id"], ["edition.id"], name=op.f("fk_course_session_syllabus_id_edition"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_session")),
        sa.UniqueConstraint("code", name=op.f("uq_course_session_code")),
        sa.UniqueConstraint("id", "state", name=op.f("uq_course_session_id_state")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_course_session_capacity_positive")),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_course_session_fee_not_negative")),
        sa.CheckConstraint(
            "sign_up_closes_at > sign_up_opens_at", name=op.f("ck_course_session_sign_up_window_in_order")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_course_session_org_id_id")),
    )
    op.create_index(op.f("ix_course_session_base_id"), "course_session", ["base_id"], unique=False)
    op.create_index(op.f("ix_course_session_co_host_org_id"), "course_session", ["co_host_org_id"], unique=False)
    op.create_index(op.f("ix_course_session_contractor_org_id"), "course_session", ["contractor_org_id"], unique=False)
    op.create_index(op.f("ix_course_session_org_id"), "course_session", ["org_id"], unique=False)
    op.create_index(op.f("ix_course_session_syllabus_id"), "course_session", ["syllabus_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("course_session_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("course_code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum("planned", "published", "closed", "cancelled", name="sessionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("lecturer_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_meeting_minutes_positive")),
        sa.CheckConstraint(
            "state IN ('planned', 'published', 'closed', 'cancelled')", name=op.f("ck_meeting_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id", "state"],
            ["course_session.id", "course_session.state"],
            name="fk_meeting_course_session_state",
            onupdate="CASCADE",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["lecturer_id"], ["person.id"], name=op.f("fk_meeting_lecturer_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_meeting_occurrence_id_occurrence"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "course_session_id"],
            ["course_session.org_id", "course_session.id"],
            name=op.f("fk_meeting_org_id_course_session_id_course_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_meeting_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_meeting_room_id_room"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_meeting_org_id_id")),
    )
    op.create_index(op.f("ix_meeting_course_session_id"), "meeting", ["course_session_id"], unique=False)
    op.create_index(op.f("ix_meeting_lecturer_id"), "meeting", ["lecturer_id"], unique=False)
    op.create_index(op.f("ix_meeting_occurrence_id"), "meeting", ["occurrence_id"], unique=True)
    op.create_index(op.f("ix_meeting_org_id"), "meeting", ["org_id"], unique=False)
    op.create_index(op.f("ix_meeting_room_id"), "meeting", ["room_id"], unique=False)
    for statement in secure("course_session", "own, published read", ("state",)):
        op.execute(statement)
    for statement in secure("meeting", "own, published read", ("state",)):
        op.execute(statement)
    op.execute(MEETING_STATE)
    op.execute("CREATE TRIGGER meeting_state BEFORE INSERT ON meeting FOR EACH ROW EXECUTE FUNCTION meeting_state()")
    op.execute(PROGRAMME)
    op.execute("REVOKE ALL ON FUNCTION programme(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION programme(uuid) TO tmc_app, tmc_worker")
    op.execute(LECTURERS)
    op.execute("REVOKE ALL ON FUNCTION lecturers_at(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION lecturers_at(uuid) TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION lecturers_at(uuid)")
    op.execute("DROP FUNCTION programme(uuid)")
    op.drop_index(op.f("ix_meeting_room_id"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_org_id"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_occurrence_id"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_lecturer_id"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_course_session_id"), table_name="meeting")
    op.drop_table("meeting")
    op.execute("DROP FUNCTION meeting_state()")
    op.drop_index(op.f("ix_course_session_syllabus_id"), table_name="course_session")
    op.drop_index(op.f("ix_course_session_org_id"), table_name="course_session")
    op.drop_index(op.f("ix_course_session_contractor_org_id"), table_name="course_session")
    op.drop_index(op.f("ix_course_session_co_host_org_id"), table_name="course_session")
    op.drop_index(op.f("ix_course_session_base_id"), table_name="course_session")
    op.drop_table("course_session")
