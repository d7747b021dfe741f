"""login codes, messages to the operator, and whose word the demographics are."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('contributor', schema=None) as batch_op:
        for name in ('age_band_is_own', 'country_is_own', 'gender_is_own'):
            batch_op.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))

    op.create_table('login_code',
    sa.Column('code_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('contributor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['contributor_id'], ['contributor.id'], ),
    sa.PrimaryKeyConstraint('code_digest')
    )
    with op.batch_alter_table('login_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_code_contributor_id'), ['contributor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_login_code_expires_at'), ['expires_at'], unique=False)

    op.create_table('contact_message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('reply_to', sa.String(length=255), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('contact_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_message_received_at'), ['received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_message_user_digest'), ['user_digest'], unique=False)


def downgrade() -> None:
    op.drop_table('contact_message')
    op.drop_table('login_code')
    with op.batch_alter_table('contributor', schema=None) as batch_op:
        for name in ('gender_is_own', 'country_is_own', 'age_band_is_own'):
            batch_op.drop_column(name)
