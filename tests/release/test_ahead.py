"""What is made in another thread comes in its order, with its errors, and ends when nobody wants more."""

from __future__ import annotations

import threading

import pytest

from sharelm.release.ahead import ahead


def numbers(ended: list[str], *, most: int = 5):
    try:
        for number in range(1, most + 1):
            yield number, threading.current_thread().name
        raise OSError("no more")
    finally:
        ended.append(threading.current_thread().name)


def test_the_pieces_come_in_order_from_another_thread():
    found = list(ahead((number, threading.current_thread()) for number in range(1, 4)))
    assert [number for number, _ in found] == [1, 2, 3]
    assert {thread for _, thread in found} != {threading.current_thread()}


def test_an_error_comes_where_it_belongs():
    ended: list[str] = []
    found = []
    with pytest.raises(OSError, match="no more"):
        found += [number for number, _ in ahead(numbers(ended))]
    stream = ahead(numbers(ended, most=2))
    assert [next(stream)[0], next(stream)[0]] == [1, 2]
    with pytest.raises(OSError, match="no more"):
        next(stream)
    assert len(ended) == 2


def test_who_wants_no_more_ends_it():
    ended: list[str] = []
    stream = ahead(numbers(ended))
    assert next(stream)[0] == 1
    stream.close()
    assert len(ended) == 1


def test_the_next_piece_is_begun_before_it_is_asked_for():
    is_begun = threading.Event()

    def pieces():
        yield 1
        is_begun.set()
        yield 2

    stream = ahead(pieces())
    assert next(stream) == 1
    assert is_begun.wait(10)
    assert list(stream) == [2]
