"""Every hostile input, in the order in which they are sent."""

from __future__ import annotations

import engine_inputs
import http_inputs
import load_inputs
import reach_inputs
import shape_inputs
from attack import Attack

INPUTS: list[Attack] = [
    *engine_inputs.INPUTS,
    *shape_inputs.INPUTS,
    *reach_inputs.INPUTS,
    *http_inputs.INPUTS,
    *load_inputs.INPUTS,
]
