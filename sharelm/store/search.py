"""The index of a contributor's own anonymised conversations: which word stands in which.

A block is for up to eight conversations of one contributor. Its words lie in 32 parts, so that a search reads one of them for each
word; a line of a part is a word and two hexadecimal digits, a bit for each member. Both databases see nothing but text, so that what is
taken out is gone with the row's old form (docs/decisions/005).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, bindparam, delete, literal, select, update

from sharelm.store import db
from sharelm.store.conversation import conversation
from sharelm.store.lock import lock_until_commit
from sharelm.store.message_json import load_messages
from sharelm.store.types import BigId
from sharelm.store.words import Term, words_of
from sharelm.vocabulary import Message

MEMBERS = 8
PARTS = 32  # small enough for Postgres to keep each in its row, uncompressed
ROOMY = 8_000  # lines; a block with more takes nobody in, so that a huge conversation is rewritten for itself only
FREE = 0
ALL = 0xFF
MOST_AT_ONCE = 500  # ids in one query

search_block = Table(
    "search_block",
    db.metadata,
    Column("id", BigId, primary_key=True),
    Column("contributor_id", BigId, ForeignKey("contributor.id"), nullable=False, index=True),
    Column("members", String(200), nullable=False),  # the conversations' row ids at their places, 0 where one is free
    Column("line_count", Integer, nullable=False),
)

search_part = Table(
    "search_part",
    db.metadata,
    Column("id", BigId, primary_key=True),  # of its block, times PARTS, and which of them it is
    Column("lines", Text, nullable=False),
)


def index_conversation(connection: Connection, row_id: int, messages: Iterable[Message]) -> None:
    """Make a conversation found by what it says now, and by nothing that it said before. For every change of the stored text.

    The caller has written the conversation's row in the same transaction.
    """
    index_conversations(connection, {row_id: words_of(messages)})


def forget_conversations(connection: Connection, row_ids: Iterable[int]) -> None:
    """Take conversations out of the index, in the transaction that erases them."""
    index_conversations(connection, dict.fromkeys(row_ids, ()))


def index_conversations(connection: Connection, words: Mapping[int, Collection[str]]) -> None:
    """As `index_conversation`, for many whose words (store.words) are known already."""
    c = conversation.c
    owners: dict[int, dict[int, Collection[str]]] = {}
    row_ids = list(words)
    for start in range(0, len(row_ids), MOST_AT_ONCE):
        for row in connection.execute(select(c.id, c.contributor_id).where(c.id.in_(row_ids[start : start + MOST_AT_ONCE]))):
            owners.setdefault(row.contributor_id, {})[row.id] = words[row.id]
    for owner in sorted(owners):  # in one order everywhere: two transactions cannot wait for each other
        lock_until_commit(connection, f"search-{owner}", is_shared=False)
        _Index(connection, owner).put(owners[owner])


def index_everything(connection: Connection) -> None:
    """Index what is anonymised already, contributor by contributor. For migrations: nobody else may write."""
    c = conversation.c
    kept = (c.messages.is_not(None), c.withdrawn_at.is_(None))
    for owner in connection.execute(select(c.contributor_id).where(*kept).distinct()).scalars().all():
        row_ids = connection.execute(select(c.id).where(c.contributor_id == owner, *kept).order_by(c.received_at)).scalars().all()
        for start in range(0, len(row_ids), MOST_AT_ONCE):
            rows = connection.execute(select(c.id, c.messages).where(c.id.in_(row_ids[start : start + MOST_AT_ONCE])))
            _Index(connection, owner).put({row.id: words_of(load_messages(row.messages)) for row in rows})


def find(connection: Connection, terms: Sequence[Term], *, contributor_id: int) -> list[int]:
    """Row ids of the contributor's conversations that hold every term, in no order."""
    by_part: dict[int, list[Term]] = {}
    for term in terms:
        by_part.setdefault(_part_of(term.word), []).append(term)
    if not by_part:
        return []
    found: dict[int, int] = {}
    for turn, (part, asked) in enumerate(by_part.items()):
        masks = {block: _mask(lines, asked) for block, lines in _select_parts(connection, contributor_id, part)}
        found = {block: mask & found.get(block, 0) for block, mask in masks.items()} if turn else masks
    return _found_members(connection, {block: mask for block, mask in found.items() if mask}, contributor_id)


def _select_parts(connection: Connection, contributor_id: int, part: int) -> Iterable[Any]:
    b, p = search_block.c, search_part.c
    query = select(b.id, p.lines).join(search_part, p.id == b.id * literal(PARTS, BigId) + literal(part, BigId))
    return connection.execute(query.where(b.contributor_id == contributor_id))


def _mask(lines: str, terms: Iterable[Term]) -> int:
    """Which members of a block hold all of these."""
    mask = ALL
    for term in terms:
        mask &= _mask_of(lines, f"\n{term.word}\t" if term.is_whole else f"\n{term.word}")
        if not mask:
            break
    return mask


def _mask_of(lines: str, beginning: str) -> int:
    """Which members hold a word with this beginning; such lines stand together."""
    mask, at = 0, lines.find(beginning)
    while at >= 0 and mask != ALL and lines.startswith(beginning, at):
        at = lines.index("\n", at + 1)
        mask |= int(lines[at - 2 : at], 16)
    return mask


