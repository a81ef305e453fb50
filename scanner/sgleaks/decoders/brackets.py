"""Dots in brackets, as reports of incidents write them so that nobody clicks: ``SG[.]abc``, ``SG[dot]abc``."""

from __future__ import annotations

import re

from sgleaks.decoders.spelling import Spelling

SPELLING = Spelling("brackets", b"[", re.compile(rb"\[(?:\.|dot)\]", re.IGNORECASE), lambda _: lambda _: b".")
