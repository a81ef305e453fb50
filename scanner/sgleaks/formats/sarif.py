"""SARIF 2.1.0, as code scanning takes it. The only module that knows ``sarif_om``.

GitHub's limits and what it reads: docs.github.com, "SARIF support for code scanning". It ignores suppressions: whoever
uploads there leaves the ignored findings out of the report first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import sarif_om as om

from sgleaks import __version__
from sgleaks.formats import Style, cwe, sarif_text
from sgleaks.formats.plain import visible
from sgleaks.formats.sarif_dict import to_dict
from sgleaks.formats.selection import is_sure
from sgleaks.formats.taxonomy import Taxonomy, taxonomies
from sgleaks.formats.validity import brief
from sgleaks.model import SKIP_REASONS, Finding, Ignored, Origin, Region, Report, Rule, Skip

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
# GitHub closes alerts that are gone from the same category only: a scan of a tree must not close those of a history,
# nor one of some commits either's.
TREE, HISTORY, RANGE = "sgleaks/tree/", "sgleaks/history/", "sgleaks/range/"
MAX_RESULTS = 25_000  # GitHub refuses a run with more
MAX_NOTIFICATIONS = 1_000  # one for each skip; a broken tree must not fill the 10 MB that GitHub takes
MAX_REFS = 20  # of a result; a repository with many pull requests has thousands that lead to the same commit
MAX_TAGS = 20  # of a rule; GitHub refuses more
MASKS = ["[redacted]", "…", "*" * 43]  # how a password, a key in a sentence and a key in a line are hidden


def render(report: Report, style: Style) -> Iterator[str]:
    """One run, pure ASCII, on one line: indenting would double the size. Doubtful findings only where asked for."""
    log = om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[_run(report, style)])
    yield json.dumps(to_dict(log), ensure_ascii=True, separators=(",", ":")) + "\n"


def _run(report: Report, style: Style) -> om.Run:
    told = [finding for finding in report.findings if is_sure(finding.confidence, style.min_confidence)]
    kept = _worst(told)
    rules = _rules_of(report)
    used = taxonomies(rules)
    return om.Run(
        tool=om.Tool(driver=_driver(rules, used)),
        taxonomies=[_component(taxonomy, rules) for taxonomy in used],
        original_uri_base_ids={ROOT: to_dict(om.ArtifactLocation(description=_text("The root of what was scanned.")))},
        automation_details=om.RunAutomationDetails(id=style.category or _category(report)),
        column_kind="unicodeCodePoints",
        redaction_tokens=MASKS,
        invocations=[_invocation(report, len(told) - len(kept))],
        results=list(_results(kept, rules)),
    )


def _category(report: Report) -> str:
    return HISTORY if report.stats.refs else RANGE if report.stats.commits else TREE


def _worst(findings: Sequence[Finding]) -> Sequence[Finding]:
    """As many as GitHub takes, in the order they came; those that count and are severe are kept."""
    if len(findings) <= MAX_RESULTS:
        return findings
    ranked = sorted(enumerate(findings), key=lambda item: (not item[1].counts, -item[1].security_severity))
    return [finding for _, finding in sorted(ranked[:MAX_RESULTS], key=lambda item: item[0])]


# The tool and its rules


def _rules_of(report: Report) -> list[Rule]:
    rules = {rule.id: rule for rule in (*report.rules, *(finding.rule for finding in report.findings))}
    return [rules[name] for name in sorted(rules)]


def _driver(rules: Iterable[Rule], used: Sequence[Taxonomy]) -> om.ToolComponent:
    return om.ToolComponent(
        name="sgleaks",
        version=__version__,
        semantic_version=__version__,
        rules=[_rule(rule, used) for rule in rules],
        supported_taxonomies=[_reference(taxonomy, index) for index, taxonomy in enumerate(used)],
    )


def _rule(rule: Rule, used: Sequence[Taxonomy]) -> om.ReportingDescriptor:
    return om.ReportingDescriptor(
        id=rule.id,
        name=sarif_text.pascal(rule.id),
        short_description=_multiformat(sarif_text.described(rule.title)),
        full_description=_multiformat(sarif_text.described(rule.message)),
        help=_multiformat(sarif_text.help_text(rule), sarif_text.help_markdown(rule)),
        help_uri=rule.references[0] if rule.references else None,
        default_configuration=om.ReportingConfiguration(level=rule.level),
        relationships=list(_relationships(rule, used)) or None,
        properties={
            "precision": rule.confidence,
            "security-severity": f"{rule.severity:.1f}",
            "tags": _tags(rule)[:MAX_TAGS],
        },
    )


def _tags(rule: Rule) -> list[str]:
    weakness = [f"external/cwe/{cwe.name_of(rule.cwe).lower()}"] if rule.cwe else []
    return ["security", rule.kind, *weakness, *(f"sendgrid-guide/{control}" for control in rule.controls)]


def _relationships(rule: Rule, used: Sequence[Taxonomy]) -> Iterator[om.ReportingDescriptorRelationship]:
    for index, taxonomy in enumerate(used):
        for taxon in taxonomy.of(rule):
            target = om.ReportingDescriptorReference(id=taxon.id, tool_component=_reference(taxonomy, index))
            yield om.ReportingDescriptorRelationship(target=target, kinds=[taxonomy.kind])


def _reference(taxonomy: Taxonomy, index: int) -> om.ToolComponentReference:
    return om.ToolComponentReference(name=taxonomy.name, index=index)


def _component(taxonomy: Taxonomy, rules: Iterable[Rule]) -> om.ToolComponent:
    return om.ToolComponent(
        name=taxonomy.name,
        organization=taxonomy.organization,
        version=taxonomy.version,
        information_uri=taxonomy.page,
        short_description=_multiformat(taxonomy.about),
        taxa=[
            om.ReportingDescriptor(
                id=taxon.id,
                short_description=_multiformat(taxon.title) if taxon.title else None,
                help_uri=taxon.page,
            )
            for taxon in taxonomy.used(rules)
        ],
    )


# How the run went


def _invocation(report: Report, cut: int) -> om.Invocation:
    notifications = [_skipped(skip) for skip in report.skips[:MAX_NOTIFICATIONS]]
    if more := len(report.skips) - len(notifications):
        level = "error" if report.incomplete else "note"
        notifications.append(_notification("and-more", f"{more} more were not scanned.", level))
    notifications += (_notification("note", f"{visible(n.path)}: {visible(n.text)}", "note") for n in report.notices)
    if cut:
        text = f"{cut} of the results were left out: code scanning takes {MAX_RESULTS}, and the worst were kept."
        notifications.append(_notification("too-many-results", text, "warning"))
    return om.Invocation(execution_successful=not report.incomplete, tool_execution_notifications=notifications)


def _skipped(skip: Skip) -> om.Notification:
    level = "error" if SKIP_REASONS[skip.reason] else "note"
    notification = _notification(skip.reason, sarif_text.skip_message(skip), level)
    notification.locations = [
        om.Location(physical_location=om.PhysicalLocation(artifact_location=_artifact(skip.path)))
    ]
    return notification


def _notification(name: str, text: str, level: str) -> om.Notification:
    return om.Notification(message=_text(text), level=level, descriptor=om.ReportingDescriptorReference(id=name))


# Results


def _results(findings: Iterable[Finding], rules: Sequence[Rule]) -> Iterator[om.Result]:
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        seen[same := (finding.origin.path, finding.fingerprint)] += 1
        yield _result(finding, indexes[finding.rule.id], seen[same])


def _result(finding: Finding, index: int, occurrence: int) -> om.Result:
    return om.Result(
        rule_id=finding.rule.id,
        rule_index=index,
        level="note" if finding.confidence == "low" else finding.level,
        rank=round(finding.security_severity * 10, 1),
        message=_text(sarif_text.message_of(finding)),
        locations=[_location(finding.origin, finding.region, finding.excerpt)],
        related_locations=list(islice(_related(finding), sarif_text.MAX_PLACES)) or None,
        occurrence_count=len(finding.also) + 1 if finding.also else None,
        partial_fingerprints={
            # The only one GitHub reads, as `hash:occurrence`. It need not be a hash of the line, and is not: that
            # would let anyone guess a weak password, and an alert would reopen when its line is edited.
            "primaryLocationLineHash": f"{finding.fingerprint}:{occurrence}",
            "sgleaks/v1": finding.fingerprint,
        },
        suppressions=[_suppression(finding.ignored)] if finding.ignored else None,
        properties={
            "confidence": finding.confidence,
            "security-severity": f"{finding.security_severity:.1f}",
            **_lived(finding),
            **({"validity": brief(finding.validity)} if finding.validity else {}),
        },
    )


def _lived(finding: Finding) -> dict[str, object]:
    """What a history says of a finding, for readers other than GitHub, which ignores it."""
    exposure, commit = finding.exposure, finding.origin.commit
    if exposure is None:
        return {}
    seen = {
        "commit": commit,
        "introducedIn": exposure.first_seen,
        "lastSeenIn": exposure.last_seen,
        "removedIn": exposure.removed_in,
    }
    told: dict[str, object] = {name: of.id for name, of in seen.items() if of}
    if commit:
        told |= {"author": visible(commit.author), "date": commit.date}
    refs = [visible(ref) for ref in exposure.refs[:MAX_REFS]]
    return told | {"atHead": exposure.at_head, "reachable": exposure.reachable, "refs": refs}


def _location(origin: Origin, region: Region, excerpt: str = "") -> om.Location:
    physical = om.PhysicalLocation(artifact_location=_artifact(origin.path))
    if origin.members:
        # Lines of a member mean nothing in the archive around it; GitHub wants some.
        physical.region = om.Region(start_line=1, start_column=1, end_line=1, end_column=2)
    else:
        physical.region = om.Region(
            start_line=region.line,
            start_column=region.column,
            end_line=region.end_line,
            end_column=region.end_column,
        )
        if excerpt.strip():
            snippet = om.ArtifactContent(text=visible(excerpt))
            physical.context_region = om.Region(start_line=region.line, end_line=region.end_line, snippet=snippet)
    named = origin.members or origin.commit
    names = [om.LogicalLocation(fully_qualified_name=sarif_text.full_name(origin), kind="resource")] if named else None
    return om.Location(physical_location=physical, logical_locations=names)


def _related(finding: Finding) -> Iterator[om.Location]:
    for number, (origin, region) in enumerate(finding.also, 1):
        location = _location(origin, region)
        location.id, location.message = number, _text(f"Also in {sarif_text.place_of(origin, region)}.")
        yield location


def _artifact(path: str) -> om.ArtifactLocation:
    uri = sarif_text.uri_of(path)
    return om.ArtifactLocation(uri=uri, uri_base_id=ROOT if sarif_text.is_under_root(uri) else None)


def _suppression(ignored: Ignored) -> om.Suppression:
    kind = "inSource" if ignored.kind == "inline" else "external"
    # `state` is sarif_om's name; it is written as `status`.
    return om.Suppression(kind=kind, state="accepted", justification=visible(ignored.reason) or None)


def _text(text: str) -> om.Message:
    return om.Message(text=text)


def _multiformat(text: str, markdown: str | None = None) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text, markdown=markdown)
