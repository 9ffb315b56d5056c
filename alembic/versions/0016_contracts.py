"""The contracts room has its tables."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op
from service.foundation.tenancy import secure

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "technology_contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("contract_no", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "development",
                "transfer",
                "licence",
                "consulting",
                "service",
                name="contractkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seller", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("buyer", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("contract_fen", sa.BigInteger(), nullable=False),
        sa.Column("transaction_fen", sa.BigInteger(), nullable=False),
        sa.Column("received_fen", sa.BigInteger(), nullable=False),
        sa.Column("registration_no", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("registration_office", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("void_ground", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("managers_at_fault", sa.Boolean(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("signed", "registered", "void", "ended", name="contractstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('development', 'transfer', 'licence', 'consulting', 'service')",
            name=op.f("ck_technology_contract_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('signed', 'registered', 'void', 'ended')", name=op.f("ck_technology_contract_state_known")
        ),
        sa.CheckConstraint(
            "contract_fen >= 0 AND transaction_fen >= 0", name=op.f("ck_technology_contract_amounts_not_negative")
        ),
        sa.CheckConstraint(
            "transaction_fen <= contract_fen", name=op.f("ck_technology_contract_transaction_within_contract")
        ),
        sa.CheckConstraint("received_fen >= 0", name=op.f("ck_technology_contract_received_not_negative")),
        sa.CheckConstraint(
            "(registration_no IS NULL) = (registered_on IS NULL)"
            " AND (registration_no IS NULL) = (registration_office IS NULL)",
            name=op.f("ck_technology_contract_registration_whole"),
        ),
        sa.CheckConstraint(
            "(state = 'void') = (void_ground IS NOT NULL)", name=op.f("ck_technology_contract_void_has_ground")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"],
            ["organisation.id"],
            name=op.f("fk_technology_contract_org_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technology_contract")),
        sa.UniqueConstraint("org_id", "contract_no", name=op.f("uq_technology_contract_org_id_contract_no")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_technology_contract_org_id_id")),
    )
    op.create_index(op.f("ix_technology_contract_org_id"), "technology_contract", ["org_id"], unique=False)
    op.create_table(
        "manager_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "sourcing",
                "valuation",
                "negotiation",
                "follow_up",
                "contributor",
                name="partrole",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('lead', 'sourcing', 'valuation', 'negotiation', 'follow_up', 'contributor')",
            name=op.f("ck_manager_part_role_known"),
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_manager_part_weight_positive")),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"],
            ["technology_contract.org_id", "technology_contract.id"],
            name=op.f("fk_manager_part_org_id_contract_id_technology_contract"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_manager_part_org_id_organisation"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_manager_part_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_part")),
        sa.UniqueConstraint("contract_id", "person_id", name=op.f("uq_manager_part_contract_id_person_id")),
    )
    op.create_index(op.f("ix_manager_part_contract_id"), "manager_part", ["contract_id"], unique=False)
    op.create_index(op.f("ix_manager_part_org_id"), "manager_part", ["org_id"], unique=False)
    op.create_index(op.f("ix_manager_part_person_id"), "manager_part", ["person_id"], unique=False)
    for statement in secure("technology_contract", "own"):
        op.execute(statement)
    for statement in secure("manager_part", "own, person reads"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_manager_part_person_id"), table_name="manager_part")
    op.drop_index(op.f("ix_manager_part_org_id"), table_name="manager_part")
    op.drop_index(op.f("ix_manager_part_contract_id"), table_name="manager_part")
    op.drop_table("manager_part")
    op.drop_index(op.f("ix_technology_contract_org_id"), table_name="technology_contract")
    op.drop_table("technology_contract")
