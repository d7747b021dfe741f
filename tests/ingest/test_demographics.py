"""Ages become bands, places become countries, on arrival."""

from __future__ import annotations

import pytest

from sharelm.ingest.demographics import age_band, country_of, read_age


@pytest.mark.parametrize(
    ("years", "band"), [(None, None), (17, None), (18, "18-24"), (24, "18-24"), (25, "25-34"), (64, "55-64"), (65, "65+"), (120, "65+")]
)
def test_ages_become_bands(years, band):
    assert age_band(years) == band


AGES = [
    ("33", 33), (33, 33), (33.0, 33), (" 33 ", 33), ("", None), (None, None), ("thirty", None), ("-5", -5), ("121", None), ("1999", None),
    (33.5, 33), ("17,5", 17), ("17 years", 17), (17.99, 17),
]  # fmt: skip


@pytest.mark.parametrize(("text", "years"), AGES)
def test_ages_are_read(text, years):
    assert read_age(text) == years


PLACES = [
    ("Italy", "IT"), ("Rome, Italy", "IT"), ("Italia", "IT"), ("Deutschland", "DE"), ("München, Deutschland", "DE"), ("日本", "JP"), ("UK", "GB"),
    ("London / UK", "GB"), ("New York, USA", "US"), ("US", "US"), ("Côte d'Ivoire", "CI"), ("cote d'ivoire", "CI"), ("Türkiye", "TR"),
    ("us", None), ("Austin, TX", None), ("Los Angeles, CA", None), ("on the moon", None), ("", None), ("Via Roma 1", None), ("European Union", None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "code"), PLACES, ids=[place for place, _ in PLACES])
def test_places_become_countries_or_nothing(place, code):
    assert country_of(place) == code
