"""The keys room has its tables."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from service.foundation.tenancy import secure

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("public_multibase", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("next", "active", "retired", "compromised", name="keystate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('next', 'active', 'retired', 'compromised')", name=op.f("ck_signing_key_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_signing_key_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_signing_key_org_id_name")),
    )
    op.create_index(op.f("ix_signing_key_org_id"), "signing_key", ["org_id"], unique=False)
    op.create_index(
        "uq_signing_key_active", "signing_key", ["org_id"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    for statement in secure("signing_key", "nation", ("org_id",)):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("uq_signing_key_active", table_name="signing_key", postgresql_where=sa.text("state = 'active'"))
    op.drop_index(op.f("ix_signing_key_org_id"), table_name="signing_key")
    op.drop_table("signing_key")
