"""The credentials room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.credentials.sql import (
    CORRECTION_LIFE,
    CREDENTIAL_LIFE,
    CREDENTIAL_SUCCESSION,
    PART_IN_SESSION,
    STATUS_INDICES,
)
from service.foundation.tenancy import only_added, secure

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_counter",
        sa.Column("base_code", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("base_code", "year", name=op.f("pk_number_counter")),
    )
    op.create_index(op.f("ix_number_counter_org_id"), "number_counter", ["org_id"], unique=False)
    op.create_table(
        "issuing_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("course_session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "proposed", "approved", "issued", "rejected", name="liststate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'approved', 'issued', 'rejected')", name=op.f("ck_issuing_list_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_session.id"],
            name=op.f("fk_issuing_list_course_session_id_course_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_issuing_list_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuing_list")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_issuing_list_org_id_id")),
    )
    op.create_index(op.f("ix_issuing_list_course_session_id"), "issuing_list", ["course_session_id"], unique=False)
    op.create_index(op.f("ix_issuing_list_org_id"), "issuing_list", ["org_id"], unique=False)
    op.create_index(
        "uq_issuing_list_open",
        "issuing_list",
        ["course_session_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'proposed', 'approved')"),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("course_session_id", sa.Uuid(), nullable=False),
        sa.Column("issuing_list_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("check_code", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("name_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("english_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("masked_name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("signed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("specimen", sa.Boolean(), nullable=False),
        sa.Column("public_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "valid", "suspended", "revoked", "superseded", name="credentialstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("english_document_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('valid', 'suspended', 'revoked', 'superseded')", name=op.f("ck_credential_state_known")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_credential_base_id_base"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_session.id"],
            name=op.f("fk_credential_course_session_id_course_session"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["issued_document.id"],
            name=op.f("fk_credential_document_id_issued_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["english_document_id"],
            ["issued_document.id"],
            name=op.f("fk_credential_english_document_id_issued_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_credential_enrolment_id_enrolment"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["issuing_list_id"],
            ["issuing_list.id"],
            name=op.f("fk_credential_issuing_list_id_issuing_list"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_key.id"], name=op.f("fk_credential_key_id_signing_key"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_credential_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_credential_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_credential_number_version")),
        sa.UniqueConstraint("org_id", "status_index", name=op.f("uq_credential_org_id_status_index")),
    )
    op.create_index(op.f("ix_credential_base_id"), "credential", ["base_id"], unique=False)
    op.create_index(op.f("ix_credential_course_session_id"), "credential", ["course_session_id"], unique=False)
    op.create_index(op.f("ix_credential_document_id"), "credential", ["document_id"], unique=False)
    op.create_index(op.f("ix_credential_english_document_id"), "credential", ["english_document_id"], unique=False)
    op.create_index(op.f("ix_credential_enrolment_id"), "credential", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_credential_issuing_list_id"), "credential", ["issuing_list_id"], unique=False)
    op.create_index(op.f("ix_credential_key_id"), "credential", ["key_id"], unique=False)
    op.create_index(op.f("ix_credential_org_id"), "credential", ["org_id"], unique=False)
    op.create_index(op.f("ix_credential_person_id"), "credential", ["person_id"], unique=False)
    op.create_index(
        "uq_credential_live",
        "credential",
        ["enrolment_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('valid', 'suspended')"),
    )
    op.create_table(
        "issuing_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hindrance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_issuing_entry_enrolment_id_enrolment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "list_id"],
            ["issuing_list.org_id", "issuing_list.id"],
            name=op.f("fk_issuing_entry_org_id_list_id_issuing_list"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_issuing_entry_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_issuing_entry_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuing_entry")),
        sa.UniqueConstraint("list_id", "enrolment_id", name=op.f("uq_issuing_entry_list_id_enrolment_id")),
    )
    op.create_index(op.f("ix_issuing_entry_enrolment_id"), "issuing_entry", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_issuing_entry_list_id"), "issuing_entry", ["list_id"], unique=False)
    op.create_index(op.f("ix_issuing_entry_org_id"), "issuing_entry", ["org_id"], unique=False)
    op.create_index(op.f("ix_issuing_entry_person_id"), "issuing_entry", ["person_id"], unique=False)
    op.create_table(
        "change_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("to_state", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_change_proposal_approval_id_approval"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_change_proposal_credential_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_change_proposal_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_proposal")),
    )
    op.create_index(op.f("ix_change_proposal_approval_id"), "change_proposal", ["approval_id"], unique=True)
    op.create_index(op.f("ix_change_proposal_credential_id"), "change_proposal", ["credential_id"], unique=False)
    op.create_index(op.f("ix_change_proposal_org_id"), "change_proposal", ["org_id"], unique=False)
    op.create_table(
        "credential_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("to_state", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["approval.id"],
            name=op.f("fk_credential_change_approval_id_approval"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_credential_change_credential_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_credential_change_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_credential_change_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_change")),
    )
    op.create_index(op.f("ix_credential_change_approval_id"), "credential_change", ["approval_id"], unique=False)
    op.create_index(op.f("ix_credential_change_credential_id"), "credential_change", ["credential_id"], unique=False)
    op.create_index(op.f("ix_credential_change_org_id"), "credential_change", ["org_id"], unique=False)
    op.create_index(op.f("ix_credential_change_person_id"), "credential_change", ["person_id"], unique=False)
    op.create_table(
        "credential_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("check_code", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_credential_print_credential_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["issued_document.id"],
            name=op.f("fk_credential_print_document_id_issued_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_credential_print_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_credential_print_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_print")),
        sa.UniqueConstraint("credential_id", "check_code", name=op.f("uq_credential_print_credential_id_check_code")),
    )
    op.create_index(op.f("ix_credential_print_credential_id"), "credential_print", ["credential_id"], unique=False)
    op.create_index(op.f("ix_credential_print_document_id"), "credential_print", ["document_id"], unique=False)
    op.create_index(op.f("ix_credential_print_org_id"), "credential_print", ["org_id"], unique=False)
    op.create_index(op.f("ix_credential_print_person_id"), "credential_print", ["person_id"], unique=False)
    op.create_table(
        "correction_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("by_holder", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "english_name",
                "changed_name",
                "wrong_fact",
                "reprint",
                name="correctionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "proposed",
                "done",
                "refused",
                "withdrawn",
                "overtaken",
                name="correctionstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("file_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("facts_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('english_name', 'changed_name', 'wrong_fact', 'reprint')",
            name=op.f("ck_correction_request_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'proposed', 'done', 'refused', 'withdrawn', 'overtaken')",
            name=op.f("ck_correction_request_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_request_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["approval.id"],
            name=op.f("fk_correction_request_approval_id_approval"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_correction_request_credential_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_correction_request_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"],
            ["credential.id"],
            name=op.f("fk_correction_request_outcome_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_correction_request_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    op.create_index(op.f("ix_correction_request_account_id"), "correction_request", ["account_id"], unique=False)
    op.create_index(op.f("ix_correction_request_approval_id"), "correction_request", ["approval_id"], unique=False)
    op.create_index(op.f("ix_correction_request_credential_id"), "correction_request", ["credential_id"], unique=False)
    op.create_index(op.f("ix_correction_request_org_id"), "correction_request", ["org_id"], unique=False)
    op.create_index(op.f("ix_correction_request_outcome_id"), "correction_request", ["outcome_id"], unique=False)
    op.create_index(op.f("ix_correction_request_person_id"), "correction_request", ["person_id"], unique=False)
    op.create_index(
        "uq_correction_request_open",
        "correction_request",
        ["credential_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'proposed')"),
    )
    for statement in secure("number_counter", "own"):
        op.execute(statement)
    for statement in secure("issuing_list", "own"):
        op.execute(statement)
    for statement in secure("issuing_entry", "own"):
        op.execute(statement)
    for statement in secure("credential", "own, person reads"):
        op.execute(statement)
    for statement in secure("credential_change", "own, person reads"):
        op.execute(statement)
    for statement in only_added("credential_change"):
        op.execute(statement)
    for statement in secure("change_proposal", "own"):
        op.execute(statement)
    for statement in only_added("change_proposal"):
        op.execute(statement)
    for statement in secure("credential_print", "own, person reads"):
        op.execute(statement)
    for statement in only_added("credential_print"):
        op.execute(statement)
    for statement in secure("correction_request", "own, person acts"):
        op.execute(statement)
    op.execute(CREDENTIAL_LIFE)
    op.execute(
        "CREATE TRIGGER credential_life BEFORE UPDATE OR DELETE ON credential"
        " FOR EACH ROW EXECUTE FUNCTION credential_life()"
    )
    op.execute("CREATE TRIGGER never_emptied BEFORE TRUNCATE ON credential EXECUTE FUNCTION refuse_change()")
    op.execute(CREDENTIAL_SUCCESSION)
    op.execute(
        "CREATE TRIGGER credential_succession BEFORE INSERT ON credential"
        " FOR EACH ROW EXECUTE FUNCTION credential_succession()"
    )
    op.execute(CORRECTION_LIFE)
    op.execute(
        "CREATE TRIGGER correction_life BEFORE INSERT OR UPDATE OR DELETE ON correction_request"
        " FOR EACH ROW EXECUTE FUNCTION correction_life()"
    )
    op.execute(PART_IN_SESSION)
    op.execute("REVOKE ALL ON FUNCTION part_in_session(uuid, uuid, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION part_in_session(uuid, uuid, uuid) TO tmc_app, tmc_worker")
    op.execute(STATUS_INDICES)
    op.execute("REVOKE ALL ON FUNCTION status_indices(uuid, text[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION status_indices(uuid, text[]) TO tmc_app, tmc_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION status_indices(uuid, text[])")
    op.execute("DROP FUNCTION part_in_session(uuid, uuid, uuid)")
    op.drop_table("correction_request")
    op.execute("DROP FUNCTION correction_life()")
    op.drop_table("credential_print")
    op.drop_index(op.f("ix_credential_change_person_id"), table_name="credential_change")
    op.drop_index(op.f("ix_credential_change_org_id"), table_name="credential_change")
    op.drop_index(op.f("ix_credential_change_credential_id"), table_name="credential_change")
    op.drop_index(op.f("ix_credential_change_approval_id"), table_name="credential_change")
    op.drop_table("credential_change")
    op.drop_table("change_proposal")
    op.drop_index(op.f("ix_issuing_entry_person_id"), table_name="issuing_entry")
    op.drop_index(op.f("ix_issuing_entry_org_id"), table_name="issuing_entry")
    op.drop_index(op.f("ix_issuing_entry_list_id"), table_name="issuing_entry")
    op.drop_index(op.f("ix_issuing_entry_enrolment_id"), table_name="issuing_entry")
    op.drop_table("issuing_entry")
    op.drop_index(
        "uq_credential_live", table_name="credential", postgresql_where=sa.text("state IN ('valid', 'suspended')")
    )
    op.drop_index(op.f("ix_credential_person_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_org_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_key_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_issuing_list_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_enrolment_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_english_document_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_document_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_course_session_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_base_id"), table_name="credential")
    op.drop_table("credential")
    op.execute("DROP FUNCTION credential_succession()")
    op.execute("DROP FUNCTION credential_life()")
    op.drop_index(op.f("ix_issuing_list_org_id"), table_name="issuing_list")
    op.drop_index(op.f("ix_issuing_list_course_session_id"), table_name="issuing_list")
    op.drop_table("issuing_list")
    op.drop_index(op.f("ix_number_counter_org_id"), table_name="number_counter")
    op.drop_table("number_counter")
