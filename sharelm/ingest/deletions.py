"""Which messages of a copy stand where their contributor deleted a turn. Pure: messages and digests in, messages out.

The rule: what stands at the place of a deleted turn stays out, whatever it says by now, and so do the replies to it; another question after it
comes in. The place is
- for messages with ids: after the message that the deleted question followed (an edited question has the same parent), and for replies below
  a message that is deleted or left out;
- for messages without ids, and for turns that were deleted when they had none: the number of the question in the copy, counting those that were
  deleted before; unless questions that are kept would get lost by it, since then the copy does not hold the deleted turns any more.
Besides, a deleted message is known by its id and by its words, of equal words as many as were deleted. A message whose id is kept stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sharelm.store.corrections import Deleted
from sharelm.store.identity import Digest, identity
from sharelm.vocabulary import Message, Role

IdDigest = Callable[[str], str]


def without_deleted(
    kept: Sequence[Message], arrived: Sequence[Message], deleted: Sequence[Deleted], *, digest: Digest, id_digest: IdDigest
) -> tuple[tuple[Message, ...], list[Message]]:
    """What of a copy comes in, and what stays out."""
    if not deleted:
        return tuple(arrived), []
    copy = _Copy(kept, arrived, deleted, digest=digest, id_digest=id_digest)
    out = copy.left_out()
    return tuple(message for place, message in enumerate(arrived) if place not in out), [arrived[place] for place in sorted(out)]


class _Copy:
    """A copy that has arrived, beside what is kept and what is known of deleted messages. Lives during one call."""

    def __init__(
        self, kept: Sequence[Message], arrived: Sequence[Message], deleted: Sequence[Deleted], *, digest: Digest, id_digest: IdDigest
    ) -> None:
        self._arrived = arrived
        self._deleted = deleted
        self._id_digest = id_digest
        self._keys = [digest(message) for message in arrived]
        self._kept_ids = {message.id for message in kept if message.id is not None}
        self._kept = [(message, identity(message, digest)) for message in kept]
        self._after = {one for mark in deleted for one in mark.after}
        self._gone_ids = {mark.id_digest for mark in deleted if mark.id_digest}
        self._places = {message.id: place for place, message in enumerate(arrived) if message.id is not None}
        self._is_tree = any(message.parent_id in self._places or message.parent_id in self._kept_ids for message in arrived if message.parent_id)
        self._before = [self._place_before(place) for place in range(len(arrived))]

    def left_out(self) -> set[int]:
        turns = self._by_number()
        # Words that went with their turn are not looked for again: somebody may say the same later.
        spent = set(turns.values())
        words = Counter(mark.digest for mark in self._deleted if mark.digest and mark.turn not in spent)
        every, nameless = (Counter(key for message, key in self._kept if named or message.id is None) for named in (True, False))
        out: set[int] = set()
        for place, message in enumerate(self._arrived):
            if message.id is not None and message.id in self._kept_ids:
                continue
            key = self._keys[place]
            if place in turns or self._follows(place, out) or self._is_edited(place):
                out.add(place)
                words[key] -= 1
            elif (nameless if message.id else every)[key] > 0:
                every[key] -= 1
                nameless[key] -= 1
            elif words[key] > 0 or self._is_gone(message.id):
                out.add(place)
                words[key] -= 1
        return out

    def _by_number(self) -> dict[int, int]:
        """The questions at the numbers of deleted ones, with these numbers."""
        numbers = {mark.turn for mark in self._deleted if mark.turn is not None}
        for_ids = numbers - {mark.turn for mark in self._deleted if mark.after}
        found = {
            place: number
            for place, number in self._numbers().items()
            if number in (numbers if self._arrived[place].id is None else for_ids) and self._arrived[place].id not in self._kept_ids
        }
        questions = Counter(self._keys[place] for place, message in enumerate(self._arrived) if message.role is Role.USER)
        left = questions - Counter(self._keys[place] for place in found)
        kept = Counter(key for message, key in self._kept if message.role is Role.USER)
        return found if (kept & questions) <= left else {}

    def _numbers(self) -> dict[int, int]:
        """How many questions stand before each, where that can be told: up to the start of a copy that begins as the kept one does."""
        counted: dict[int, int] = {}
        is_whole = bool(self._arrived) and (self._arrived[0].id is None or self._begins_like_kept())
        for place, before in enumerate(self._before):
            is_start = before is None and not self._arrived[place].gap and (place == 0 or (self._is_tree and not self._arrived[place].parent_id))
            if is_start and is_whole:
                counted[place] = 0
            elif before is not None and before in counted:
                counted[place] = counted[before] + (self._arrived[before].role is Role.USER)
        return {place: count for place, count in counted.items() if self._arrived[place].role is Role.USER}

    def _begins_like_kept(self) -> bool:
        return bool(self._kept) and (self._arrived[0].id == self._kept[0][0].id or self._keys[0] == self._kept[0][1])

    def _follows(self, place: int, out: set[int]) -> bool:
        """Whether it answers what is deleted or left out: a question never does."""
        message = self._arrived[place]
        return message.role is not Role.USER and (self._before[place] in out or self._is_gone(message.parent_id))

    def _is_edited(self, place: int) -> bool:
        """Whether a question follows what a deleted one followed."""
        message, before = self._arrived[place], self._before[place]
        if message.role is not Role.USER:
            return False
        followed = {message.parent_id, self._arrived[before].id if before is not None else None} - {None}
        return any(self._id_digest(one) in self._after for one in followed if one)

    def _is_gone(self, message_id: str | None) -> bool:
        return message_id is not None and self._id_digest(message_id) in self._gone_ids

    def _place_before(self, place: int) -> int | None:
        """What it follows in this copy, bridged as on the shown path; None where it begins one, or follows what is kept or deleted only."""
        message = self._arrived[place]
        parent = self._places.get(message.parent_id) if message.parent_id is not None else None
        if parent is not None and parent != place:
            return parent if parent < place else None
        if message.parent_id is not None and (message.parent_id in self._kept_ids or self._is_gone(message.parent_id)):
            return None
        is_start = self._is_tree and message.parent_id is None and not message.gap and message.role == self._arrived[0].role
        return None if is_start or place == 0 else place - 1
