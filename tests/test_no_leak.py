"""No secret comes out: of any command, in any format, verbosity or error, in any spelling, and no trace of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from git_repos import Repository
from secrets_everywhere import SECRET, SPELLINGS, Filling, Told, comparable, seen, tarred, told, zipped
from sgleaks.formats import FORMATS
from sgleaks.rule import builtin_rules, load_folder

MANY = settings(
    max_examples=int(os.environ.get("SGLEAKS_SCENES", "20")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # nothing here becomes clearer when it is shrunk
)

Scene = Callable[[Path, Filling], Told]  # builds something in an empty folder, and runs a command


def holds(place: Path, scene: Scene, *, alike: bool = True) -> Told:
    """Plays a scene with two sets of secrets. What is told shows none of them, and is the same both times.

    Not ``alike`` are scenes with checksums of secrets in them, which may look like anything.
    """
    both = []
    for seed in (1, 2):
        shutil.rmtree(place / "here", ignore_errors=True)
        (place / "here").mkdir(parents=True)
        filling = Filling(seed)
        done = scene(place / "here", filling)
        shown = seen(filling.hidden, done.everything)
        assert not shown, f"a secret can be read: {shown}"
        assert "Traceback" not in done.err
        assert done.code != 70, done.err
        both.append((done, comparable(done.everything, filling)))
    (first, one), (second, other) = both
    if not alike:
        return first
    assert first.code == second.code
    differing = [line[:300] for line in one if line not in other], [line[:300] for line in other if line not in one]
    assert one == other, f"what is told depends on a secret: {differing[0][:3]} or {differing[1][:3]}"
    return first


@cache
def examples() -> list[tuple[str, str]]:
    """Path and text of every example of a rule that has a secret in it."""
    return [
        (path, text)
        for rule in load_folder(builtin_rules()).values()
        for example in rule.examples
        for path, text in {**example.files, example.path: example.text}.items()
        if SECRET.search(text) and ".mask}" not in text
    ]


OPTIONS: list[list[str]] = [
    [],
    ["-v", "--min-confidence", "low"],
    ["-q"],
    ["-v", "--profile", "L3", "--color", "always"],
    ["--only", "credentials", "--no-inline-ignores"],
    ["--only", "misconfiguration", "-v"],
    ["--exit-zero", "--fail-on", "critical"],
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@MANY
@given(example=st.sampled_from(examples()), form=st.sampled_from(FORMATS), options=st.sampled_from(OPTIONS))
def test_no_scan_shows_what_a_file_holds(
    tmp_path: Path, spelling: str, example: tuple[str, str], form: str, options: list[str]
) -> None:
    path, text = example

    def scene(here: Path, fill: Filling) -> Told:
        file = here / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SPELLINGS[spelling](fill(text).encode()))
        return told(["scan", "--no-config", "--jobs", "1", "--format", form, "--format", f"{form}:out", *options], here)

    holds(tmp_path, scene, alike="zip" not in spelling)


# Names

NAMED = {
    "plainly": "x{key}.env",
    "in base64": "{base64:k={key}}",
    "percent-encoded": "{percent:{key}}.txt",
    "cut short": "{key.head}.txt",
    "twice": "{key} {key2}",
}


def put(here: Path, where: str, name: str, text: str) -> None:
    """A file, folder, link, archive, member or comment of such a name."""
    data = text.encode()
    match where:
        case "file":
            (here / name).write_bytes(data)
        case "folder":
            (here / name).mkdir()
            (here / name / "a.txt").write_bytes(data)
        case "link":
            (here / "link").symlink_to(name)
        case "member":
            (here / "a.zip").write_bytes(zipped(data, name))
        case "tar":
            (here / "a.tar").write_bytes(tarred(data, name))
        case "damaged":
            (here / f"{name}.zip").write_bytes(zipped(data, name)[:40])
        case "comment":
            (here / "a.zip").write_bytes(zipped(data, comment=name.encode()))


@pytest.mark.parametrize("how", NAMED)
@pytest.mark.parametrize("where", ["file", "folder", "link", "member", "tar", "damaged", "comment"])
def test_no_scan_shows_what_a_name_holds(tmp_path: Path, how: str, where: str) -> None:
    for form, text in zip(FORMATS, ("nothing", "k={key}", "sendgrid_password = {password}") * 4, strict=False):

        def scene(here: Path, fill: Filling, form: str = form, text: str = text) -> Told:
            put(here, where, fill(NAMED[how]), fill(text))
            return told(["scan", "--no-config", "--jobs", "1", "-v", "--format", form], here)

        holds(tmp_path, scene, alike="base64" not in how and where not in ("damaged", "member", "comment"))


# git


class Shop(Repository):
    """A repository in which everything that git keeps has secrets in it."""

    def __init__(self, here: Path, fill: Filling, text: str) -> None:
        super().__init__(here)
        self.write("readme.txt")
        self.add()
        self.commit("first")
        self.git("branch", "base")
        self.git("config", "user.name", fill("Ada {key}"))
        self.git("config", "remote.origin.url", fill("https://ada:{password}@127.0.0.1:9/a.git"))
        self.write("deploy/mail.env", fill(text).encode())
        self.write(fill("x{key2}.env"))
        self.add()
        self.git("commit", "--quiet", "--author", fill("Ada {key3} <a@b>"), "-m", fill("{key4}\n\nsendgrid {password}"))
        self.git("branch", fill("feature/{key5}"))
        self.git("tag", "-m", fill("release {key6}"), fill("v{key7}"))
        self.write("deploy/mail.env", b"# nothing\n")
        self.write("staged.env", fill(text).encode())
        self.add()


GIT: dict[str, tuple[list[str], bytes]] = {
    "history": (["history"], b""),
    "history, all of it": (["history", "-v", "--min-confidence", "low"], b""),
    "range": (["scan", "--range", "base..HEAD"], b""),
    "range that is none": (["scan", "--range", "base..{key}"], b""),
    "staged": (["scan", "--staged"], b""),
    "pre-commit": (["hook", "pre-commit"], b""),
    "pre-push": (["hook", "pre-push", "origin", "https://a:{password}@h/"], b"refs/heads/{key5} HEAD refs/heads/{key5} 0\n"),
    "pre-receive": (["hook", "pre-receive", "--deadline", "0"], b"BASE HEAD refs/heads/{key5}\n"),
    "baseline": (["baseline", "create", "--history", "--reason", "old {key}"], b""),
    "sweep": (["sweep", ".", "--state", "s.sqlite", "--report", "out"], b""),
    "doctor": (["doctor"], b""),
    "install": (["install"], b""),
    "ci": (["ci", "gitlab"], b""),
}
NO_FORMAT = ("doctor", "install")


@pytest.mark.parametrize("name", GIT)
def test_no_command_shows_what_git_keeps(tmp_path: Path, name: str) -> None:
    text = "SENDGRID_API_KEY={key}\nsendgrid_password = {password}\n# {base64:k={key2}}\n"
    arguments, stdin = GIT[name]
    forms = ("text",) if name in NO_FORMAT else ("text", "json", "html")
    for form in forms:

        def scene(here: Path, fill: Filling, form: str = form) -> Told:
            shop = Shop(here, fill, text)
            ids = {each: shop.git("rev-parse", each.lower() if each == "BASE" else each) for each in ("BASE", "HEAD")}
            data = fill(stdin.decode()).encode()
            for each, value in ids.items():
                data = data.replace(b"%s " % each.encode(), value.strip() + b" ")
            head = ids["HEAD"].decode().strip()
            variables = {
                "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": head, "CI_COMMIT_BRANCH": fill("{key5}"),
                "CI_COMMIT_BEFORE_SHA": ids["BASE"].decode().strip(),
            }  # fmt: skip
            wanted = [] if name in NO_FORMAT else ["--format", form]
            return told([*map(fill, arguments), *wanted], here, data, variables if name == "ci" else {})

        done = holds(tmp_path, scene, alike=False)
        assert done.code in (0, 1, 2, 3)
