"""Fetch a source's files from the Hub, with the user's own token; what was fetched before is not fetched again."""

from __future__ import annotations

import re
from pathlib import Path

from sharelm.collection.source import Source
from sharelm.errors import ShareLMError

HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def is_hub_id(text: str) -> bool:
    """What is no path here and looks like OWNER/NAME."""
    return not Path(text).exists() and HUB_ID.fullmatch(text) is not None


def fetch(source: Source, repo: str, folder: Path, *, endpoint: str, token: str) -> Path:
    """The folder with the files of the dataset. Raises ShareLMError with one sentence that says what to do."""
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError

    place = folder / repo.replace("/", "--")
    try:
        snapshot_download(
            repo, repo_type="dataset", allow_patterns=list(source.hub_files) or None, local_dir=place, endpoint=endpoint, token=token or False
        )
    except GatedRepoError:
        raise ShareLMError(f"{repo} is gated: accept its terms at {endpoint}/datasets/{repo}, then set HF_TOKEN to your token.") from None
    except RepositoryNotFoundError:
        raise ShareLMError(f"{endpoint} has no dataset {repo}, or shows it to nobody without a token: set HF_TOKEN to yours.") from None
    except (HTTPError, OfflineModeIsEnabled, OSError):
        raise ShareLMError(f"{repo} could not be fetched from {endpoint}. Nothing is lost: the same command goes on where it stopped.") from None
    return place
