"""A rule file may come from anybody: every mistake names the file, the key, and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgleaks import matchers, rule
from sgleaks.errors import ToolError

GOOD = r"""
title = "A login"
severity = 8.8
level = "error"
confidence = "high"
controls = ["2.1"]
cwe = 798
anchors = ["acme"]
message = "A login is here."
why = "It opens things."
fix = "Change it."
references = ["https://example.com/"]
[match]
matcher = "regex"
[match.near.user]
find = 'user=(?P<value>\w{1,20})'
not = '^guest$'
otherwise = "low"
[[match.patterns]]
pattern = 'acme_pass=(?P<secret>\w{1,40})'
if_near = ["user"]
[[examples]]
text = "acme_pass=a1b2c3d4"
path = "x.env"
lines = [1]
[[counter_examples]]
text = "acme_pass="
path = "x.env"
"""


def _load(folder: Path, text: str, name: str = "acme-login.toml") -> None:
    path = folder / name
    path.write_text(text, "utf-8")
    matchers.prepare(rule.load(path))


def test_good_rule_loads(tmp_path: Path) -> None:
    _load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "key", "why", "mend"),
    [
        ('title = "A login"', 'titel = "A login"', "titel", 'did you mean "title"?', "use one of title"),
        ('title = "A login"', "", "title", "missing", "one line of text"),
        ('"A login"', "7", "title", "wrong", "one line of text"),
        ('"A login"', '"  "', "title", "wrong", "one line of text"),
        ('"A login"', '"A\\nB"', "title", "wrong", "one line of text"),
        ("8.8", "10.1", "severity", "wrong", "from 0 to 10"),
        ("8.8", "-1", "severity", "wrong", "from 0 to 10"),
        ("8.8", "nan", "severity", "wrong", "from 0 to 10"),
        ("8.8", "true", "severity", "wrong", "from 0 to 10"),
        ("8.8", '"8.8"', "severity", "wrong", "from 0 to 10"),
        ("8.8", "6.9", "level", "severity 6.9 is at most warning", 'level = "warning"'),
        ('level = "error"', 'level = "fatal"', "level", "wrong", "one of note, warning, error"),
        ('level = "error"', "level = []", "level", "wrong", "one of note, warning, error"),
        ('"high"', '"certain"', "confidence", "wrong", "one of high, medium, low"),
        ('["2.1"]', '["two"]', "controls", "wrong", '["2.2"]'),
        ('["2.1"]', "[2.1]", "controls", "wrong", '["2.2"]'),
        ('["2.1"]', "[]", "controls", "wrong", '["2.2"]'),
        ("798", '"798"', "cwe", "wrong", "such as 798"),
        ("798", "0", "cwe", "wrong", "such as 798"),
        ("798", "798.5", "cwe", "wrong", "such as 798"),
        ('["acme"]', '"acme"', "anchors", "wrong", "a list of texts"),
        ('["acme"]', '[""]', "anchors", "wrong", "a list of texts"),
        ('["https://example.com/"]', '["example.com"]', "references", "wrong", "https addresses"),
        ('matcher = "regex"', 'matcher = "regexp"', "match.matcher", 'did you mean "regex"?', "use one of"),
        ('matcher = "regex"', "matcher = 7", "match", "wrong", 'matcher = "regex"'),
        ("lines = [1]", "lines = [2]", "examples 1, lines", "ends at line 1", "from 1"),
        ("lines = [1]", "lines = [0]", "examples 1, lines", "wrong", "from 1"),
        ("lines = [1]", "lines = 1", "examples 1, lines", "wrong", "from 1"),
        ("lines = [1]", "", "examples 1, lines", "missing", "from 1"),
        ("lines = [1]", "line = [1]", "examples 1, line", 'did you mean "lines"?', "use one of"),
        ("lines = [1]", 'lines = [1]\nconfidence = "sure"', "examples 1, confidence", "wrong", "one of high"),
        ('path = "x.env"\nlines', 'path = "/etc/x"\nlines', "examples 1, path", "wrong", "relative path"),
        ('path = "x.env"\nlines', 'path = "a/../x"\nlines', "examples 1, path", "wrong", "relative path"),
        (
            '"acme_pass="\n',
            '"acme_pass="\nlines = [1]\n',
            "counter_examples 1, lines",
            "no such key",
            "use one of text",
        ),
        ("cwe", 'kind = "secrets"\ncwe', "kind", "wrong", "one of credentials, misconfiguration"),
        ("cwe", 'default = "yes"\ncwe', "default", "wrong", "true or false"),
        ("cwe", 'since = "one"\ncwe', "since", "wrong", "a version"),
        ("cwe", "examples = 3\ncwe", "", "no valid TOML", "mend the syntax"),
        ("[[counter_examples]]\n", "[counter_examples]\n", "counter_examples", "wrong", "at least one"),
        ("cwe = 798", "cwe = ", "", "no valid TOML", "mend the syntax"),
        ("cwe = 798", "cwe = " + "9" * 5000, "", "no valid TOML", "mend the syntax"),
        ("cwe = 798", "cwe = " + "[" * 5000, "", "no valid TOML", "mend the syntax"),
        ("(?P<secret>", "(", "match.patterns 1.pattern", "no group holds the credential", "(?P<secret>…)"),
        ("(?P<secret>", "((", "match.patterns 1.pattern", "no regular expression", "mend it"),
        ("pattern =", "patern =", "match.patterns 1.patern", 'did you mean "pattern"?', "use one of"),
        ("pattern =", "setting = 'x'\npattern =", "match.patterns 1.pattern", "one of pattern and setting", "fits"),
        ('["user"]', '["usr"]', "match.patterns 1.if_near", 'did you mean "user"?', "user"),
        ('["user"]', '"user"', "match.patterns 1.if_near", "wrong", "names of"),
        ('"low"', '"none"', "match.near.user.otherwise", "wrong", "one of high, medium, low"),
        ("find = ", "seek = ", "match.near.user.seek", "no such key", "use one of find"),
        (
            "find = 'user=(?P<value>\\w{1,20})'",
            "",
            "match.patterns 1.if_near",
            "says not what to look for",
            "give it find",
        ),
        ("'^guest$'", "'['", "match.near.user.not", "no regular expression", "mend it"),
        ("not = ", "within = 1000\nnot = ", "match.near.user.within", "wrong", "0 to 200"),
        ("not = ", "side = 'left'\nnot = ", "match.near.user.side", "wrong", "before, after, either"),
        ("if_near", "comments = 1\nif_near", "match.patterns 1.comments", "wrong", "true or false"),
        ("[match.near.user]", "[match.far.user]", "match.far", "no such key", "use one of matcher"),
    ],
)
def test_mistake_is_named(tmp_path: Path, old: str, new: str, key: str, why: str, mend: str) -> None:
    assert old in GOOD
    with pytest.raises(ToolError) as error:
        _load(tmp_path, GOOD.replace(old, new, 1))
    assert "acme-login" in error.value.what
    assert error.value.what.endswith(key)
    assert why in error.value.why
    assert mend in error.value.next_step


@pytest.mark.parametrize("section", ["[[match.patterns]]", "[[examples]]", "[[counter_examples]]", "[match]"])
def test_what_is_missing_is_named(tmp_path: Path, section: str) -> None:
    start = GOOD.index(section)
    end = GOOD.find("\n[[", start + 3)
    with pytest.raises(ToolError, match=section.strip("[]").replace(".", r"\.")):
        _load(tmp_path, GOOD[:start] + GOOD[end:])


@pytest.mark.parametrize("name", ["Acme.toml", "acme_login.toml", "acme--login.toml", "-acme.toml", "7up.toml"])
def test_file_name_must_be_an_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolError, match="kebab-case"):
        _load(tmp_path, GOOD, name)


def test_file_that_is_not_utf8_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "acme-login.toml"
    with pytest.raises(ToolError, match=r"acme-login\.toml: it cannot be read"):
        rule.load(path)
    path.write_bytes(b"title = '\xff'")
    with pytest.raises(ToolError, match="not UTF-8"):
        rule.load(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ToolError, match="cannot be read"):
        rule.load(path)


def test_own_rules_are_credentials_unless_they_say_otherwise(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "acme-one.toml").write_text(GOOD, "utf-8")
    (tmp_path / "acme-two.toml").write_text('kind = "misconfiguration"\n' + GOOD, "utf-8")
    rules = rule.load_folder(tmp_path)
    assert [(each.id, each.kind) for each in rules.values()] == [
        ("acme-one", "credentials"),
        ("acme-two", "misconfiguration"),
    ]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "acme-login.toml").write_text(GOOD, "utf-8")
    with pytest.raises(ToolError, match="there twice"):
        rule.load_folder(tmp_path)


def test_folder_without_rules_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no rule is in it"):
        rule.load_folder(tmp_path)
    with pytest.raises(ToolError, match="no such folder"):
        rule.load_folder(tmp_path / "nowhere")


def test_condition_lowers_confidence_by_its_nearest_neighbour(tmp_path: Path) -> None:
    from sgleaks.model import Blob, Origin, View

    path = tmp_path / "acme-login.toml"
    path.write_text(GOOD, "utf-8")
    data = b"user=guest\nacme_pass=a1b2c3\n\nuser=bob\nacme_pass=d4e5f6\n"
    matches = matchers.prepare(rule.load(path))(View(data, Blob(data, Origin("x.env"))))
    assert [match.confidence for match in matches] == ["low", "high"]
