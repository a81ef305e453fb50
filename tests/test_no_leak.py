"""No secret comes out: of any command, in any format, verbosity or error, in any spelling, and no trace of one."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli import sgleaks
from git_repos import Repository
from keys import key
from secrets_everywhere import SECRET, SPELLINGS, Filling, Told, comparable, seen, tarred, told, zipped
from sendgrid_server import running
from sgleaks.examine import MAX_LOOKED, Place, _repeated, examine
from sgleaks.formats import FORMATS
from sgleaks.model import Blob, Finding, Match, Origin, View
from sgleaks.rule import builtin_rules, load_folder
from sgleaks.ruleset import Ruleset
from sgleaks.secret import Secret
from sgleaks.settings import Settings
from sgleaks.sweep.forges import FORGES

MANY = settings(
    max_examples=int(os.environ.get("SGLEAKS_SCENES", "12")),
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
    for seed in (1, 2) if alike else (1,):
        shutil.rmtree(place / "here", ignore_errors=True)
        (place / "here").mkdir(parents=True)
        filling = Filling(seed)
        done = scene(place / "here", filling)
        shown = seen(filling.hidden, done.everything)
        assert not shown, f"a secret can be read: {shown}"
        assert "Traceback" not in done.err
        assert done.code != 70, done.err
        both.append((done, comparable(done.everything, filling)))
    if not alike:
        return both[0][0]
    (first, one), (second, other) = both
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
    "pre-push": (
        ["hook", "pre-push", "origin", "https://a:{password}@h/"],
        b"refs/heads/{key5} HEAD refs/heads/{key5} 0\n",
    ),
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


# Mistakes

SPELT = (
    "{key}",
    "{base64:k={key}}",
    "{percent:{key}}",
    "{key.head}",
    "https://apikey:{key}@smtp.sendgrid.net/",
    "https://apikey:{password}@smtp.sendgrid.net/",
    "smtp://ada:{password}/x@smtp.sendgrid.net",
    "SENDGRID_PASSWORD={password}",
)
ARGUMENTS: dict[str, list[str]] = {
    "a path": ["scan", "?"],
    "two paths": ["scan", "-", "?"],
    "a rule": ["scan", "--rule", "?"],
    "a folder of rules": ["scan", "--rules", "?"],
    "rules to check": ["rules", "check", "?"],
    "a rule to show": ["rules", "show", "?"],
    "a format": ["scan", "--format", "?"],
    "a report": ["scan", "--format", "json:?/out.json"],
    "a severity": ["scan", "--fail-on", "?"],
    "a number": ["scan", "--jobs", "?"],
    "a configuration": ["scan", "--config", "?"],
    "a baseline": ["scan", "--baseline", "?"],
    "an option": ["scan", "--?"],
    "a command": ["?"],
    "a subcommand": ["baseline", "?"],
    "a range": ["scan", "--range", "?"],
    "a repository": ["history", "?"],
    "a target": ["sweep", "?"],
    "a file of targets": ["sweep", "@?"],
    "a forge": ["sweep", "github:acme", "--list-only", "--forge-url", "ftp://?"],
    "a token's variable": ["sweep", "github:acme", "--token-env", "?"],
    "a ledger": ["sweep", ".", "--state", "?/x"],
    "a saved report": ["report", "?"],
    "keys": ["verify", "?"],
    "a key to revoke": ["revoke", "?", "--yes"],
    "a shell": ["completion", "?"],
    "a place to install": ["install", "?"],
    "a place to look at": ["doctor", "?"],
    "a control": ["guide", "?"],
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_no_message_quotes_a_secret_that_was_given(tmp_path: Path, arguments: list[str]) -> None:
    for spelt in SPELT:

        def scene(here: Path, fill: Filling, spelt: str = spelt) -> Told:
            given = fill(spelt)
            return told([each.replace("?", given) for each in arguments], here, given.encode())

        holds(tmp_path, scene, alike=False)


WRITTEN: dict[str, tuple[str, str, list[str]]] = {
    "a broken configuration": ("sgleaks.toml", "?", ["scan"]),
    "a key of it": ("sgleaks.toml", '"?" = 1', ["scan"]),
    "a value of it": ("sgleaks.toml", 'fail-on = "?"', ["scan"]),
    "a rule of it": ("sgleaks.toml", 'rule = ["?"]', ["scan"]),
    "a baseline of it": ("sgleaks.toml", 'baseline = "?"', ["scan"]),
    "a reason of it": ("sgleaks.toml", '[[ignore]]\npaths = "**"\nreason = "?"', ["scan", "-v", "--format", "json"]),
    "a path of it": ("sgleaks.toml", '[[ignore]]\npaths = "?"\nreason = "x"', ["scan", "-v"]),
    "a broken baseline": (".sgleaks-baseline.toml", "?", ["scan"]),
    "a key of a baseline": (".sgleaks-baseline.toml", 'accepted = [{"?" = 1}]', ["scan"]),
    "a reason of a baseline": (
        ".sgleaks-baseline.toml",
        f'accepted = [{{fingerprint = "{"0" * 32}", rule = "api-key", path = "?", reason = "?"}}]',
        ["scan", "-v"],
    ),
    "an ignored line": ("a.py", 'k = "{key9}"  # sgleaks: ignore[api-key] was ?', ["scan", "-v", "--format", "json"]),
    "a broken rule": ("r/my-rule.toml", "?", ["rules", "check", "r"]),
    "a key of a rule": ("r/my-rule.toml", '"?" = 1', ["scan", "--rules", "r"]),
    "a title of a rule": ("r/my-rule.toml", 'title = "?"', ["scan", "--rules", "r"]),
    "a name of a rule": ("r/?.toml", 'title = "x"', ["scan", "--rules", "r"]),
    "a broken report": ("r.json", "?", ["report", "r.json"]),
    "a path of a report": (
        "r.json",
        json.dumps(
            {
                "version": 1,
                "findings": [],
                "skips": [{"path": "?", "reason": "damaged", "detail": "?"}],
                "notices": [],
                "summary": {},
            }
        ),
        ["report", "-v", "r.json"],
    ),
    "keys of nobody": ("r.json", "?", ["verify", "r.json"]),
    "addresses": ("a.txt", "?", ["sweep", "--list-only", "@a.txt"]),
    "a file that cannot be parsed": ("sendgrid.json", "?" + "[" * 3000, ["scan", "-v"]),
    "a pointer of git": (".git", "gitdir: ?", ["scan", "-v"]),
    "a pointer to a history": (".git", "gitdir: ?", ["history"]),
}


@pytest.mark.parametrize(("name", "text", "arguments"), WRITTEN.values(), ids=WRITTEN)
def test_no_message_quotes_a_secret_that_a_file_holds(
    tmp_path: Path, name: str, text: str, arguments: list[str]
) -> None:
    for spelt in ("{key}",) if "report" in arguments else SPELT:  # what is in a report was masked when it was written
        if "?" in name and "/" in spelt:
            continue

        def scene(here: Path, fill: Filling, spelt: str = spelt) -> Told:
            file = here / name.replace("?", fill(spelt))
            file.parent.mkdir(exist_ok=True)
            file.write_text(fill(text.replace("?", spelt)))
            return told(arguments, here)

        holds(tmp_path, scene, alike=False)


VARIABLES: dict[str, tuple[str, list[str]]] = {
    "SENDGRID_ADMIN_API_KEY": ("?", ["audit"]),
    "SGLEAKS_SENDGRID_API": ("?", ["verify"]),
    "SGLEAKS_CI_ARGS": ("'?", ["ci", "github"]),
    "GITHUB_API_URL": ("ftp://?", ["sweep", "--list-only", "github:acme"]),
    "CI_SERVER_URL": ("ftp://?", ["sweep", "--list-only", "gitlab:acme"]),
    "GITHUB_EVENT_PATH": ("?", ["ci", "github"]),
    "GITHUB_STEP_SUMMARY": ("?/x", ["ci", "github"]),
    "CI_COMMIT_BRANCH": ("?", ["ci", "gitlab"]),
    "GIT_INDEX_FILE": ("?", ["scan", "--staged"]),
    "GIT_DIR": ("?", ["history"]),
}


@pytest.mark.parametrize(("name", "value", "arguments"), [(name, *each) for name, each in VARIABLES.items()])
def test_no_message_quotes_a_secret_of_the_environment(
    tmp_path: Path, name: str, value: str, arguments: list[str]
) -> None:
    for spelt in SPELT:

        def scene(here: Path, fill: Filling, spelt: str = spelt) -> Told:
            Repository(here)
            variables = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "x", "CI_PIPELINE_SOURCE": "push"}
            variables |= {"CI_COMMIT_SHA": "a" * 40, name: value.replace("?", fill(spelt))}
            return told(arguments, here, b"", variables)

        holds(tmp_path, scene, alike=False)


# Servers that say what they were told


def echoing(request: BaseHTTPRequestHandler) -> None:
    """Gives back everything that came, in the status line, the headers and the body."""
    given = " ".join([request.path, *request.headers.values()])
    request.send_response(418, given)
    request.send_header("X-Given", given)
    request.send_header("Location", f"http://{given.replace(' ', '')}@127.0.0.1:9/{given}")
    request.end_headers()
    request.wfile.write(json.dumps({"errors": [{"message": given}], "scopes": [given]}).encode())


@pytest.mark.parametrize(
    "arguments", [["verify"], ["audit"], ["revoke", "a" * 22, "--yes"], ["scan", "--verify", "."]], ids=" ".join
)
def test_no_answer_of_sendgrid_brings_a_secret_out(tmp_path: Path, arguments: list[str]) -> None:
    with running() as server:
        server.trick = echoing

        def scene(here: Path, fill: Filling) -> Told:
            (here / "a.env").write_text(fill("KEY={key}\n"))
            variables = {"SENDGRID_ADMIN_API_KEY": fill("{key2}"), "SGLEAKS_SENDGRID_API": server.url}
            return told(arguments, here, fill("{key3}").encode(), variables)

        holds(tmp_path, scene)


@pytest.mark.parametrize("kind", FORGES)
def test_no_answer_of_a_forge_brings_a_token_out(tmp_path: Path, kind: str) -> None:
    with running() as server:
        server.trick = echoing

        def scene(here: Path, fill: Filling) -> Told:
            variables = {"OWN_TOKEN": fill("{key}")}
            target = kind + fill(":{key2}")
            options = ["--forge-url", server.url, "--token-env", "OWN_TOKEN", "--state", "s.sqlite", "--report", "out"]
            return told(["sweep", target, *options], here, b"", variables)

        holds(tmp_path, scene, alike=False)  # the target is in the ledger's name of what could not be listed


# Processes


@pytest.mark.parametrize(
    "arguments", [["scan", "-v"], ["scan", "--rule", "?"], ["scan", "?"], ["scan", "--format", "html"]]
)
def test_no_process_shows_a_secret_either(tmp_path: Path, arguments: list[str]) -> None:
    fill = Filling(1)
    (tmp_path / fill("{key}.env")).write_text(fill("KEY={key2}\nsendgrid_password={password}"))
    done = sgleaks(*(fill(each.replace("?", "{key3}")) for each in arguments), cwd=tmp_path)
    assert seen(fill.hidden, done.out + done.err) == []
    assert done.code in (1, 2)


def test_what_could_be_read_is_seen() -> None:
    """The tests above can fail."""
    fill = Filling(1)
    text = fill("{key}")
    half = text[26:]
    for shown in (text, half[5:15], half[::-1], half.encode().hex(), quote(half), html.escape(half)):
        assert seen(fill.hidden, f"x {shown} y"), shown
    for before in ("", "k=", "key="):
        assert seen(fill.hidden, base64.b64encode((before + text).encode()).decode())
    assert seen(fill.hidden, hashlib.sha256(half.encode()).hexdigest()) == ["sha256"]
    assert seen(fill.hidden, "\0".join(half)) == ["in UTF-16"]
    assert not seen(fill.hidden, text[:26] + hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    "line",
    [
        'db_password="{password2}" sendgrid_password="{password}"',
        '{"sendgrid_backup_codes": ["{code}", "{code2}", "{code3}"]}',
        "sendgrid_password={password} DB_PASSWORD={password}",
        "sendgrid_password={password} OTHER_TOKEN={password2}",
        'sendgrid_password = "{password}"; note = "{password}"',
    ],
)
def test_excerpt_masks_what_else_on_a_line_is_secret(tmp_path: Path, line: str) -> None:
    def scene(here: Path, fill: Filling) -> Told:
        (here / "a.yml").write_text(fill(line) + "\n")
        return told(["scan", "--no-config", "-v", "--min-confidence", "low"], here)

    assert holds(tmp_path, scene).code == 1


@pytest.mark.parametrize("text", ["password = ${SMTP_PASSWORD}", "token: <your token>", "secret = settings.SECRET_KEY"])
def test_excerpt_shows_what_is_no_secret(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(f"{text} # {key(1)}\n")
    assert text in sgleaks("scan", "--no-config", cwd=tmp_path).out


@pytest.mark.parametrize(("secrets", "hidden"), [(16, 16), (17, 1)])
def test_more_than_can_be_looked_for_again_hides_the_whole_file(secrets: int, hidden: int) -> None:
    texts = [f"password-{number:04}" for number in range(secrets)]
    data = " ".join(texts[:16]).encode().ljust(MAX_LOOKED // 16)
    view = View(data, Blob(data, Origin("x")))
    rule = load_folder(builtin_rules())["account-password"]
    places = [Place(0, 1, Match(rule, view, 0, 1, Secret(text, rule.id), "high")) for text in texts]
    found = list(_repeated(view.blob, places))
    assert len(found) == hidden
    assert found[0] == ((0, len(data)) if hidden == 1 else found[0])


def test_key_whose_id_has_a_dash_is_no_placeholder() -> None:
    rules = Ruleset(Settings())
    for seed in range(40):
        data = f"NEXT_PUBLIC_SENDGRID_API_KEY={key(seed)}\n".encode()
        found = [each for each in examine([Blob(data, Origin(".env"))], rules) if isinstance(each, Finding)]
        assert [each.confidence for each in found if each.rule.id == "client-exposed-variable"] == ["high"], seed
