"""The bases room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import only_added, secure

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


CODE_STAYS = """
CREATE FUNCTION refuse_new_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.code IS DISTINCT FROM OLD.code OR NEW.org_id IS DISTINCT FROM OLD.org_id THEN
        RAISE EXCEPTION 'the code of a base and its organisation never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "base",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column(
            "tier", sa.Enum("national", "provincial", "city", name="tier", native_enum=False, length=40), nullable=False
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("province", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.CheckConstraint("tier IN ('national', 'provincial', 'city')", name=op.f("ck_base_tier_known")),
        sa.CheckConstraint(
            "NOT verified OR (source IS NOT NULL AND evidence_on IS NOT NULL)",
            name=op.f("ck_base_verified_by_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_base_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["base.id"], name=op.f("fk_base_parent_id_base"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base")),
        sa.UniqueConstraint("code", name=op.f("uq_base_code")),
    )
    op.create_index(op.f("ix_base_org_id"), "base", ["org_id"], unique=True)
    op.create_index(op.f("ix_base_parent_id"), "base", ["parent_id"], unique=False)
    op.create_table(
        "base_host",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_base_host_base_id_base"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_base_host_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_host")),
        sa.UniqueConstraint(
            "base_id",
            "org_id",
            "starts_on",
            name=op.f("uq_base_host_base_id_org_id_starts_on"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_base_host_base_id"), "base_host", ["base_id"], unique=False)
    op.create_index(op.f("ix_base_host_org_id"), "base_host", ["org_id"], unique=False)
    op.create_table(
        "base_listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_base_listing_base_id_base"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_listing")),
    )
    op.create_index(op.f("ix_base_listing_base_id"), "base_listing", ["base_id"], unique=False)
    for statement in secure("base", "nation, sandbox apart", ("org_id",)):
        op.execute(statement)
    for statement in secure("base_host", "nation"):
        op.execute(statement)
    for statement in secure("base_listing", "nation"):
        op.execute(statement)
    for statement in only_added("base_listing"):
        op.execute(statement)
    op.execute(CODE_STAYS)
    op.execute("CREATE TRIGGER code_stays BEFORE UPDATE ON base FOR EACH ROW EXECUTE FUNCTION refuse_new_code()")


def downgrade() -> None:
    op.drop_index(op.f("ix_base_listing_base_id"), table_name="base_listing")
    op.drop_table("base_listing")
    op.drop_index(op.f("ix_base_host_org_id"), table_name="base_host")
    op.drop_index(op.f("ix_base_host_base_id"), table_name="base_host")
    op.drop_table("base_host")
    op.drop_index(op.f("ix_base_parent_id"), table_name="base")
    op.drop_index(op.f("ix_base_org_id"), table_name="base")
    op.drop_table("base")
    op.execute("DROP FUNCTION refuse_new_code()")
