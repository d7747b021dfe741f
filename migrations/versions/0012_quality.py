"""what the quality checks found, near duplicates, and who approved the release that waits."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
UNCHECKED = sa.text("marks IS NULL AND stage <> 'received' AND withdrawn_at IS NULL")
IN_GROUP = sa.text('group_name IS NOT NULL')
STALE = sa.text('is_stale')


def upgrade() -> None:
    # In place: others refer to this table, and SQLite lets nobody drop it to make it anew. What is there already is looked at by the job.
    op.add_column('conversation', sa.Column('toxic_found', sa.Boolean(), nullable=True))
    op.add_column('conversation', sa.Column('marks', sa.String(length=255), nullable=True))
    op.create_index('conversation_to_check', 'conversation', ['id'], sqlite_where=UNCHECKED, postgresql_where=UNCHECKED)
    op.create_table('near_duplicate',
    sa.Column('conversation_id', BIG_ID, autoincrement=False, nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=True),
    sa.Column('group_name', sa.String(length=32), nullable=True),
    sa.Column('is_stale', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_index('near_duplicate_by_group', 'near_duplicate', ['group_name'], sqlite_where=IN_GROUP, postgresql_where=IN_GROUP)
    op.create_index('near_duplicate_stale', 'near_duplicate', ['group_name'], sqlite_where=STALE, postgresql_where=STALE)
    op.create_table('near_duplicate_band',
    sa.Column('value', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('conversation_id', BIG_ID, autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('value', 'conversation_id')
    )
    op.create_index('near_duplicate_band_of', 'near_duplicate_band', ['conversation_id'])
    op.add_column('release_candidate', sa.Column('approved_by', sa.String(length=64), nullable=True))
    op.add_column('release_candidate', sa.Column('approved_at', sa.BigInteger(), nullable=True))
    op.add_column('release_candidate', sa.Column('refusal', sa.String(length=2000), nullable=True))


def downgrade() -> None:
    for name in ('refusal', 'approved_at', 'approved_by'):
        op.drop_column('release_candidate', name)
    op.drop_table('near_duplicate_band')
    op.drop_table('near_duplicate')
    op.drop_index('conversation_to_check', table_name='conversation')
    op.drop_column('conversation', 'marks')
    op.drop_column('conversation', 'toxic_found')
