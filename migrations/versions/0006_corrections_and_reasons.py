"""what contributors correct by hand, and why they rated as they did."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

HAS_NEW_REASONS = 'new_reasons IS NOT NULL'
IS_CORRECTED = 'corrected_at IS NOT NULL'


def upgrade() -> None:
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('corrected_at', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('corrections', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('reasons', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('new_reasons', sa.Text(), nullable=True))
        batch_op.create_index('conversation_corrected', ['corrected_at'], unique=False, sqlite_where=sa.text(IS_CORRECTED), postgresql_where=sa.text(IS_CORRECTED))
        batch_op.create_index('conversation_with_new_reasons', ['id'], unique=False, sqlite_where=sa.text(HAS_NEW_REASONS), postgresql_where=sa.text(HAS_NEW_REASONS))


def downgrade() -> None:
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index('conversation_with_new_reasons')
        batch_op.drop_index('conversation_corrected')
        for name in ('new_reasons', 'reasons', 'corrections', 'corrected_at'):
            batch_op.drop_column(name)
