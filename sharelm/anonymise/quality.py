"""Quality checks on an anonymised conversation. They are flags: what they mean is decided in review."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sharelm.vocabulary import Message, Role

EMPTY = "empty"
ONE_SIDED = "one-sided"
PROVIDER_ERROR = "provider-error"

# What chat sites and APIs show in place of an answer. The whole answer must be such a text: a conversation about errors is none.
PROVIDER_ERRORS = re.compile(
    r"""(?ix)
    \W{0,8}(?:
        network\ error\ due\ to\ high\ traffic[^\n]{0,200}
      | \$moderation\$[^\n]{0,200}
      | (?:\*\*)?api\ request\ error(?:\*\*)?[^\n]{0,200}
      | (?:error:?\ )?(?:http\ )?(?:429|50[0234])[:\ ]{1,3}
        (?:too\ many\ requests|internal\ server\ error|bad\ gateway|service\ unavailable|gateway\ time-?out)[^\n]{0,100}
      | (?:hm+[.…,\ ]*)?something\ (?:went|seems\ to\ have\ gone)\ wrong[.!]?(?:\ (?:please\ )?try\ again(?:\ later)?[.!]?)?
        (?:\ if\ this\ issue\ persists[^\n]{0,200})?
      | (?:an?\ )?(?:internal\ |unexpected\ )?error\ (?:has\ )?occurred[.!]?(?:\ (?:please\ )?try\ again(?:\ later)?[.!]?)?
      | (?:there\ was\ an\ )?error\ (?:in\ )?generating\ (?:a|the)\ response[.!]?
      | (?:the\ )?(?:server|model)\ is\ (?:currently\ )?(?:overloaded|busy|unavailable)[^\n]{0,100}
      | (?:you(?:'ve|\ have)\ (?:reached|exceeded)|rate\ limit\ (?:reached|exceeded))[^\n]{0,100}
    )\W{0,8}
    """
)


def find_flags(messages: Sequence[Message]) -> tuple[str, ...]:
    """What is wrong with a conversation as such: empty, one-sided, or ended by a provider's error."""
    speaks = {message.role for message in messages if message.content.strip()}
    if not speaks & {Role.USER, Role.ASSISTANT}:
        return (EMPTY,)
    if not {Role.USER, Role.ASSISTANT} <= speaks:
        return (ONE_SIDED,)
    return (PROVIDER_ERROR,) if any(_is_provider_error(message) for message in messages) else ()


def _is_provider_error(message: Message) -> bool:
    text = message.content.strip()
    return message.role is Role.ASSISTANT and len(text) <= 400 and PROVIDER_ERRORS.fullmatch(text) is not None
