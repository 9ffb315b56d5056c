"""The documents room has its tables."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from service.foundation.tenancy import secure

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("check_code", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "ready", "failed", "erased", name="documentstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("file_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("specimen", sa.Boolean(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'failed', 'erased')", name=op.f("ck_issued_document_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_issued_document_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_issued_document_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
    )
    op.create_index(op.f("ix_issued_document_org_id"), "issued_document", ["org_id"], unique=False)
    op.create_index(op.f("ix_issued_document_person_id"), "issued_document", ["person_id"], unique=False)
    op.create_index(op.f("ix_issued_document_sha256"), "issued_document", ["sha256"], unique=False)
    op.create_index(op.f("ix_issued_document_subject_id"), "issued_document", ["subject_id"], unique=False)
    for statement in secure("issued_document", "own, person reads"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_issued_document_subject_id"), table_name="issued_document")
    op.drop_index(op.f("ix_issued_document_sha256"), table_name="issued_document")
    op.drop_index(op.f("ix_issued_document_person_id"), table_name="issued_document")
    op.drop_index(op.f("ix_issued_document_org_id"), table_name="issued_document")
    op.drop_table("issued_document")
