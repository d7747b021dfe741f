"""Everything the project expects to go wrong, with the sentence that people read.

Messages are fixed or made of field names, ids of ours and counts: never of what somebody sent.
"""

from __future__ import annotations

import logging
import traceback


class English(str):
    """Words of ours in English that pages show in the language of their reader; `values` are put into them in any language."""

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> English:
        words = super().__new__(cls, template % values if values else template)
        words.template, words.values = template, values
        return words


class ShareLMError(Exception):
    """Expected; becomes problem JSON or a page with `status` and the message."""

    status = 400
    title: str = English("Bad request")
    retry_after: int | None = None

    def __init__(self, message: str, **extra: object) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class ConfigError(ShareLMError):
    """A setting is wrong or missing; the start stops with the sentence and exit code 2."""

    status = 500
    title = "Wrong setting"


class MalformedBody(ShareLMError):
    """The body cannot be read at all."""

    title = English("The body cannot be read")


class InvalidPayload(ShareLMError):
    """The body is well formed, a field is not."""

    status = 422
    title = English("A field is not valid")


class NotAuthorised(ShareLMError):
    """No user ID came with the request, or none that could be one."""

    status = 401
    title = English("A user ID is needed")


class IdReplaced(NotAuthorised):
    """The user ID was replaced by its holder: it opens nothing any more, and nothing is taken under it."""

    title = English("This user ID was replaced")

    def __init__(self) -> None:
        super().__init__("This user ID was replaced by a new one. Put the new one into the extension, under Settings; nothing was lost.")


class Refused(ShareLMError):
    """The request is understood and will not be carried out; the status says why."""

    def __init__(self, message: str, *, status: int, title: str, retry_after: int | None = None, **extra: object) -> None:
        super().__init__(message, **extra)
        self.status = status
        self.title = title
        self.retry_after = retry_after


class ConsentNeeded(ShareLMError):
    """Nothing is taken before its holder has agreed to the current terms; `extra` says which, and where they can be read."""

    status = 409
    title = English("Consent is needed")

    def __init__(self, *, version: str, address: str) -> None:
        super().__init__(
            English("Nothing is taken before you have agreed to the current terms; read them at `address`."), version=version, address=address
        )


class NotFound(ShareLMError):
    """It is not there, or it is somebody else's: the two look alike."""

    status = 404
    title = English("Not found")


class NothingToRelease(ShareLMError):
    """A release without a row is no release."""

    status = 409
    title = "Nothing to release"


class ReleaseRefused(ShareLMError):
    """A release cannot be built, or what was built must not go out."""

    status = 409
    title = "The release was refused"


def log_error(logger: logging.Logger, error: BaseException | None) -> None:
    """Log what was not expected by its type and frames; the message may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    logger.error("unexpected %s in %s", type(error).__name__, places)
