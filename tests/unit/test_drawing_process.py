"""The process that draws: ended when a picture takes too long, replaced when it is gone, and no part of the front."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kg.errors import PictureError
from kg.pictures.process import Drawer
from kg.pictures.subject import Subject
from kg.queries.declarations import Chart

SUBJECT = Subject(Chart("bar", ("name", "number")), [{"name": "one", "number": 1}], "Numbers")


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    found = Drawer()
    yield found
    found.close()


def test_a_process_that_was_killed_is_replaced(drawer: Drawer) -> None:
    assert drawer.draw(SUBJECT, "svg").startswith(b"<svg")
    first = drawer.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with pytest.raises(PictureError):
        drawer.draw(SUBJECT, "svg")
    assert drawer.draw(SUBJECT, "svg").startswith(b"<svg")
    assert drawer.pid not in (None, first)


def test_a_picture_that_takes_too_long_ends_the_process() -> None:
    drawer = Drawer(deadline_s=0.002)
    with pytest.raises(PictureError, match=r"more than 0\.002 s"):
        drawer.draw(SUBJECT, "png")
    assert drawer.pid is None


def test_a_process_without_memory_is_an_error_and_no_wait() -> None:
    drawer = Drawer(memory_mb=60)
    with pytest.raises(PictureError):
        drawer.draw(SUBJECT, "svg")
    assert drawer.pid is None


def test_the_front_loads_nothing_that_draws() -> None:
    code = "import sys, server.app; print(sorted({'vl_convert', 'networkx', 'numpy'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
