"""The exams room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.exams.actions.saving import SAVE_ANSWER, SIGNATURE
from service.exams.sql import FORWARD_ONLY, SITTING_FORWARD, SITTING_PAPER
from service.foundation.tenancy import only_added, secure

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_trail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_trail")),
    )
    op.create_index(op.f("ix_answer_trail_sitting_id"), "answer_trail", ["sitting_id"], unique=False)
    op.create_table(
        "exam_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("course_session_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Enum("online", "paper", name="exammode", native_enum=False, length=40), nullable=False),
        sa.Column("blueprint_id", sa.Uuid(), nullable=True),
        sa.Column("bank_id", sa.Uuid(), nullable=True),
        sa.Column("occurrence_id", sa.Uuid(), nullable=True),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("pass_numerator", sa.Integer(), nullable=False),
        sa.Column("pass_denominator", sa.Integer(), nullable=False),
        sa.Column("full_marks", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "frozen", "closed", "released", "cancelled", name="examstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'frozen', 'closed', 'released', 'cancelled')",
            name=op.f("ck_exam_session_state_known"),
        ),
        sa.CheckConstraint("mode IN ('online', 'paper')", name=op.f("ck_exam_session_mode_known")),
        sa.CheckConstraint(
            "(mode = 'online' AND blueprint_id IS NOT NULL AND bank_id IS NOT NULL AND full_marks IS NULL)"
            " OR (mode = 'paper' AND full_marks > 0)",
            name=op.f("ck_exam_session_marks_by_mode"),
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_exam_session_closes_after_open")),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_exam_session_duration_positive")),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["item_bank.id"], name=op.f("fk_exam_session_bank_id_item_bank"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["blueprint_id"], ["edition.id"], name=op.f("fk_exam_session_blueprint_id_edition"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_session.id"],
            name=op.f("fk_exam_session_course_session_id_course_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_exam_session_occurrence_id_occurrence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_exam_session_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_session")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_exam_session_org_id_id")),
    )
    op.create_index(op.f("ix_exam_session_bank_id"), "exam_session", ["bank_id"], unique=False)
    op.create_index(op.f("ix_exam_session_blueprint_id"), "exam_session", ["blueprint_id"], unique=False)
    op.create_index(op.f("ix_exam_session_course_session_id"), "exam_session", ["course_session_id"], unique=False)
    op.create_index(op.f("ix_exam_session_occurrence_id"), "exam_session", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_exam_session_org_id"), "exam_session", ["org_id"], unique=False)
    op.create_table(
        "exam_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("exam_session_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("paper", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"],
            ["exam_session.org_id", "exam_session.id"],
            name=op.f("fk_exam_form_org_id_exam_session_id_exam_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_exam_form_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_form")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_exam_form_org_id_id")),
    )
    op.create_index(op.f("ix_exam_form_exam_session_id"), "exam_form", ["exam_session_id"], unique=False)
    op.create_index(op.f("ix_exam_form_org_id"), "exam_form", ["org_id"], unique=False)
    op.create_table(
        "sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("exam_session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("arrangement", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready", "open", "submitted", "expired", "absent", name="sittingstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'open', 'submitted', 'expired', 'absent')", name=op.f("ck_sitting_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "enrolment_id"],
            ["enrolment.org_id", "enrolment.id"],
            name=op.f("fk_sitting_org_id_enrolment_id_enrolment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "exam_session_id"],
            ["exam_session.org_id", "exam_session.id"],
            name=op.f("fk_sitting_org_id_exam_session_id_exam_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "form_id"],
            ["exam_form.org_id", "exam_form.id"],
            name=op.f("fk_sitting_org_id_form_id_exam_form"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_sitting_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sitting_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint(
            "exam_session_id", "enrolment_id", "attempt", name=op.f("uq_sitting_exam_session_id_enrolment_id_attempt")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_sitting_org_id_id")),
    )
    op.create_index(
        "ix_sitting_deadline", "sitting", ["deadline_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(op.f("ix_sitting_enrolment_id"), "sitting", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_sitting_exam_session_id"), "sitting", ["exam_session_id"], unique=False)
    op.create_index(op.f("ix_sitting_form_id"), "sitting", ["form_id"], unique=False)
    op.create_index(op.f("ix_sitting_org_id"), "sitting", ["org_id"], unique=False)
    op.create_index(op.f("ix_sitting_person_id"), "sitting", ["person_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_answer_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("sitting_id", "slot", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_person_id"), "answer", ["person_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("marker_account_id", sa.Uuid(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["marker_account_id"], ["account.id"], name=op.f("fk_mark_marker_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_mark_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_mark_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("sitting_id", "place", "round", name=op.f("uq_mark_sitting_id_place_round")),
    )
    op.create_index(op.f("ix_mark_marker_account_id"), "mark", ["marker_account_id"], unique=False)
    op.create_index(op.f("ix_mark_org_id"), "mark", ["org_id"], unique=False)
    op.create_index(op.f("ix_mark_sitting_id"), "mark", ["sitting_id"], unique=False)
    op.create_table(
        "recorded_score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("scored", "absent", "disqualified", name="paperoutcome", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("score_numerator", sa.BigInteger(), nullable=False),
        sa.Column("score_denominator", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('scored', 'absent', 'disqualified')", name=op.f("ck_recorded_score_outcome_known")
        ),
        sa.CheckConstraint(
            "score_numerator >= 0 AND score_denominator > 0", name=op.f("ck_recorded_score_score_not_negative")
        ),
        sa.CheckConstraint(
            "outcome = 'scored' OR score_numerator = 0", name=op.f("ck_recorded_score_no_score_without_paper")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recorded_score_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_recorded_score_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_recorded_score_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_score")),
        sa.UniqueConstraint("sitting_id", "round", name=op.f("uq_recorded_score_sitting_id_round")),
    )
    op.create_index(op.f("ix_recorded_score_account_id"), "recorded_score", ["account_id"], unique=False)
    op.create_index(op.f("ix_recorded_score_org_id"), "recorded_score", ["org_id"], unique=False)
    op.create_index(op.f("ix_recorded_score_sitting_id"), "recorded_score", ["sitting_id"], unique=False)
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("score_numerator", sa.BigInteger(), nullable=False),
        sa.Column("score_denominator", sa.BigInteger(), nullable=False),
        sa.Column("full_marks", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_result_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_result_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_result_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("sitting_id", "run", name=op.f("uq_result_sitting_id_run")),
    )
    op.create_index(op.f("ix_result_enrolment_id"), "result", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_result_org_id"), "result", ["org_id"], unique=False)
    op.create_index(op.f("ix_result_person_id"), "result", ["person_id"], unique=False)
    op.create_index(op.f("ix_result_sitting_id"), "result", ["sitting_id"], unique=False)
    op.create_table(
        "time_adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("moves_window", sa.Boolean(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "sitting_id"],
            ["sitting.org_id", "sitting.id"],
            name=op.f("fk_time_adjustment_org_id_sitting_id_sitting"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_time_adjustment_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_adjustment")),
    )
    op.create_index(op.f("ix_time_adjustment_org_id"), "time_adjustment", ["org_id"], unique=False)
    op.create_index(op.f("ix_time_adjustment_sitting_id"), "time_adjustment", ["sitting_id"], unique=False)
    op.create_table(
        "result_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("exam_session_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_result_release_approval_id_approval"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_result_release_enrolment_id_enrolment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["exam_session_id"],
            ["exam_session.id"],
            name=op.f("fk_result_release_exam_session_id_exam_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_result_release_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_result_release_person_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_result_release_result_id_result"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_release")),
    )
    op.create_index(op.f("ix_result_release_approval_id"), "result_release", ["approval_id"], unique=False)
    op.create_index(op.f("ix_result_release_enrolment_id"), "result_release", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_result_release_exam_session_id"), "result_release", ["exam_session_id"], unique=False)
    op.create_index(op.f("ix_result_release_org_id"), "result_release", ["org_id"], unique=False)
    op.create_index(op.f("ix_result_release_person_id"), "result_release", ["person_id"], unique=False)
    op.create_index(op.f("ix_result_release_result_id"), "result_release", ["result_id"], unique=True)
    for statement in secure("exam_session", "own, published read", ("state",)):
        op.execute(statement)
    for statement in secure("exam_form", "own"):
        op.execute(statement)
    for statement in only_added("exam_form"):
        op.execute(statement)
    for statement in secure("sitting", "own, person acts"):
        op.execute(statement)
    for statement in secure("time_adjustment", "own"):
        op.execute(statement)
    for statement in only_added("time_adjustment"):
        op.execute(statement)
    for statement in secure("answer", "own, person reads"):
        op.execute(statement)
    for statement in secure("answer_trail", "own, person reads"):
        op.execute(statement)
    for statement in only_added("answer_trail"):
        op.execute(statement)
    for statement in secure("mark", "own"):
        op.execute(statement)
    for statement in only_added("mark"):
        op.execute(statement)
    for statement in secure("recorded_score", "own"):
        op.execute(statement)
    for statement in only_added("recorded_score"):
        op.execute(statement)
    for statement in secure("result", "own, released to person"):
        op.execute(statement)
    for statement in only_added("result"):
        op.execute(statement)
    for statement in secure("result_release", "own, person reads"):
        op.execute(statement)
    for statement in only_added("result_release"):
        op.execute(statement)
    op.execute("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON answer, answer_trail FROM tmc_app, tmc_worker")
    for function, name in ((SAVE_ANSWER, SIGNATURE), (SITTING_PAPER, "sitting_paper(uuid)")):
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO tmc_app")
    op.execute(SITTING_FORWARD)
    op.execute(FORWARD_ONLY)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP FUNCTION sitting_paper(uuid)")
    op.drop_index(op.f("ix_result_release_result_id"), table_name="result_release")
    op.drop_index(op.f("ix_result_release_person_id"), table_name="result_release")
    op.drop_index(op.f("ix_result_release_org_id"), table_name="result_release")
    op.drop_index(op.f("ix_result_release_exam_session_id"), table_name="result_release")
    op.drop_index(op.f("ix_result_release_enrolment_id"), table_name="result_release")
    op.drop_index(op.f("ix_result_release_approval_id"), table_name="result_release")
    op.drop_table("result_release")
    op.drop_index(op.f("ix_time_adjustment_sitting_id"), table_name="time_adjustment")
    op.drop_index(op.f("ix_time_adjustment_org_id"), table_name="time_adjustment")
    op.drop_table("time_adjustment")
    op.drop_index(op.f("ix_result_sitting_id"), table_name="result")
    op.drop_index(op.f("ix_result_person_id"), table_name="result")
    op.drop_index(op.f("ix_result_org_id"), table_name="result")
    op.drop_index(op.f("ix_result_enrolment_id"), table_name="result")
    op.drop_table("result")
    op.drop_index(op.f("ix_recorded_score_sitting_id"), table_name="recorded_score")
    op.drop_index(op.f("ix_recorded_score_org_id"), table_name="recorded_score")
    op.drop_index(op.f("ix_recorded_score_account_id"), table_name="recorded_score")
    op.drop_table("recorded_score")
    op.drop_index(op.f("ix_mark_sitting_id"), table_name="mark")
    op.drop_index(op.f("ix_mark_org_id"), table_name="mark")
    op.drop_index(op.f("ix_mark_marker_account_id"), table_name="mark")
    op.drop_table("mark")
    op.drop_index(op.f("ix_answer_person_id"), table_name="answer")
    op.drop_table("answer")
    op.drop_index(op.f("ix_sitting_person_id"), table_name="sitting")
    op.drop_index(op.f("ix_sitting_org_id"), table_name="sitting")
    op.drop_index(op.f("ix_sitting_form_id"), table_name="sitting")
    op.drop_index(op.f("ix_sitting_exam_session_id"), table_name="sitting")
    op.drop_index(op.f("ix_sitting_enrolment_id"), table_name="sitting")
    op.drop_index("ix_sitting_deadline", table_name="sitting", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("sitting")
    op.drop_index(op.f("ix_exam_form_org_id"), table_name="exam_form")
    op.drop_index(op.f("ix_exam_form_exam_session_id"), table_name="exam_form")
    op.drop_table("exam_form")
    op.drop_index(op.f("ix_exam_session_org_id"), table_name="exam_session")
    op.drop_index(op.f("ix_exam_session_occurrence_id"), table_name="exam_session")
    op.drop_index(op.f("ix_exam_session_course_session_id"), table_name="exam_session")
    op.drop_index(op.f("ix_exam_session_blueprint_id"), table_name="exam_session")
    op.drop_index(op.f("ix_exam_session_bank_id"), table_name="exam_session")
    op.drop_table("exam_session")
    op.drop_index(op.f("ix_answer_trail_sitting_id"), table_name="answer_trail")
    op.drop_table("answer_trail")
    op.execute("DROP FUNCTION sitting_forward()")
