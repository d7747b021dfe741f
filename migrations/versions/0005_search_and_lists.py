"""the index for searching one's own conversations, and one for lists and figures in the place of two."""

import sqlalchemy as sa
from alembic import op

from sharelm.store.search import index_everything

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

LISTED_BY = ['contributor_id', 'received_at', 'id', 'withdrawn_at', 'stage', 'quarantined', 'platform', 'model', 'language', 'rating', 'response_count',
             'thumbs_up', 'thumbs_down', 'changed_at', 'message_count', 'first_release', 'anonymiser_version']
COUNTED = ['contributor_id', 'received_at', 'stage', 'platform', 'model', 'language', 'rating', 'response_count', 'thumbs_up', 'thumbs_down', 'first_release',
           'anonymiser_version', 'withdrawn_at']
IS_COUNTED = 'anonymiser_version IS NOT NULL AND withdrawn_at IS NULL'


def upgrade() -> None:
    op.create_table('search_block',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('members', sa.String(length=200), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('search_block', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_block_contributor_id'), ['contributor_id'], unique=False)

    op.create_table('search_part',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lines', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('conversation_listed', LISTED_BY, unique=False)
        batch_op.drop_index('conversation_counted')
        batch_op.drop_index('conversation_of_contributor')

    index_everything(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('conversation_of_contributor', ['contributor_id', 'received_at', 'id'], unique=False)
        batch_op.create_index('conversation_counted', COUNTED, unique=False, sqlite_where=sa.text(IS_COUNTED), postgresql_where=sa.text(IS_COUNTED))
        batch_op.drop_index('conversation_listed')

    op.drop_table('search_part')
    op.drop_table('search_block')
