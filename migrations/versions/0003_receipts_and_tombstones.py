"""receipts of withdrawals, and the public marks of what was released."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('receipt_id', sa.String(length=32), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seed', sa.LargeBinary(length=32), nullable=False),
    sa.Column('token_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('is_everything', sa.Boolean(), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.Column('signed', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('receipt_id'),
    sa.UniqueConstraint('token_digest')
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipt_contributor_id'), ['contributor_id'], unique=False)
        batch_op.create_index('receipt_to_sign', ['asked_at'], unique=False, sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))

    op.create_table('receipt_conversation',
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('receipt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], ),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    with op.batch_alter_table('receipt_conversation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipt_conversation_receipt_id'), ['receipt_id'], unique=False)

    op.create_table('tombstone',
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('first_release', sa.String(length=64), nullable=False),
    sa.Column('last_release', sa.String(length=64), nullable=False),
    sa.Column('withdrawn_on', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('shown_after', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('public_id')
    )
    with op.batch_alter_table('tombstone', schema=None) as batch_op:
        batch_op.create_index('tombstone_by_day', ['withdrawn_on', 'public_id'], unique=False)


def downgrade() -> None:
    op.drop_table('tombstone')
    op.drop_table('receipt_conversation')
    op.drop_table('receipt')
