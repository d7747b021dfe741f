"""the language of a conversation, what is counted of it, and the figures made of that."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

COUNTED = ['contributor_id', 'received_at', 'stage', 'platform', 'model', 'language', 'rating', 'response_count', 'thumbs_up', 'thumbs_down', 'first_release',
           'anonymiser_version', 'withdrawn_at']
IS_COUNTED = 'anonymiser_version IS NOT NULL AND withdrawn_at IS NULL'
IS_WITHDRAWN = 'withdrawn_at IS NOT NULL'


def upgrade() -> None:
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column('response_count', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('thumbs_up', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('thumbs_down', sa.Integer(), nullable=True))
        batch_op.create_index('conversation_counted', COUNTED, unique=False, sqlite_where=sa.text(IS_COUNTED), postgresql_where=sa.text(IS_COUNTED))
        batch_op.create_index('conversation_withdrawn', ['withdrawn_at', 'contributor_id'], unique=False, sqlite_where=sa.text(IS_WITHDRAWN), postgresql_where=sa.text(IS_WITHDRAWN))

    op.create_table('figure',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('counted_at', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )


def downgrade() -> None:
    op.drop_table('figure')
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index('conversation_withdrawn')
        batch_op.drop_index('conversation_counted')
        for name in ('thumbs_down', 'thumbs_up', 'response_count', 'language'):
            batch_op.drop_column(name)
