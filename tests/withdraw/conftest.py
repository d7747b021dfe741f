"""The fixtures of the pages: a browser, and one that is logged in."""

from tests.web.pages.conftest import browser, inside

__all__ = ["browser", "inside"]
