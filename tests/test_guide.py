"""The guide's controls: data that is checked, a matrix that is computed, and words that claim no more than was seen."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cli import sgleaks
from keys import key
from reports import KEY_RULE, WEBHOOK_RULE, key_finding, webhook_finding
from sgleaks import guide
from sgleaks.errors import ToolError
from sgleaks.formats import Style, guide_markdown
from sgleaks.formats.outcome import outcome_lines, told
from sgleaks.guide import Check
from sgleaks.model import Ignored, Report, Rule, Skip
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.settings import Profile
from test_rule_errors import GOOD

GUIDE = guide.load()
FILE = builtin_rules() / "guide.toml"
RULES = load_folder(builtin_rules())


def test_the_guide_has_its_fourteen_controls() -> None:
    ids = ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3"]
    assert [control.id for control in GUIDE.controls] == ids
    assert [control.id for control in GUIDE.controls if control.level == "L2"] == ["1.2", "1.3", "1.4", "2.4", "4.2"]
    assert {control.id: control.soc2 for control in GUIDE.controls if control.soc2} == {
        "1.1": ("CC6.1",), "1.4": ("CC6.6",), "2.1": ("CC6.7",), "3.2": ("CC6.2",), "4.1": ("CC7.2",)
    }  # fmt: skip


def test_every_rule_serves_controls_of_the_guide_in_a_folder_of_it() -> None:
    known = {control.id for control in GUIDE.controls}
    chapters = {chapter.name for chapter in GUIDE.chapters}
    for rule in RULES.values():
        assert set(rule.controls) <= known, rule.id
        assert rule.chapter in {"credentials", *chapters}, rule.id
    assert {path.name for path in builtin_rules().iterdir() if path.is_dir()} <= {"credentials", "account", *chapters}


def test_a_sentence_says_what_is_hidden_and_why() -> None:
    for control in GUIDE.controls:
        assert control.hidden.endswith(".")
        assert re.search(r"\b(?:since|which|because)\b", control.hidden), control.id
        assert re.search(r"\. [A-Z]", control.hidden) is None, control.id


@pytest.mark.parametrize(
    ("old", "new", "key", "mend"),
    [
        ("[levels]", "[lvels]", "lvels", "use one of title, version"),
        ('title   = "SendGrid', 'titel   = "SendGrid', "titel", "use one of title, version"),
        ('version = "0.1.0"', "version = 1", "version", "give one line of text"),
        ('level    = "L1"', 'level    = "L4"', "controls 1, level", "give one of L1, L2, L3"),
        ('L3 = "', 'L4 = "', "levels, L4", "use one of L1, L2, L3"),
        ('coverage = "partly"', 'coverage = "half"', "controls 1, coverage", "give one of fully, partly, weakly"),
        ('cis      = ["6.5"]', 'cis      = "6.5"', "controls 1, cis", "give a list of CIS safeguards"),
        ('cis      = ["6.5"]\n', "", "controls 1, cis", "give a list of CIS safeguards"),
        ('hidden   = "Who', 'hiden    = "Who', "controls 1, hiden", "use one of id, title"),
        ('id       = "1.2"', 'id       = "1.1"', "controls 2, id", "give one another id"),
        ('id       = "1.2"', 'id       = "9.2"', "controls, 9.2", "mend the id, or add the chapter"),
        ('id       = "1.2"', 'id       = "one"', "controls 2, id", "give the number of a control"),
        ('name  = "monitoring"', 'name  = "../x"', "chapters 4, name", "give the name of a folder"),
        ('id    = "2"', 'id    = "1"', "chapters 2, id", "give one another id"),
        ('title   = "SendGrid', 'title   = "SendGrid"x', None, "mend the syntax"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_the_mend(
    old: str, new: str, key: str | None, mend: str, tmp_path: Path
) -> None:
    path = tmp_path / "guide.toml"
    text = FILE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ToolError) as raised:
        guide.load(path)
    assert raised.value.what == (f"{path}: {key}" if key else str(path))
    assert raised.value.next_step.startswith(mend)


def test_a_guide_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be read"):
        guide.load(tmp_path / "guide.toml")


def test_checks_of_an_account_are_listed_once_there_are_files(tmp_path: Path) -> None:
    assert guide.load_checks(tmp_path) == ()
    (tmp_path / "two-factor-off.toml").write_text('title = "No second factor"\ncontrols = ["1.1"]\nask = "scopes"\n')
    (check,) = guide.load_checks(tmp_path)
    assert check == Check("two-factor-off", "No second factor", ("1.1",))
    rows = guide.matrix(GUIDE, [], [check])
    assert [row.control.id for row in rows if row.checks] == ["1.1"]
    assert "- account checks: `two-factor-off`" in guide_markdown.page(GUIDE, rows)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.toml", 'controls = ["1.1"]', "title"),
        ("a.toml", 'title = "x"\ncontrols = [1.1]', "controls"),
        ("A_b.toml", 'title = "x"\ncontrols = ["1.1"]', "file name"),
    ],
)
def test_a_bad_check_of_an_account_is_an_error(name: str, text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ToolError) as raised:
        guide.load_checks(tmp_path)
    assert raised.value.what == f"{tmp_path / name}: {what}"


# The matrix


ON = replace(WEBHOOK_RULE, id="on", controls=("4.2", "2.2"))
OFF = replace(WEBHOOK_RULE, id="off", controls=("4.2",), default=False)


def ids(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.id for rule in rules]


def test_a_rule_serves_every_control_it_names() -> None:
    rows = {row.control.id: row for row in guide.matrix(GUIDE, [ON, OFF, KEY_RULE], [])}
    assert ids(rows["4.2"].rules) == ["on"]
    assert ids(rows["4.2"].further) == ["off"]
    assert ids(rows["2.2"].rules) == ["on", "api-key"]
    assert not rows["1.2"].rules


@pytest.mark.parametrize(
    ("profile", "controls", "further"),
    [("L1", 9, []), ("L2", 14, []), ("L3", 14, ["off"]), (None, 14, ["off"])],
)
def test_a_profile_leaves_out_what_is_above_it(profile: Profile | None, controls: int, further: list[str]) -> None:
    rows = guide.matrix(GUIDE, [ON, OFF], [], profile)
    assert len(rows) == controls
    assert [rule.id for row in rows for rule in row.further] == further


# What a run says


def outcome(control: str, report: Report) -> str:
    (found,) = [each for each in guide.outcomes(GUIDE, report) if each.control.id == control]
    return told(found)


LOW, IGNORED = key_finding(confidence="low"), key_finding(ignored=Ignored("path", "made up"))


@pytest.mark.parametrize(
    ("control", "report", "words"),
    [
        ("2.2", Report(asked=(KEY_RULE,)), "no findings"),
        ("2.2", Report(asked=(KEY_RULE,), findings=(key_finding(),)), "1 finding"),
        (
            "2.2",
            Report(asked=(KEY_RULE,), findings=(key_finding(), key_finding(2), LOW)),
            "2 findings (1 ignored or of low confidence)",
        ),
        (
            "2.2",
            Report(asked=(KEY_RULE,), findings=(LOW, IGNORED)),
            "no findings (2 ignored or of low confidence)",
        ),
        ("4.2", Report(asked=(KEY_RULE,)), "not evaluated: no rule of this run serves it"),
        ("2.2", Report(asked=()), "not evaluated: no rule of this run serves it"),
        ("2.2", Report(asked=(KEY_RULE,), skips=(Skip("a", "too-large"),)), "no findings in what could be scanned"),
        ("2.2", Report(asked=(KEY_RULE,), skips=(Skip("a", "submodule"),)), "no findings"),
        ("4.2", Report(asked=(WEBHOOK_RULE,), findings=(webhook_finding(),)), "1 finding"),
    ],
)
def test_a_control_is_told_as_it_was_seen(control: str, report: Report, words: str) -> None:
    assert outcome(control, report) == words


def test_nothing_is_said_where_nobody_knows_which_rules_were_run() -> None:
    report = Report(findings=(key_finding(),))
    assert list(guide.outcomes(GUIDE, report)) == []
    assert list(outcome_lines(report, Style(verbosity=1))) == []


def test_no_run_says_that_a_control_is_met() -> None:
    lines = list(outcome_lines(Report(asked=(ON, OFF, KEY_RULE)), Style(verbosity=1)))
    assert len(lines) == 15
    assert not re.search(r"\b(?:pass|passed|met|ok|compliant)\b", " ".join(lines[1:]), re.IGNORECASE)
    assert "No findings does not mean that a control is met" in lines[0]


# The command


def test_the_text_fits_a_hundred_columns(tmp_path: Path) -> None:
    lines = sgleaks("guide", cwd=tmp_path).out.splitlines()
    assert max(map(len, lines)) <= 100
    assert [line[:4].strip() for line in lines if re.match(r"\d", line)] == [control.id for control in GUIDE.controls]


@pytest.mark.parametrize(
    ("args", "colored"), [(("--color", "always"), True), (("--color", "never"), False), ((), False)]
)
def test_colours_are_as_asked_for(args: tuple[str, ...], colored: bool, tmp_path: Path) -> None:
    plain = sgleaks("guide", cwd=tmp_path).out
    out = sgleaks("guide", *args, cwd=tmp_path).out
    assert ("\x1b[" in out) is colored
    assert re.sub(r"\x1b\[[\d;]*m", "", out) == plain


def test_json_has_every_member_of_every_control(tmp_path: Path) -> None:
    told = json.loads(sgleaks("guide", "--format", "json", "--profile", "L1", cwd=tmp_path).out)
    assert list(told) == ["version", "guide", "profile", "controls"]
    assert told["profile"] == "L1"
    assert {tuple(control) for control in told["controls"]} == {
        ("id", "title", "level", "cis", "nist", "soc2", "plans", "coverage", "visible", "hidden", "rules", "checks")
    }
    assert {control["level"] for control in told["controls"]} == {"L1"}
    served = {control["id"]: [rule["id"] for rule in control["rules"]] for control in told["controls"]}
    for control, names in served.items():
        assert names == [rule.id for rule in RULES.values() if control in rule.controls and rule.default]


def test_own_rules_serve_controls_too(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/acme-login.toml").write_text("default = false\n" + GOOD)
    for name in ("text", "markdown"):
        out = sgleaks("guide", "--rules", "own", "--format", name, cwd=tmp_path).out
        assert re.search(r"L3 only +`?acme-login|rules at L3 only: `acme-login`", out)
    assert "acme-login" not in sgleaks("guide", "--rules", "own", "--profile", "L2", cwd=tmp_path).out


def clean(folder: Path) -> list[str]:
    (folder / "a.txt").write_text("hello\n")
    return ["scan", "a.txt"]


def found(folder: Path) -> list[str]:
    (folder / "a.txt").write_text(f"SENDGRID_API_KEY={key()}\n")
    return ["scan", "a.txt"]


@pytest.mark.parametrize(("prepare", "words"), [(clean, "no findings"), (found, "1 finding")])
def test_a_scan_tells_of_the_controls_with_v_and_in_markdown(
    prepare: Callable[[Path], list[str]], words: str, tmp_path: Path
) -> None:
    args = prepare(tmp_path)
    assert GUIDE.title not in sgleaks(*args, cwd=tmp_path).out
    for further in (("-v",), ("--format", "markdown")):
        done = sgleaks(*args, *further, cwd=tmp_path)
        lines = done.out.split(GUIDE.title)[1].splitlines()
        (line,) = [each for each in lines if each.lstrip("| ").startswith("2.2 ")]
        assert re.search(rf"(?:  |\| ){words}(?:$| \|)", line)
        (line,) = [each for each in lines if each.lstrip("| ").startswith("1.2 ")]
        assert ("not evaluated" in line) is not any("1.2" in rule.controls for rule in RULES.values() if rule.default)


def test_a_history_tells_of_the_controls_too(tmp_path: Path) -> None:
    found(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert GUIDE.title not in sgleaks("history", cwd=tmp_path).out
    (line,) = [line for line in sgleaks("history", "-v", cwd=tmp_path).out.splitlines() if line.startswith("  2.2 ")]
    assert line.endswith("1 finding")


def test_rules_that_were_left_out_evaluate_nothing(tmp_path: Path) -> None:
    clean(tmp_path)
    done = sgleaks("scan", "-v", "--rule", "two-factor-recovery-material", cwd=tmp_path)
    evaluated = [line[:6].strip() for line in done.out.splitlines()[1:] if "not evaluated" not in line]
    assert evaluated == ["1.1"]
