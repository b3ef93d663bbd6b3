"""Hostile inputs, one after the other, against one server: each gets its answer, and the next never notices.

After each: an answer in time that names the limit, nothing leaked, nobody called; `/healthz` fine, a simple query
answered within a second by the same processes; memory, open files and temporary files as before.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from attack import Attack, Target, fault_of, named_limit
from canary import Canary
from inputs import INPUTS
from watch import Watch


@pytest.mark.parametrize("attack", INPUTS, ids=[f"{attack.family}: {attack.name}" for attack in INPUTS])
def test_each_hostile_input_gets_its_answer_and_nobody_else_notices(
    attack: Attack,
    target: Target,
    watch: Watch,
    canaries: tuple[Canary, Canary],
    record_property: Callable[[str, object], None],
):
    expected = " ".join(filter(None, ["/".join(map(str, attack.status)), attack.says]))
    for name, value in (("family", attack.family), ("input", attack.name), ("expected", expected)):
        record_property(name, value)
    began = time.monotonic()
    reply = attack.send(target)
    elapsed = time.monotonic() - began
    record_property("got", f"{reply.status or 'closed'} {named_limit(reply)}".strip())
    record_property("elapsed", elapsed)
    fault = watch.fault()
    record_property("memory", watch.memory_mb())
    assert fault == ""
    assert [canary.heard for canary in canaries] == [0, 0]
    assert fault_of(attack, reply, elapsed) == ""


def test_inputs_have_names_of_their_own():
    names = [(attack.family, attack.name) for attack in INPUTS]
    assert len(names) == len(set(names))
