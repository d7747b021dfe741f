"""What a page of the dashboard costs over the wire, the first time it is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Full

MOST_BYTES = 120_000
PAGES = ("/overview", "/conversations", "/your-data", "/your-data/about-you", "/", "/models", "/statistics", "/faq")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_and_asks_no_other_host(full_server: Full, open_page: Callable[..., Any], signed_in: dict[str, Any], path: str) -> None:
    with open_page(full_server.address, **signed_in) as page:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        hosts: list[str] = []
        client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        client.on("Network.requestWillBeSent", lambda event: hosts.append(event["request"]["url"]))
        page.goto(path, wait_until="networkidle")
    assert 4 <= len(hosts) <= len(sizes)
    assert sum(sizes) <= MOST_BYTES, sizes
    assert all(host.startswith((full_server.address, "data:")) for host in hosts)
