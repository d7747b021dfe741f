"""which detectors replaced something, whether names were looked for, and what risk is left."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In place: others refer to this table, and making it anew would copy every conversation.
    op.add_column('conversation', sa.Column('detector_versions', sa.Text(), nullable=True))
    op.add_column('conversation', sa.Column('names_ran', sa.Boolean(), nullable=True))
    op.add_column('conversation', sa.Column('risk', sa.SmallInteger(), nullable=True))
    op.add_column('conversation', sa.Column('risk_reasons', sa.String(length=255), nullable=True))


def downgrade() -> None:
    for name in ('risk_reasons', 'risk', 'names_ran', 'detector_versions'):
        op.drop_column('conversation', name)
