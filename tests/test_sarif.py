"""The SARIF file is one that code scanning takes: schema, GitHub's limits, and Microsoft's own validator."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft202012Validator

from reports import KEY_RULE, full_report, key_finding, password_finding, webhook_finding
from sgleaks.formats import Style, render
from sgleaks.formats.cwe import TITLES
from sgleaks.formats.sarif import MAX_NOTIFICATIONS, MAX_RESULTS, MAX_TAGS
from sgleaks.formats.sarif_text import MAX_PLACES, MAX_TEXT, uri_of
from sgleaks.model import Commit, Ignored, Origin, Region, Report, Skip
from tools import multitool_results

SCHEMA = json.loads((Path(__file__).parent / "data/sarif-2.1.0.json").read_text("utf-8"))
LARGEST = 10_000_000  # bytes of a gzipped file that GitHub takes
COMMIT = Commit("0" * 40, "Ada", "2026-01-31T10:00:00Z", "Add mail")
NAMES = (
    "a b/ü%#?.env",
    "caf\udce9.env",
    "[slug](1).tsx",
    "/etc/x.env",
    "../x.env",
    "x\u202e\x1b\n.env",
    "a:b.env",
    "%41.env",
    "c\ud800.env",
    "",
)


def text_of(report: Report, style: Style = Style()) -> str:  # noqa: B008  # frozen
    return "".join(render("sarif", report, style))


def run_of(report: Report, style: Style = Style()) -> Any:  # noqa: B008  # frozen
    return json.loads(text_of(report, style))["runs"][0]


def result_of(*args: Any, **changes: Any) -> Any:
    (result,) = run_of(Report(findings=(key_finding(*args, **changes),)))["results"]
    return result


def odd_report() -> Report:
    """Names, regions and texts that made trouble for others."""
    places = tuple((Origin(name), Region(1, 1, 1, 2)) for name in NAMES)
    odd = (
        *(key_finding(20 + number, before="", origin=Origin(name)) for number, name in enumerate(NAMES)),
        key_finding(40, region=Region(3, 1, 6, 1)),
        key_finding(41, also=places, note="See [here](https://example.com) {0}"),
        key_finding(42, origin=Origin("a.zip", ("b.tar", "c.env"), commit=COMMIT)),
        key_finding(43, excerpt="", ignored=Ignored("path", "generated")),
        key_finding(44, rule=replace(KEY_RULE, id="own-rule", cwe=0, why="", fix="", references=(), controls=())),
    )
    skips = tuple(Skip(name, "damaged", name) for name in NAMES)
    return replace(full_report(), findings=full_report().findings + odd, skips=full_report().skips + skips)


REPORTS = [
    pytest.param(Report(), id="empty"),
    pytest.param(full_report(), id="full"),
    pytest.param(odd_report(), id="odd"),
]


@pytest.mark.parametrize("report", REPORTS)
def test_the_schema_of_the_standard_accepts_it(report: Report) -> None:
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    told = json.loads(text_of(report, Style(min_confidence="low")))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(told)] == []


@pytest.mark.multitool
@pytest.mark.parametrize("report", REPORTS)
def test_the_multitool_has_no_objection(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.sarif"
    path.write_text(text_of(report, Style(min_confidence="low")), "utf-8")
    results = multitool_results(path)
    assert [result for result in results if result.get("level", "warning") == "error"] == []
    # The only warning is that the tool names no home page.
    assert {result["ruleId"] for result in results if result.get("level", "warning") == "warning"} <= {"SARIF2005"}


@pytest.mark.multitool
def test_the_multitool_would_object_to_a_wrong_file(tmp_path: Path) -> None:
    told = json.loads(text_of(full_report()))
    del told["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    told["runs"][0]["results"][0]["ruleIndex"] = 99
    path = tmp_path / "report.sarif"
    path.write_text(json.dumps(told), "utf-8")
    assert {result["level"] for result in multitool_results(path) if "level" in result} >= {"error"}


def test_a_rule_has_all_that_github_requires() -> None:
    rules = run_of(full_report())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["account-password", "api-key", "unsigned-event-webhook"]
    key = rules[1]
    assert key["name"] == "ApiKey"
    assert key["shortDescription"]["text"] == "SendGrid API key."
    assert key["fullDescription"]["text"] == KEY_RULE.message
    assert KEY_RULE.fix in key["help"]["text"]
    assert f"**What to do now:** {KEY_RULE.fix}" in key["help"]["markdown"]
    assert key["helpUri"] == KEY_RULE.references[0]
    assert key["defaultConfiguration"] == {"level": "error"}
    assert key["properties"] == {
        "precision": "high",
        "security-severity": "9.8",
        "tags": ["security", "credentials", "external/cwe/cwe-798", "sendgrid-guide/2.2"],
    }
    assert key["relationships"][0]["target"] == {"id": "CWE-798", "toolComponent": {"name": "CWE", "index": 0}}


def test_the_texts_and_tags_of_a_rule_are_cut_to_githubs_limits() -> None:
    rule = replace(KEY_RULE, title="t" * 2000, message="m" * 2000, controls=tuple(f"1.{n}" for n in range(40)))
    (told,) = run_of(Report(rules=(rule,)))["tool"]["driver"]["rules"]
    assert len(told["shortDescription"]["text"]) == len(told["fullDescription"]["text"]) == MAX_TEXT
    assert len(told["properties"]["tags"]) == MAX_TAGS


def test_weaknesses_are_named_once_in_the_taxonomy() -> None:
    taxonomy = run_of(full_report())["taxonomies"][0]
    assert taxonomy["name"] == "CWE"
    assert {taxon["id"]: taxon["shortDescription"]["text"] for taxon in taxonomy["taxa"]} == {
        f"CWE-{number}": TITLES[number] for number in (259, 345, 798)
    }


def test_a_rule_has_its_places_in_the_guide_and_in_the_standards_it_refers_to() -> None:
    run = run_of(Report(rules=(replace(KEY_RULE, controls=("1.2", "2.1", "2.2")),)))
    taxa = {each["name"]: [taxon["id"] for taxon in each["taxa"]] for each in run["taxonomies"]}
    assert taxa == {
        "CWE": ["CWE-798"],
        "SendGrid Hardening Guide": ["1.2", "2.1", "2.2"],
        "CIS Controls": ["3.11", "6.3", "12.5"],
        "NIST SP 800-53": ["IA-2", "IA-8", "SC-12"],
        "SOC 2": ["CC6.7"],
    }
    (rule,) = run["tool"]["driver"]["rules"]
    targets = [relation["target"] for relation in rule["relationships"]]
    assert sorted(target["id"] for target in targets) == sorted(name for names in taxa.values() for name in names)
    assert {(target["toolComponent"]["name"], target["toolComponent"]["index"]) for target in targets} == {
        (name, index) for index, name in enumerate(taxa)
    }
    assert [each["name"] for each in run["tool"]["driver"]["supportedTaxonomies"]] == list(taxa)


def test_a_taxonomy_without_a_rule_in_it_is_left_out() -> None:
    unknown = replace(KEY_RULE, controls=("99.1",))
    assert [each["name"] for each in run_of(Report(rules=(unknown,)))["taxonomies"]] == ["CWE"]
    empty = run_of(Report())
    assert "taxonomies" not in empty or empty["taxonomies"] == []
    assert not empty["tool"]["driver"].get("supportedTaxonomies")


def test_the_run_says_how_it_counts_and_hides() -> None:
    run = run_of(full_report())
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["automationDetails"] == {"id": "sgleaks/tree/"}
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]
    assert "[redacted]" in run["redactionTokens"]


def test_a_result_says_where_and_which_key() -> None:
    finding = key_finding()
    result = result_of()
    assert (result["ruleId"], result["ruleIndex"], result["level"], result["rank"]) == ("api-key", 0, "error", 98.0)
    assert result["message"]["text"] == f"{KEY_RULE.message} The id of the key is {finding.secret.key_id}."  # type: ignore[union-attr]  # it has one
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/mail.env", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 18, "endLine": 3, "endColumn": 87},
        "contextRegion": {"startLine": 3, "endLine": 3, "snippet": {"text": finding.excerpt}},
    }
    assert result["partialFingerprints"] == {
        "primaryLocationLineHash": f"{finding.fingerprint}:1",
        "sgleaks/v1": finding.fingerprint,
    }


def test_a_level_is_written_even_where_it_is_the_standards_default() -> None:
    # Left out, the rule's own level would apply, and a finding lowered to a warning would be an error again.
    assert result_of(security_severity=6.9)["level"] == "warning"


def test_the_same_secret_twice_in_a_file_is_two_alerts() -> None:
    findings = (key_finding(1, 3), key_finding(1, 9), key_finding(1, 3, origin=Origin("other.env")))
    hashes = [result["partialFingerprints"] for result in run_of(Report(findings=findings))["results"]]
    ends = [told["primaryLocationLineHash"].rpartition(":")[2] for told in hashes]
    assert ends == ["1", "2", "1"]
    assert len({told["sgleaks/v1"] for told in hashes}) == 1


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("deploy/mail.env", "deploy/mail.env"),
        ("a b/ü%#?.env", "a%20b/%C3%BC%25%23%3F.env"),
        ("a:b.env", "a%3Ab.env"),
        ("[slug].tsx", "%5Bslug%5D.tsx"),
        ("caf\udce9.env", "caf%E9.env"),
        ("", "."),
    ],
)
def test_an_address_is_the_bytes_of_the_name_percent_encoded(path: str, uri: str) -> None:
    assert uri_of(path) == uri
    assert unquote_to_bytes(uri) == (path or ".").encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("path", ["/etc/mail.env", "../mail.env"])
def test_a_path_outside_the_root_is_not_resolved_against_it(path: str) -> None:
    (location,) = result_of(origin=Origin(path))["locations"]
    assert "uriBaseId" not in location["physicalLocation"]["artifactLocation"]


def test_a_member_of_an_archive_is_shown_at_the_archive() -> None:
    result = result_of(origin=Origin("a.zip", ("b.tar", "c.env"), commit=COMMIT))
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a.zip", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": f"{'0' * 40}:a.zip!b.tar!c.env", "kind": "resource"}]
    assert "Inside a.zip!b.tar!c.env, line 3." in result["message"]["text"]


def test_other_places_are_linked_and_capped() -> None:
    places = tuple((Origin(f"{number}.env"), Region(1, 1, 1, 2)) for number in range(MAX_PLACES + 2))
    result = result_of(also=places)
    assert [location["id"] for location in result["relatedLocations"]] == list(range(1, MAX_PLACES + 1))
    assert "[0.env:1](1)" in result["message"]["text"]
    assert result["message"]["text"].endswith(f"[9.env:1]({MAX_PLACES}) and 2 more.")
    assert result["occurrenceCount"] == MAX_PLACES + 3


def test_text_of_a_file_makes_no_link() -> None:
    result = result_of(note="[here](https://example.com)", also=((Origin("[x](2)"), Region(1, 1, 1, 2)),))
    assert "](https" not in result["message"]["text"]
    assert r"[\[x\](2):1](1)" in result["message"]["text"]


@pytest.mark.parametrize(("kind", "where"), [("inline", "inSource"), ("baseline", "external"), ("path", "external")])
def test_an_ignored_finding_is_suppressed_with_its_reason(kind: Any, where: str) -> None:
    result = result_of(ignored=Ignored(kind, "a sample"))
    assert result["suppressions"] == [{"kind": where, "status": "accepted", "justification": "a sample"}]


def test_doubtful_findings_are_written_only_where_asked_for_and_as_notes() -> None:
    report = Report(findings=(webhook_finding("low"),))
    assert run_of(report)["results"] == []
    (result,) = run_of(report, Style(min_confidence="low"))["results"]
    assert result["level"] == "note"


def test_what_was_not_scanned_is_notified_and_makes_the_run_fail() -> None:
    (invocation,) = run_of(full_report())["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [(note["descriptor"]["id"], note["level"]) for note in invocation["toolExecutionNotifications"]]
    assert told == [("bomb", "error"), ("unreadable", "error"), ("submodule", "note")]


def test_what_is_only_noted_does_not_make_the_run_fail() -> None:
    (invocation,) = run_of(Report(skips=(Skip("lib", "submodule"),)))["invocations"]
    assert invocation["executionSuccessful"] is True


@pytest.mark.parametrize("count", [MAX_NOTIFICATIONS, MAX_NOTIFICATIONS + 1])
def test_notifications_have_a_bound(count: int) -> None:
    skips = tuple(Skip(f"{number}", "damaged") for number in range(count))
    notes = run_of(Report(skips=skips))["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == count
    assert (notes[-1]["descriptor"]["id"] == "and-more") is (count > MAX_NOTIFICATIONS)


def test_too_many_results_are_cut_to_the_worst_and_said_so() -> None:
    kept = key_finding(2, origin=Origin("z.env"))
    note = webhook_finding(security_severity=2.0)
    exact = run_of(Report(findings=(*[note] * (MAX_RESULTS - 1), kept)))
    over = run_of(Report(findings=(*[note] * MAX_RESULTS, kept)))
    assert len(exact["results"]) == len(over["results"]) == MAX_RESULTS
    assert not exact["invocations"][0].get("toolExecutionNotifications")
    assert over["results"][-1]["ruleId"] == "api-key"
    (cut,) = over["invocations"][0]["toolExecutionNotifications"]
    assert cut["descriptor"]["id"] == "too-many-results"


def test_a_full_file_is_small_enough_for_github() -> None:
    findings = tuple(key_finding(seed, origin=Origin(f"services/{seed}/mail.env")) for seed in range(2500))
    assert len(gzip.compress(text_of(Report(findings=findings)).encode())) * MAX_RESULTS / len(findings) < LARGEST


def test_it_is_ascii_and_the_same_each_time() -> None:
    text = text_of(odd_report())
    assert text.isascii()
    assert text == text_of(odd_report(), Style(color=True, verbosity=1))


def test_a_password_is_neither_shown_nor_hashed() -> None:
    text = text_of(Report(findings=(password_finding(),)))
    assert "The id of the key" not in text
    assert "correct-horse" not in text
