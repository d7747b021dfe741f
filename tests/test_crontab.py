"""The five fields of a crontab, as the scheduler takes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from apscheduler.triggers.cron import CronTrigger

from sharelm.crontab import parse_crontab

NEXT = [  # after Friday 2026-11-20 12:00
    ("0 3 1 * *", "2026-12-01 03:00"),
    ("30 2 * * *", "2026-11-21 02:30"),
    ("*/20 * * * *", "2026-11-20 12:20"),
    ("0 5 * * 0", "2026-11-22 05:00"),
    ("0 5 * * 7", "2026-11-22 05:00"),
    ("0 5 * * 1", "2026-11-23 05:00"),
    ("0 5 * * 1-3", "2026-11-23 05:00"),
    ("0 0 1,15 1-6/2 *", "2027-01-01 00:00"),
    ("0 4/8 * * *", "2026-11-20 20:00"),
]


@pytest.mark.parametrize(("text", "moment"), NEXT)
def test_it_means_what_cron_means(text, moment):
    trigger = CronTrigger(timezone="UTC", **parse_crontab(text))
    fires = trigger.get_next_fire_time(None, datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC))
    assert f"{fires:%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize(
    "text",
    ["", "0 3 1 *", "0 3 1 * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-3 * * * *", "*/0 * * * *", "a * * * *"],
)
def test_what_cron_would_not_take_is_refused(text):
    with pytest.raises(ValueError):
        parse_crontab(text)