def _found_members(connection: Connection, masks: Mapping[int, int], contributor_id: int) -> list[int]:
    found: list[int] = []
    query = select(search_block.c.id, search_block.c.members).where(search_block.c.contributor_id == contributor_id)
    for block, members in connection.execute(query) if masks else ():
        if mask := masks.get(block):
            found += [member for place, member in enumerate(_members(members)) if mask >> place & 1]
    return found


def _members(column: str) -> list[int]:
    return [int(member) for member in column.split(",")]


def _part_of(word: str) -> int:
    """By the first letter, so that a beginning and the whole word are looked for in the same part."""
    return ord(word[0]) % PARTS


@dataclass
class _Block:
    """A block as it is changed: `leaving` are the places to be cleared, as bits. `id` is None for one that is not stored yet."""

    id: int | None
    members: list[int]
    line_count: int = 0
    leaving: int = 0
    joining: dict[int, Collection[str]] = field(default_factory=dict)  # words by place

    def has_room(self) -> bool:
        return FREE in self.members and self.line_count < ROOMY


class _Index:
    """The blocks of one contributor, while some conversations are put into them or taken out."""

    def __init__(self, connection: Connection, owner: int) -> None:
        self._connection, self._owner = connection, owner
        rows = connection.execute(select(search_block).where(search_block.c.contributor_id == owner).order_by(search_block.c.id))
        self._blocks = [_Block(row.id, _members(row.members), row.line_count) for row in rows]
        self._place = {member: (block, place) for block in self._blocks for place, member in enumerate(block.members) if member != FREE}
        self._open = [block for block in self._blocks if block.has_room()]

    def put(self, words: Mapping[int, Collection[str]]) -> None:
        for row_id in words.keys() & self._place.keys():
            block, place = self._place[row_id]
            block.members[place] = FREE
            block.leaving |= 1 << place
            self._open.append(block)
        for row_id in sorted(row_id for row_id in words if words[row_id]):
            block = self._roomy_block()
            place = block.members.index(FREE)
            block.members[place] = row_id
            block.joining[place] = words[row_id]
            block.line_count += len(words[row_id])  # at most; counted anew when it is written
        for block in self._blocks:
            if block.leaving or block.joining:
                self._write(block)

    def _roomy_block(self) -> _Block:
        while self._open:
            if self._open[-1].has_room():
                return self._open[-1]
            self._open.pop()
        made = _Block(None, [FREE] * MEMBERS)
        self._blocks.append(made)
        self._open.append(made)
        return made

    def _write(self, block: _Block) -> None:
        if block.id is not None and not any(block.members):
            self._delete(block.id)
            return
        masks = self._masks(block)
        block.line_count = sum(map(len, masks))
        values = {"members": ",".join(map(str, block.members)), "line_count": block.line_count}
        lines = ["\n" + "".join(f"{word}\t{words[word]:02x}\n" for word in sorted(words)) for words in masks]
        if block.id is None:
            self._insert(values, lines)
        else:
            self._update(block.id, values, lines)

    def _masks(self, block: _Block) -> list[dict[str, int]]:
        """Every part as words with their bits: without those that leave, with those that join."""
        masks = self._read_parts(block.id, keep=~block.leaving & ALL) if block.id is not None else [{} for _ in range(PARTS)]
        for place, words in block.joining.items():
            for word in words:
                part = masks[_part_of(word)]
                part[word] = part.get(word, 0) | 1 << place
        return masks

    def _read_parts(self, block_id: int, *, keep: int) -> list[dict[str, int]]:
        masks: list[dict[str, int]] = [{} for _ in range(PARTS)]
        rows = self._connection.execute(select(search_part).where(search_part.c.id.between(block_id * PARTS, block_id * PARTS + PARTS - 1)))
        for row in rows:
            lines = ((line[:-3], int(line[-2:], 16) & keep) for line in row.lines.split("\n")[1:-1])
            masks[row.id % PARTS] = {word: mask for word, mask in lines if mask}
        return masks

    def _insert(self, values: Mapping[str, Any], lines: Sequence[str]) -> None:
        insert = search_block.insert().values(contributor_id=self._owner, **values).returning(search_block.c.id)
        first = self._connection.execute(insert).scalar_one() * PARTS
        self._connection.execute(search_part.insert(), [{"id": first + part, "lines": text} for part, text in enumerate(lines)])

    def _update(self, block_id: int, values: Mapping[str, Any], lines: Sequence[str]) -> None:
        self._connection.execute(update(search_block).where(search_block.c.id == block_id).values(**values))
        change = update(search_part).where(search_part.c.id == bindparam("part")).values(lines=bindparam("text"))
        self._connection.execute(change, [{"part": block_id * PARTS + part, "text": text} for part, text in enumerate(lines)])

    def _delete(self, block_id: int) -> None:
        self._connection.execute(delete(search_part).where(search_part.c.id.between(block_id * PARTS, block_id * PARTS + PARTS - 1)))
        self._connection.execute(delete(search_block).where(search_block.c.id == block_id))
