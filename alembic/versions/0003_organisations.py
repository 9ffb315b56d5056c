"""The organisations room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure
from service.organisations.sql import FUNCTIONS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("uscc", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "university",
                "institute",
                "firm",
                "hospital",
                "transfer_institution",
                "incubator",
                "park",
                "finance",
                "exchange",
                "government",
                "training_base",
                name="organisationkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("name_keys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("province", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("city", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("sandbox_of", sa.Uuid(), nullable=True),
        sa.Column("sandbox_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('university', 'institute', 'firm', 'hospital', 'transfer_institution', 'incubator', 'park', 'finance', 'exchange', 'government', 'training_base')",
            name=op.f("ck_organisation_kind_known"),
        ),
        sa.CheckConstraint("sandbox = (sandbox_of IS NOT NULL)", name=op.f("ck_organisation_sandbox_of_another")),
        sa.CheckConstraint("sandbox OR sandbox_ended_at IS NULL", name=op.f("ck_organisation_only_sandboxes_end")),
        sa.ForeignKeyConstraint(
            ["sandbox_of"],
            ["organisation.id"],
            name=op.f("fk_organisation_sandbox_of_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index("ix_organisation_name_keys", "organisation", ["name_keys"], unique=False, postgresql_using="gin")
    op.create_index(
        "uq_organisation_sandbox_of",
        "organisation",
        ["sandbox_of"],
        unique=True,
        postgresql_where=sa.text("sandbox_ended_at IS NULL"),
    )
    for name, sentence in FUNCTIONS.items():
        op.execute(sentence)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO tmc_app, tmc_worker")
    for statement in secure("organisation", "organisation", ("id",)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP POLICY read ON organisation")
    for name in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {name}")
    op.drop_index("uq_organisation_sandbox_of", table_name="organisation")
    op.drop_index("ix_organisation_name_keys", table_name="organisation", postgresql_using="gin")
    op.drop_table("organisation")
