"""The editions room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.editions.sql import KEEP_FROZEN
from service.foundation.tenancy import only_added, secure

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
        sa.CheckConstraint(
            "state <> 'frozen' OR (frozen_at IS NOT NULL AND effective_from IS NOT NULL)",
            name=op.f("ck_edition_frozen_is_dated"),
        ),
        sa.CheckConstraint("effective_to >= effective_from", name=op.f("ck_edition_effective_days_in_order")),
    )
    op.create_index(
        "uq_edition_kind_code_version",
        "edition",
        ["kind", "code", "version"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_index(op.f("ix_edition_owner_org_id"), "edition", ["owner_org_id"], unique=False)
    op.create_table(
        "edition_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_edition_upload_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_upload_edition_id_edition"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_upload")),
    )
    op.create_index(op.f("ix_edition_upload_org_id"), "edition_upload", ["org_id"], unique=False)
    op.create_index(op.f("ix_edition_upload_edition_id"), "edition_upload", ["edition_id"], unique=False)
    for statement in secure("edition", "nation, drafts apart", ("owner_org_id",)):
        op.execute(statement)
    op.execute(KEEP_FROZEN)
    op.execute(
        "CREATE TRIGGER keep_frozen BEFORE UPDATE OR DELETE ON edition FOR EACH ROW EXECUTE FUNCTION keep_frozen()"
    )
    for statement in secure("edition_upload", "own"):
        op.execute(statement)
    for statement in only_added("edition_upload"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_edition_upload_edition_id"), table_name="edition_upload")
    op.drop_index(op.f("ix_edition_upload_org_id"), table_name="edition_upload")
    op.drop_table("edition_upload")
    op.drop_index(
        "uq_edition_kind_code_version", table_name="edition", postgresql_where=sa.text("state <> 'withdrawn'")
    )
    op.drop_index(op.f("ix_edition_owner_org_id"), table_name="edition")
    op.drop_table("edition")
    op.execute("DROP FUNCTION keep_frozen()")
