"""Whether output is coloured: an option, then the environment, then the stream. Knows nothing of what is coloured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, assert_never

Mode = Literal["auto", "always", "never"]


def wants_color(mode: Mode, stream_is_tty: bool, env: Mapping[str, str]) -> bool:
    """Whether to write ANSI colours: what ``--color`` says, else the environment, else whether a person watches."""
    match mode:
        case "always":
            return True
        case "never":
            return False
        case "auto":
            said = _environment(env)
            return stream_is_tty if said is None else said
        case _:
            assert_never(mode)


def _environment(env: Mapping[str, str]) -> bool | None:
    # The order is CPython's own since 3.13: who sets NO_COLOR (https://no-color.org) is never overruled by a default
    # that a CI system sets for everyone.
    if env.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if value := env.get(name):
            if value not in ("0", "false"):
                return True
            if name == "FORCE_COLOR":  # Node's reading: 0 forces it off; CLICOLOR_FORCE=0 only forces nothing
                return False
    if env.get("TERM") == "dumb" or env.get("CLICOLOR") == "0":
        return False
    return None
