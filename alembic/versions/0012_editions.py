"""The editions room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("standard", "syllabus", "blueprint", "laws", name="editionkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("scheme", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "frozen", "withdrawn", name="editionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("owner_org_id", sa.Uuid(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('standard', 'syllabus', 'blueprint', 'laws')", name=op.f("ck_edition_kind_known")),
        sa.CheckConstraint("state IN ('draft', 'frozen', 'withdrawn')", name=op.f("ck_edition_state_known")),
        sa.ForeignKeyConstraint(
            ["owner_org_id"],
            ["organisation.id"],
            name=op.f("fk_edition_owner_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("kind", "code", "version", name=op.f("uq_edition_kind_code_version")),
    )
    op.create_index(op.f("ix_edition_owner_org_id"), "edition", ["owner_org_id"], unique=False)
    for statement in secure("edition", "nation", ("owner_org_id",)):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_edition_owner_org_id"), table_name="edition")
    op.drop_table("edition")
