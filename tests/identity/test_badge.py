"""The badge as a picture: bands, never counts; well-formed whatever the name; nothing in it that acts."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sharelm.identity.badge import badge_svg, band_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("count", "band"), [(0, None), (1, "1+"), (9, "1+"), (10, "10+"), (49, "10+"), (50, "50+"), (99, "50+"), (100, "100+"), (10_000, "100+")]
)
def test_it_says_a_band_only(count: int, band: str | None) -> None:
    assert band_of(count) == band


@pytest.mark.parametrize("name", [None, "Alice", "محمد", "<script>alert(1)</script>", '"/><a href="javascript:x">', "& co", "王小明" * 10])
@pytest.mark.parametrize("band", [None, "10+"])
def test_it_is_a_picture_and_nothing_else(name: str | None, band: str | None) -> None:
    root = ElementTree.fromstring(badge_svg(name, band))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "rect", "path", "g", "text"}
    names = {attribute for element in root.iter() for attribute in element.attrib}
    assert not [one for one in names if one.startswith("on") or "href" in one or one == "style"]
    assert (name or "ShareLM") in "".join(root.itertext())


@given(some.text(alphabet=some.characters(categories=["L", "M", "N", "P", "S", "Zs"]), max_size=40))
def test_its_words_fit_into_it(name: str) -> None:
    root = ElementTree.fromstring(badge_svg(name, "100+"))
    last = root.findall(f"{SVG}g/{SVG}text")[-1]
    assert int(last.attrib["x"]) + int(last.attrib["textLength"]) <= int(root.attrib["width"])
