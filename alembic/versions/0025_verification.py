"""The verification room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import only_added, secure
from service.verification.sql import FUNCTIONS

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("credential_id", sa.Uuid(), nullable=True),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("verifier_org_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_look_up_credential_id_credential"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_up")),
    )
    op.create_index(op.f("ix_look_up_credential_id"), "look_up", ["credential_id"], unique=False)
    op.create_index(op.f("ix_look_up_org_id"), "look_up", ["org_id"], unique=False)
    op.create_index(op.f("ix_look_up_person_id"), "look_up", ["person_id"], unique=False)
    op.create_table(
        "share_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_share_link_credential_id_credential"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_share_link_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_link_token_hash")),
    )
    op.create_index(op.f("ix_share_link_credential_id"), "share_link", ["credential_id"], unique=False)
    op.create_index(op.f("ix_share_link_person_id"), "share_link", ["person_id"], unique=False)
    op.create_index("ix_look_up_verifier_created", "look_up", ["verifier_org_id", "created_at"], unique=False)
    op.create_table(
        "batch_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_batch_check_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_batch_check_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_check")),
    )
    op.create_index(op.f("ix_batch_check_account_id"), "batch_check", ["account_id"], unique=False)
    op.create_index(op.f("ix_batch_check_org_id"), "batch_check", ["org_id"], unique=False)
    for statement in secure("batch_check", "own"):
        op.execute(statement)
    for statement in secure("look_up", "look-up"):
        op.execute(statement)
    for statement in only_added("look_up"):
        op.execute(statement)
    for statement in secure("share_link", "person"):
        op.execute(statement)
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO tmc_app, tmc_worker")


def downgrade() -> None:
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_index(op.f("ix_share_link_person_id"), table_name="share_link")
    op.drop_index(op.f("ix_share_link_credential_id"), table_name="share_link")
    op.drop_table("share_link")
    op.drop_table("batch_check")
    op.drop_index(op.f("ix_look_up_person_id"), table_name="look_up")
    op.drop_index(op.f("ix_look_up_org_id"), table_name="look_up")
    op.drop_index(op.f("ix_look_up_credential_id"), table_name="look_up")
    op.drop_table("look_up")
