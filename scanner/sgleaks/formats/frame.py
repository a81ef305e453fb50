"""A line of a file with carets under a part of it, as compilers draw it."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.formats.plain import TextStyle, styled, visible, width
from sgleaks.model import Finding


def gutter(finding: Finding) -> str:
    """Spaces as wide as the finding's line number."""
    return " " * len(str(finding.region.line))


def draw(finding: Finding, mark: TextStyle, *, color: bool) -> Iterator[str]:
    """Lines: the excerpt after its line number, carets below. None where the excerpt has nothing to see."""
    if not finding.excerpt.strip():
        return
    edge = styled("|", "frame", color=color)
    number = styled(str(finding.region.line), "frame", color=color)
    clipped, cut = "…" if finding.excerpt_column > 1 else "", "…" if _is_cut(finding) else ""
    before, marked = _carets(finding)
    carets = styled("^" * marked, mark, color=color)
    yield f"{gutter(finding)} {edge}"
    yield f"{number} {edge} {clipped}{visible(finding.excerpt)}{cut}"
    yield f"{gutter(finding)} {edge} {' ' * (len(clipped) + before)}{carets}"
    yield f"{gutter(finding)} {edge}"


def _is_cut(finding: Finding) -> bool:
    end = finding.excerpt_column + len(finding.excerpt)
    return finding.region.end_line == finding.region.line and finding.region.end_column > end


def _carets(finding: Finding) -> tuple[int, int]:
    """Terminal columns before the first caret, and how many carets: at least one, none past the excerpt."""
    text, region = finding.excerpt, finding.region
    start = min(max(region.column - finding.excerpt_column, 0), len(text) - 1)
    # A region that goes on in later lines is marked up to the end of its first.
    end = region.end_column - finding.excerpt_column if region.end_line == region.line else len(text)
    end = min(max(end, start + 1), len(text))
    return width(visible(text[:start])), max(width(visible(text[start:end])), 1)
