"""The strings of a SARIF file: addresses, messages, help. Knows nothing of the objects they go into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from sgleaks.formats import validity
from sgleaks.formats.plain import clip, masked, visible, writable
from sgleaks.model import SKIP_REASONS, Exposure, Finding, Origin, Region, Rule, Skip

MAX_TEXT = 1024  # characters of a rule's descriptions that GitHub takes
SHORT = 12  # digits of a commit id in a sentence
MAX_PLACES = 10  # other places of a finding: GitHub keeps 100, a person reads a handful
# Surrogates that stand for no byte: nothing can be percent-encoded for them.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def uri_of(path: str) -> str:
    """The path percent-encoded, as the bytes it has on disk; an absolute one as a ``file`` address."""
    encoded = quote(_NO_BYTE.sub("\ufffd", masked(path)).encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{encoded}" if encoded.startswith("/") else encoded or "."


def is_under_root(uri: str) -> bool:
    """Whether the address may be resolved against the scanned root."""
    return not uri.startswith(("file:", "../")) and uri != ".."


def full_name(origin: Origin) -> str:
    """``<commit>:outer.zip!inner/file``: the place in words that an address has no room for."""
    place = visible(origin.place)
    return f"{origin.commit.id}:{place}" if origin.commit else place


def message_of(finding: Finding) -> str:
    """What was found and where, in sentences, with links to the related locations: GitHub shows no others."""
    return " ".join(_sentences(finding))


def _sentences(finding: Finding) -> Iterator[str]:
    # "](" would make a link of text from a file; with a space between, it is text.
    if (exposure := finding.exposure) and not exposure.at_head:
        yield _past(exposure)
    yield sentence(visible(finding.message).replace("](", "] ("))
    if finding.secret and finding.secret.is_key:
        yield f"The id of the key is {finding.secret.key_id}."
    if finding.validity:
        yield sentence(f"SendGrid says: {validity.told(finding.validity).replace('](', '] (')}")
    if finding.via:
        yield f"Decoded from {visible(' > '.join(finding.via))}."
    if finding.origin.members:
        yield f"Inside {visible(finding.origin.place).replace('](', '] (')}, line {finding.region.line}."
    if finding.also:
        yield _also(finding.also)


def _past(exposure: Exposure) -> str:
    seen, removed = exposure.last_seen, exposure.removed_in
    gone = f", removed in {removed.id[:SHORT]}" if removed else ""
    return f"Only in history{f', last in {seen.id[:SHORT]}' if seen else ''}{gone}."


def _also(also: tuple[tuple[Origin, Region], ...]) -> str:
    links = [f"[{_link_text(place_of(*place))}]({number})" for number, place in enumerate(also[:MAX_PLACES], 1)]
    more = len(also) - len(links)
    return f"Also in {', '.join(links)}{f' and {more} more' if more else ''}."


def place_of(origin: Origin, region: Region) -> str:
    """``path:line``, fit to be shown."""
    return f"{visible(origin.place)}:{region.line}"


def _link_text(text: str) -> str:
    # SARIF 2.1.0, 3.11.6: backslashes and brackets of a link's text are escaped.
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def skip_message(skip: Skip) -> str:
    """What was not scanned, or is only noted, and why."""
    outcome = "not scanned" if SKIP_REASONS[skip.reason] else "noted"
    detail = f": {visible(skip.detail)}" if skip.detail else ""
    return sentence(f"{visible(skip.path)} was {outcome} ({visible(skip.reason)}){detail}")


def sentence(text: str) -> str:
    """The text with a period at its end."""
    return text if text.endswith(".") else f"{text}."


def described(text: str) -> str:
    """A rule's text, short enough for GitHub."""
    return sentence(clip(writable(text), MAX_TEXT - 1))


def help_text(rule: Rule) -> str:
    """Why it matters, what to do now, where to read on."""
    return writable("\n".join(part for part in (rule.why, rule.fix, *rule.references) if part) or rule.message)


def help_markdown(rule: Rule) -> str:
    """The same, as GitHub shows it beside an alert."""
    parts = [rule.message]
    parts += [f"**Why it matters:** {rule.why}"] if rule.why else []
    parts += [f"**What to do now:** {rule.fix}"] if rule.fix else []
    parts += [f"**SendGrid hardening guide:** {', '.join(rule.controls)}"] if rule.controls else []
    parts += ["\n".join(f"* <{reference}>" for reference in rule.references)] if rule.references else []
    return writable("\n\n".join(parts))


def pascal(rule_id: str) -> str:
    """``ApiKey`` for ``api-key``: what SARIF calls a friendly name."""
    return "".join(part.capitalize() for part in rule_id.split("-"))
