"""The configuration file as its user meets it: what each key does, what is wrong with a bad one, which file holds."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cli import Done, sgleaks
from git_repos import Repository
from keys import key
from sgleaks.errors import ToolError
from sgleaks.settings import KEYS, MAX_CONFIG, MAX_JOBS, PathRule, Settings, find, load

OWN_RULE = """
title = "An address of ours"
severity = 5.0
level = "warning"
confidence = "high"
controls = ["2.2"]
cwe = 200
anchors = ["internal-mail"]
message = "An internal address is written here."
why = "Nobody else needs it."
fix = "Take it out."
references = ["https://example.com/"]
match = { matcher = "regex", patterns = [{ pattern = "(?P<secret>internal-mail-[0-9]{4})" }] }
examples = [{ text = "x internal-mail-4711", path = "a.txt", lines = [1] }]
counter_examples = [{ text = "internal-mail", path = "a.txt" }]
"""

# A key of the file, a value for it, and the setting that it makes.
GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("fail-on", '"high"', {"fail_on": "high"}),
    ("exit-zero", "true", {"exit_zero": True}),
    ("profile", '"L3"', {"profile": "L3"}),
    ("only", '"credentials"', {"only": "credentials"}),
    ("rule", '["api-key"]', {"rule": ("api-key",)}),
    ("rule", '"api-key"', {"rule": ("api-key",)}),
    ("skip-rule", '["api-key", "other"]', {"skip_rule": ("api-key", "other")}),
    ("exclude", '["vendor/", "*.min.js"]', {"exclude": ("vendor/", "*.min.js")}),
    ("exclude", "[]", {"exclude": ()}),
    ("min-confidence", '"low"', {"min_confidence": "low"}),
    ("rotation-days", "30", {"rotation_days": 30}),
    ("inline-ignores", "false", {"inline_ignores": False}),
    ("jobs", "0", {"jobs": 0}),
    ("jobs", str(MAX_JOBS), {"jobs": MAX_JOBS}),
    ("color", '"never"', {"color": "never"}),
    ("ignore", '[{paths = "a/", reason = "b"}]', {"ignore": (PathRule(("a/",), "b"),)}),
    (
        "ignore",
        '[{paths = ["a/", "b"], reason = "b", rules = ["api-key"]}]',
        {"ignore": (PathRule(("a/", "b"), "b", ("api-key",)),)},
    ),
]

# A key of the file, a wrong value, and what the message must say of it.
BAD: list[tuple[str, str, str]] = [
    ("fail-on", '"hihg"', 'did you mean "high"?'),
    ("fail-on", "7", "critical, high, medium, low, note"),
    ("exit-zero", '"yes"', "true or false"),
    ("exit-zero", "1", "true or false"),
    ("profile", '"l2"', "L1, L2, L3"),
    ("only", '"credential"', 'did you mean "credentials"?'),
    ("rule", "1", "a string or a list of strings"),
    ("rule", "[1]", "a string or a list of strings"),
    ("skip-rule", "{a = 1}", "a string or a list of strings"),
    ("rules", "true", "a string or a list of strings"),
    ("exclude", '["a", 2]', "a string or a list of strings"),
    ("min-confidence", '"hi"', "high, medium, low"),
    ("rotation-days", "0", "a number of days"),
    ("baseline", "[]", "a string"),
    ("baseline", '""', "a string"),
    ("inline-ignores", '"no"', "true or false"),
    ("rotation-days", "true", "a number of days"),
    ("jobs", "-1", "a number of processes"),
    ("jobs", str(MAX_JOBS + 1), "a number of processes"),
    ("jobs", "true", "a number of processes"),
    ("jobs", '"2"', "a number of processes"),
    ("color", '"allways"', 'did you mean "always"?'),
    ("ignore", '["tests/"]', "[[ignore]]"),
    ("ignore", '{paths = "a"}', "[[ignore]]"),
    ("ignore", '[{paths = "a"}]', "paths and a reason"),
    ("ignore", '[{reason = "a"}]', "paths and a reason"),
    ("ignore", '[{paths = [], reason = "a"}]', "paths and a reason"),
    ("ignore", '[{paths = "a", reason = "  "}]', "paths and a reason"),
    ("ignore", '[{paths = "a", reason = 1}]', "paths and a reason"),
    ("ignore", '[{paths = 1, reason = "a"}]', "a string or a list of strings"),
    ("ignore", '[{path = "a", reason = "a"}]', 'did you mean "paths"?'),
]


JUDGED = [(name, value, True) for name, value, _ in GOOD] + [
    (name, value, False) for name, value, _ in BAD if name in KEYS
]


def write(folder: Path, text: str | bytes, name: str = "sgleaks.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(("name", "value", "changes"), GOOD, ids=[f"{name} {value}" for name, value, _ in GOOD])
def test_good_value_sets_what_it_says(tmp_path: Path, name: str, value: str, changes: dict[str, Any]) -> None:
    assert load(write(tmp_path, f"{name} = {value}\n")) == Settings(**changes)


@pytest.mark.parametrize(("name", "value", "says"), BAD, ids=[f"{name} {value}" for name, value, _ in BAD])
def test_bad_value_names_file_key_and_mend(tmp_path: Path, name: str, value: str, says: str) -> None:
    file = write(tmp_path, f"{name} = {value}\n")
    with pytest.raises(ToolError) as error:
        load(file)
    assert f"{file}: {name}" in str(error.value)
    assert says in str(error.value)
    assert error.value.next_step
    done = sgleaks("scan", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f"sgleaks.toml: {name}" in done.err


def schema() -> dict[str, Any]:
    file = resources.files("sgleaks") / "schemas" / "config.schema.json"
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded


def test_schema_knows_the_same_keys() -> None:
    Draft202012Validator.check_schema(schema())
    assert list(schema()["properties"]) == list(KEYS)
    assert schema()["properties"]["jobs"]["maximum"] == MAX_JOBS


@pytest.mark.parametrize(("name", "value", "good"), JUDGED, ids=[f"{name} {value}" for name, value, _ in JUDGED])
def test_schema_judges_as_the_program_does(name: str, value: str, good: bool) -> None:
    assert Draft202012Validator(schema()).is_valid(tomllib.loads(f"{name} = {value}\n")) is good


def test_every_key_has_good_and_bad_values_here() -> None:
    assert {name for name, _, _ in GOOD} | {"rules", "baseline"} == set(KEYS)  # those two are relative to the file
    assert {name for name, _, _ in BAD} == set(KEYS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('fail_on = "high"', 'did you mean "fail-on"?'),
        ("excludes = []", 'did you mean "exclude"?'),
        ("[scan]\njobs = 1", "there is no such key"),
        ("jobs = 1\njobs = 2", "not valid TOML"),
        ("jobs = ", "not valid TOML"),
        (b"# caf\xe9\n", "not valid TOML"),
        (b"\xff\xfej\0o\0", "not valid TOML"),
    ],
    ids=["underscore", "plural", "table", "twice", "no value", "latin-1", "utf-16"],
)
def test_what_is_no_configuration_says_so(tmp_path: Path, text: str | bytes, says: str) -> None:
    write(tmp_path, text)
    done = sgleaks("scan", cwd=tmp_path)
    assert done.code == 2
    assert "sgleaks.toml" in done.err
    assert says in done.err
    assert "help:" in done.err


@pytest.mark.parametrize(("size", "good"), [(MAX_CONFIG, True), (MAX_CONFIG + 1, False)], ids=["at it", "over it"])
def test_size_of_a_configuration_is_bounded(tmp_path: Path, size: int, good: bool) -> None:
    file = write(tmp_path, "jobs = 1\n".ljust(size, "#"))
    if good:
        assert load(file).jobs == 1
    else:
        with pytest.raises(ToolError, match="larger than 1 MiB"):
            load(file)


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "9" * 5000], ids=["nesting", "digits"])
def test_absurd_configuration_is_a_clear_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    done = sgleaks("scan", cwd=tmp_path)
    assert done.code == 2, done.err
    assert "sgleaks.toml" in done.err


def test_unreadable_configuration_is_a_clear_error(tmp_path: Path) -> None:
    done = sgleaks("scan", "--config", "nowhere.toml", cwd=tmp_path)
    assert done.code == 2
    assert "nowhere.toml" in done.err
    assert "--no-config" in done.err
    done = sgleaks("scan", "--config", ".", cwd=tmp_path)
    assert done.code == 2


def test_pyproject_holds_where_it_has_the_section(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "x"\n[tool.sgleaks]\njobs = 3\n', "pyproject.toml")
    found = find(tmp_path)
    assert found == tmp_path / "pyproject.toml"
    assert load(found).jobs == 3


def test_pyproject_without_the_section_does_not(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 3\n")
    write(tmp_path / "a", '[project]\nname = "x"\n', "pyproject.toml")
    assert find(tmp_path / "a") == tmp_path / "sgleaks.toml"


def test_own_file_goes_before_pyproject(tmp_path: Path) -> None:
    write(tmp_path, "[tool.sgleaks]\njobs = 3\n", "pyproject.toml")
    write(tmp_path, "jobs = 4\n")
    assert find(tmp_path) == tmp_path / "sgleaks.toml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[tool.sgleaks]\nfail-on = "hihg"', 'did you mean "high"?'),
        ("[tool.sgleaks]\njob = 1", 'did you mean "jobs"?'),
        ("[tool]\nsgleaks = 1", "tool.sgleaks"),
        ('tool = "sgleaks"\n# tool.sgleaks', "tool.sgleaks"),
    ],
    ids=["value", "key", "no table", "no tool table"],
)
def test_bad_section_of_pyproject_names_the_file(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, text + "\n# tool.sgleaks\n", "pyproject.toml")
    done = sgleaks("scan", cwd=tmp_path)
    assert done.code == 2, done.err
    assert "pyproject.toml" in done.err
    assert says in done.err


def test_nearest_configuration_upwards_holds(tmp_path: Path) -> None:
    write(tmp_path, "jobs = 1\n")
    write(tmp_path / "a", "jobs = 2\n")
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert find(tmp_path / "a/b/c") == tmp_path / "a/sgleaks.toml"
    file = write(tmp_path / "a/b/c", "x", "file.txt")
    assert find(file) == tmp_path / "a/sgleaks.toml"


@pytest.mark.parametrize("worktree", [False, True], ids=["folder", "file of a linked work tree"])
def test_search_stops_at_the_root_of_a_repository(tmp_path: Path, worktree: bool) -> None:
    write(tmp_path, "jobs = 1\n")
    root = tmp_path / "r"
    (root / "a").mkdir(parents=True)
    if worktree:
        write(root, "gitdir: elsewhere\n", ".git")
    else:
        (root / ".git").mkdir()
    assert find(root / "a") is None
    own = write(root, "jobs = 2\n")
    assert find(root / "a") == own


def planted(folder: Path) -> Path:
    write(folder, key(), "mail.env")
    write(folder / "vendor", key(1), "lib.js")
    return folder


def places(done: Done) -> list[str]:
    return [path for path, _, _ in done.places]


def test_no_config_reads_none(tmp_path: Path) -> None:
    write(planted(tmp_path), 'exclude = ["vendor/"]\n')
    assert places(sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path)) == ["mail.env"]
    assert places(sgleaks("scan", "--only", "credentials", "--format", "json", "--no-config", cwd=tmp_path)) == [
        "mail.env",
        "vendor/lib.js",
    ]
    done = sgleaks("scan", "--only", "credentials", "--config", "sgleaks.toml", "--no-config", cwd=tmp_path)
    assert (done.code, "contradict" in done.err) == (2, True)


def test_configuration_of_another_name_is_taken_when_named(tmp_path: Path) -> None:
    write(planted(tmp_path), 'exclude = ["mail.env"]\n')
    write(tmp_path, 'exclude = ["vendor/"]\n', "ci.toml")
    assert places(
        sgleaks("scan", "--only", "credentials", "--format", "json", "--config", "ci.toml", cwd=tmp_path)
    ) == ["mail.env"]


def test_option_goes_before_the_file_and_excludes_add_up(tmp_path: Path) -> None:
    write(planted(tmp_path), 'exclude = ["vendor/"]\nfail-on = "note"\nexit-zero = true\n')
    done = sgleaks("scan", "--only", "credentials", "--format", "json", "--exclude", "*.env", cwd=tmp_path)
    assert places(done) == []
    done = sgleaks("scan", "--only", "credentials", "--fail-on", "critical", cwd=tmp_path)
    assert done.code == 0  # exit-zero still holds


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("vendor/", ["mail.env"]),
        ("/vendor", ["mail.env"]),
        ("lib.js", ["mail.env"]),
        ("vendor/*.js", ["mail.env"]),
        ("**/lib.js", ["mail.env"]),
        ("/lib.js", ["mail.env", "vendor/lib.js"]),
        ("*.env", ["vendor/lib.js"]),
        ("*", []),
        ("vendors/", ["mail.env", "vendor/lib.js"]),
        ("LIB.JS", ["mail.env", "vendor/lib.js"]),
    ],
)
@pytest.mark.parametrize("git", [False, True], ids=["folder", "work tree"])
def test_excluded_paths_are_not_scanned_as_gitignore_means_them(
    tmp_path: Path, pattern: str, left: list[str], git: bool
) -> None:
    root = Repository(tmp_path / "r").root if git else tmp_path / "r"
    planted(root)
    done = sgleaks("scan", "--only", "credentials", "--no-config", "--format", "json", "--exclude", pattern, cwd=root)
    assert places(done) == left
    assert done.report["summary"]["files"] == len(left)


def test_later_pattern_takes_back_an_earlier_one(tmp_path: Path) -> None:
    write(planted(tmp_path), 'exclude = ["*.js", "*.env", "!mail.env"]\n')
    assert places(sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path)) == ["mail.env"]


def test_ignored_findings_are_reported_with_their_reason_and_do_not_fail(tmp_path: Path) -> None:
    text = '[[ignore]]\npaths = ["vendor/"]\nreason = "Rotated in March."\n'
    write(planted(tmp_path), text + '[[ignore]]\npaths = "**"\nrules = ["account-password"]\nreason = "Another."\n')
    done = sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path)
    ignored = {finding["path"]: finding["ignored"] for finding in done.report["findings"]}
    assert ignored == {"mail.env": None, "vendor/lib.js": {"kind": "path", "reason": "Rotated in March."}}
    assert done.report["summary"]["ignored"] == 1
    assert done.code == 1
    (tmp_path / "mail.env").unlink()
    assert sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path).code == 0


def test_first_reason_that_fits_is_given(tmp_path: Path) -> None:
    rules = "".join(f'[[ignore]]\npaths = "{path}"\nreason = "{path}"\n' for path in ("*.py", "*.env", "**"))
    write(planted(tmp_path), rules)
    done = sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path)
    assert [finding["ignored"]["reason"] for finding in done.report["findings"]] == ["*.env", "**"]


def test_rule_of_a_path_rule_narrows_it(tmp_path: Path) -> None:
    write(planted(tmp_path), '[[ignore]]\npaths = "**"\nreason = "x"\nrules = "account-password"\n')
    done = sgleaks("scan", "--only", "credentials", "--format", "json", cwd=tmp_path)
    assert [finding["ignored"] for finding in done.report["findings"]] == [None, None]


def test_folders_of_rules_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    write(tmp_path / "conf" / "own", OWN_RULE, "internal-address.toml")
    write(tmp_path / "conf", 'rules = ["own"]\n')
    write(tmp_path / "src", "x internal-mail-4711\n", "a.txt")
    for arguments, folder in ((("src", "--config", "conf/sgleaks.toml"), tmp_path), ((), tmp_path / "conf")):
        done = sgleaks("scan", "--only", "credentials", "--format", "json", *arguments, cwd=folder)
        assert done.code in (0, 1), done.err
    done = sgleaks(
        "scan", "--only", "credentials", "--format", "json", "src", "--config", "conf/sgleaks.toml", cwd=tmp_path
    )
    assert [(f["rule"], f["path"], f["line"]) for f in done.report["findings"]] == [("internal-address", "a.txt", 1)]


def test_missing_folder_of_rules_is_named(tmp_path: Path) -> None:
    write(tmp_path, 'rules = ["nowhere"]\n')
    done = sgleaks("scan", "--only", "credentials", cwd=tmp_path)
    assert (done.code, "nowhere" in done.err) == (2, True)


def test_configuration_of_the_first_path_holds(tmp_path: Path) -> None:
    write(planted(tmp_path / "a"), 'exclude = ["vendor/"]\n')
    planted(tmp_path / "b")
    assert places(sgleaks("scan", "--only", "credentials", "--format", "json", "a", cwd=tmp_path)) == ["mail.env"]
    assert places(sgleaks("scan", "--only", "credentials", "--format", "json", "b", cwd=tmp_path)) == [
        "mail.env",
        "vendor/lib.js",
    ]
