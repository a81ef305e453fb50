"""Which findings are told. Kept in one place, so that the frames and the summary agree on what is hidden."""

from __future__ import annotations

from sgleaks.formats import Style
from sgleaks.model import CONFIDENCES, Confidence, Finding


def is_told(finding: Finding, style: Style) -> bool:
    """Whether people are shown the finding: all with ``-v``, else those neither ignored nor too doubtful."""
    return style.verbosity > 0 or (finding.ignored is None and is_sure(finding.confidence, style.min_confidence))


def is_sure(confidence: Confidence, least: Confidence) -> bool:
    """Whether ``confidence`` is at or over ``least``."""
    return CONFIDENCES.index(confidence) <= CONFIDENCES.index(least)
