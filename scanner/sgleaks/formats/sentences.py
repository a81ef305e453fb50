"""What a finding says where a reader has room for a few sentences only. All of it is ``visible``."""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.formats import validity
from sgleaks.formats.plain import visible
from sgleaks.formats.sarif_text import sentence
from sgleaks.model import Finding


def told(finding: Finding) -> str:
    """What was found, and what the place alone does not say: a member of an archive, the key, the commit."""
    return " ".join(_sentences(finding))


def advice(finding: Finding) -> str:
    """What to do now; nothing where the rule does not say."""
    return sentence(visible(finding.rule.fix)) if finding.rule.fix else ""


def _sentences(finding: Finding) -> Iterator[str]:
    yield sentence(visible(finding.message))
    if finding.origin.members:
        yield f"It is inside {visible(finding.origin.place)}, line {finding.region.line}."
    if finding.secret and finding.secret.is_key:
        yield f"The id of the key is {finding.secret.key_id}."
    if finding.validity:
        yield sentence(f"SendGrid says: {validity.told(finding.validity)}")
    if finding.origin.commit:
        yield f"Commit {finding.origin.commit.id[:12]} brought it."
