"""The documents say what there is, and only that: commands run, tables equal the code's, links lead somewhere."""

from __future__ import annotations

import ast
import inspect
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import pytest

import accounts
import sendgrid_server
from actions import read_yaml
from cli import scan_json, sgleaks
from forge import Forge, bare, served
from keys import key
from sgleaks import account, check, decoders, examine, guide, syntax
from sgleaks import settings as config
from sgleaks.cli import cli
from sgleaks.formats import FORMATS
from sgleaks.formats import json as json_format
from sgleaks.matchers import MATCHERS, patterns
from sgleaks.matchers import key as key_matcher
from sgleaks.model import (
    BUG,
    CLEAN,
    CLOSED_PIPE,
    FINDINGS,
    INCOMPLETE,
    INTERRUPTED,
    SKIP_REASONS,
    TERMINATED,
    USAGE,
    Confidence,
    Report,
    Rule,
    Severity,
)
from sgleaks.rule import FIELDS, builtin_rules, load, load_folder
from sgleaks.samples import render
from sgleaks.settings import KEYS, PathRule
from sgleaks.sources import files, stream
from sgleaks.sources.archive import bounds, formats, kinds
from sgleaks.syntax import bicep, draft, yaml
from sgleaks.triage import baseline, placeholder
from sgleaks.validity import ACCESSES, STATES
from test_decoders import INLINE, WHOLE

ROOT = Path(__file__).parents[1]
RULES = load_folder(builtin_rules())
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LONGEST_README = 170  # lines: a picture, the set-up, a recipe for each use


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


class Block(NamedTuple):
    """A fenced block of a document."""

    document: str
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file it is, where its first line says so in a comment."""
        named = re.match(r"# ([\w./-]+\.(?:toml|ya?ml))\b", self.text)
        return named[1] if named else ""


def blocks(language: str) -> list[Block]:
    found = ((name_of(path), match) for path in DOCUMENTS for match in BLOCK.finditer(path.read_text("utf-8")))
    return [Block(name, match[1], match[2]) for name, match in found if match[1] == language]


def rows(document: str, head: str) -> list[list[str]]:
    """The cells of the table whose head begins like this, without code marks where a cell is one span."""
    table = text_of(document).split(f"\n{head}", 1)[1].split("\n\n", 1)[0]
    lines = [line for line in table.split("\n") if line.startswith("| ")]
    cells = [re.split(r" \| ", line.strip("| ")) for line in lines if not line.startswith("| ---")]
    return [[re.sub(r"^`([^`]*)`$", r"\1", cell) for cell in row] for row in cells]


def commands(command: click.Command = cli, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, *words, name)


COMMANDS = dict(commands())
OPTIONS = {
    option for command in COMMANDS.values() for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
    if isinstance(parameter, click.Option)
} | {"-h", "--help"}  # fmt: skip


# Options of pytest and pre-commit that the documents name, and a word of SPF.
FOREIGN = {"-m", "--from-ref", "--to-ref", "-all"}

# Commands and options


def segments(line: str) -> list[list[str]]:
    """The programs of a shell line with their arguments."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in words:
        if set(word) <= set("|&;<>()"):
            found.append([])
        else:
            found[-1].append(word)
    return [segment for segment in found if segment]


def programs(line: str) -> list[str]:
    """What a shell line runs."""
    return [segment[0] for segment in segments(line)]


def calls(line: str) -> list[list[str]]:
    """The arguments of every sgleaks in a shell line."""
    return [segment[1:] for segment in segments(line) if segment[0].rpartition("/")[2] == "sgleaks"]


LINES = [(block.document, line) for block in blocks("sh") for line in block.text.splitlines()]
RECIPES = [(document, line) for document, line in LINES if calls(line) and "venv" not in line]


def parsed(arguments: list[str], command: click.Command = cli, parent: click.Context | None = None) -> None:
    """Lets click parse a call as it would to run it, and runs nothing. Raises UsageError."""
    flags = {"--version", "-V", "--help", "-h"}
    if isinstance(command, click.Group) and not flags.intersection(arguments[:1]):
        context = command.make_context(command.name, [], parent, resilient_parsing=True)
        if arguments:
            _, inner, rest = command.resolve_command(context, arguments)
            assert inner is not None
            parsed(rest, inner, context)
    elif not flags.intersection(arguments):
        command.make_context(command.name, arguments, parent)


def test_there_are_recipes() -> None:
    assert len(RECIPES) > 20
    assert any(document == "README.md" for document, _ in RECIPES)


@pytest.mark.parametrize("line", sorted({line for _, line in LINES}))
def test_shell_line_is_one_that_click_can_parse(line: str) -> None:
    for call in calls(line):
        parsed(call)


def scripts(value: Any) -> Iterator[str]:
    """The lines of all texts in what a YAML file says, without its descriptions."""
    if isinstance(value, dict):
        yield from (
            line for name, inner in value.items() if name not in ("name", "displayName") for line in scripts(inner)
        )
    elif isinstance(value, list):
        yield from (line for inner in value for line in scripts(inner))
    elif isinstance(value, str):
        yield from value.splitlines()


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.file or block.document)
def test_workflow_calls_what_there_is(block: Block) -> None:
    lines = list(scripts(read_yaml(block.text)))
    found = [call for line in lines if line.startswith("sgleaks ") for call in calls(line)]
    assert found or block.file == ".pre-commit-config.yaml" or any(line.startswith("OWNER/sgleaks@") for line in lines)
    for call in found:
        parsed(call)


@pytest.mark.parametrize("block", blocks("groovy"), ids=lambda block: block.document)
def test_pipeline_calls_what_there_is(block: Block) -> None:
    found = [call for line in re.findall(r"sh '([^']*)'", block.text) for call in calls(line)]
    assert found
    for call in found:
        parsed(call)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_calls_in_sentences_can_be_parsed(path: Path) -> None:
    for span in SPAN.findall(BLOCK.sub("", path.read_text("utf-8"))):
        if span.startswith("sgleaks "):
            parsed(shlex.split(span)[1:])


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(("sgleaks", *words)))
def test_command_is_documented(words: tuple[str, ...]) -> None:
    written = " ".join(path.read_text("utf-8") for path in DOCUMENTS)
    assert re.search(rf"\b{' '.join(('sgleaks', *words))}\b", written)


@pytest.mark.parametrize(
    "words",
    [words for words, command in COMMANDS.items() if isinstance(command, click.Group) and command.no_args_is_help],
    ids=lambda words: " ".join(("sgleaks", *words)),
)
def test_a_group_without_a_command_is_its_help(words: tuple[str, ...], tmp_path: Path) -> None:
    done, asked = sgleaks(*words, cwd=tmp_path), sgleaks(*words, "--help", cwd=tmp_path)
    assert (done.code, done.err) == (USAGE, asked.out)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(("sgleaks", *words)))
def test_help_has_examples_and_they_can_be_parsed(words: tuple[str, ...]) -> None:
    text = COMMANDS[words].help or ""
    assert "Examples:" in text, "its help has no examples"
    lines = [line.strip() for line in text.split("Examples:")[1].splitlines() if line.strip()]
    for line in lines:
        told = re.split(r"\s{3,}", line)[0]  # an explanation stands behind
        found = calls(told)
        assert found, line
        for call in found:
            parsed(call)


def test_every_option_is_documented_and_every_documented_one_exists() -> None:
    table = rows("docs/configuration.md", "| option |")
    listed = {option for row in table for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row[0])}
    assert listed | {"-V", "--version"} == OPTIONS
    for path in DOCUMENTS:
        for span in SPAN.findall(BLOCK.sub("", path.read_text("utf-8"))):
            if re.match(r"-{1,2}[a-zA-Z]", span) and span.split()[0] not in FOREIGN:
                assert span.split()[0].partition("=")[0] in OPTIONS, f"{name_of(path)}: {span}"


def test_readme_names_every_option_of_scan() -> None:
    written = set(SPAN.findall(text_of("README.md").split("## Options")[1].split("\n## ")[0]))
    scan = COMMANDS[("scan",)]
    for option in scan.params:
        if isinstance(option, click.Option):
            assert written.intersection(option.opts), option.opts


# What the recipes do


STUBS = {
    "kubectl": "cat deploy/secret.yaml",
    "docker": "cat release.tar.gz",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A work tree that has everything the recipes name, with a key in most of it; and stubs of what they call."""
    tree = tmp_path / "tree"
    for name in (".env", "deploy/secret.yaml", "config.yml", "path/to/folder/mail.py", "vendor/a.js", "a.min.js"):
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"SENDGRID_API_KEY={key()}\n")
    with zipfile.ZipFile(tree / "backup.zip", "w") as archive:
        archive.write(tree / ".env", "mail.env")
    with tarfile.open(tree / "release.tar.gz", "w:gz") as archive:
        archive.add(tree / ".env", "mail.env")
    for block in blocks("toml"):
        if block.file.startswith("my-rules/"):
            (tree / block.file).parent.mkdir(exist_ok=True)
            (tree / block.file).write_text(block.text)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, line in {**STUBS, "sgleaks": f'exec "{sys.executable}" -m sgleaks "$@"'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    (tree / "keys.txt").write_text(f"{key()}\n")
    (tree / "report.json").write_text(scan_json(".env", cwd=tree).out)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    before = ["commit", "--quiet", "--allow-empty", "-m", "before"]
    (tree / "server.toml").write_text("")
    bare = ["clone", "--quiet", "--bare", ".", "shop.git"]
    for arguments in (["init", "--quiet"], *[before] * 3, ["add", "."], ["commit", "--quiet", "-m", "all"], bare):
        subprocess.run([*git, *arguments], cwd=tree, check=True, capture_output=True)
    with (tree / "deploy/secret.yaml").open("a") as file:
        file.write(f"OTHER_SENDGRID_API_KEY={key()}\n")
    subprocess.run([*git, "add", "deploy"], cwd=tree, check=True)
    return tree


@pytest.fixture
def sendgrid() -> Iterator[dict[str, str]]:
    """An environment in which SendGrid is on this machine, and an account of it knows the key of the shop."""
    account = accounts.hardened()
    account.keys[key()[3:25]] = ("shop", ["mail.send"])
    administrator = sendgrid_server.Profile([*accounts.AUDITOR, "api_keys.delete"], account)
    with sendgrid_server.running() as world:
        world.known = {key(): sendgrid_server.Profile(["mail.send"], account), key(100): administrator}
        yield {"SGLEAKS_SENDGRID_API": world.url, "SENDGRID_ADMIN_API_KEY": key(100)}


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables that lead to a forge with what the recipes sweep."""
    root = tmp_path_factory.mktemp("forge")
    for name in ("acme/shop", "acme/web/front"):
        bare(root, name, {".env": f"SENDGRID_API_KEY={key()}\n"})
    with served(Forge(root)) as forge:
        names = ("GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN")
        yield {
            "GITHUB_API_URL": forge.url,
            "CI_SERVER_URL": forge.url,
            "NO_PROXY": "127.0.0.1",
            **dict.fromkeys(names, ""),
        }


def prepare(line: str, shop: Path) -> None:
    """Makes what sweeps and reports are said to begin with."""
    if "sgleaks report" in line:
        sgleaks("scan", "--format", "json:shop.json", "--format", "json:mail.json", cwd=shop)
    elif "sweep @repos.txt" in line:
        (shop / "repos.txt").write_text("# ours\nshop.git\n")
    elif "sweep clones" in line:
        (shop / "clones").mkdir()
        (shop / "shop.git").rename(shop / "clones" / "shop.git")


@pytest.mark.parametrize("line", sorted({line for _, line in RECIPES}))
def test_recipe_runs(line: str, shop: Path, sendgrid: dict[str, str], organisation: dict[str, str]) -> None:
    path = f"{shop.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if missing := [name for name in programs(line) if not shutil.which(name, path=path)]:
        pytest.skip(f"{missing[0]} is not installed")
    if "baseline prune" in line:
        (shop / ".sgleaks-baseline.toml").write_text("accepted = []\n")
    prepare(line, shop)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=shop,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **sendgrid, **organisation, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    looks = any(
        f"sgleaks {name}" in line for name in ("scan", "history", "sweep", "report", "hook pre-commit", "verify")
    )
    finds = looks and not {"--exit-zero", "--list-only"}.intersection(line.split())
    assert done.returncode == (FINDINGS if finds else CLEAN), done.stderr
    assert key()[26:] not in done.stdout + done.stderr


def test_picture_in_the_readme_is_what_is_printed(tmp_path: Path) -> None:
    (picture,) = [block.text for block in blocks("text") if block.text.startswith("$ sgleaks scan shop\n")]
    folder = tmp_path / "shop"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy/mail.conf").write_text(f"MAIL_FROM=shop@example.com\nSENDGRID_API_KEY={key(1)}\n")
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("k8s/secret.yaml", render(f"data:\n  mail: {{base64:{key(2)}}}\n", 1))
    (folder / "README.md").write_text(f"Set SENDGRID_API_KEY=SG.{'x' * 22}.{'x' * 43}\n")
    done = sgleaks("scan", "shop", cwd=tmp_path)
    assert f"$ sgleaks scan shop\n{done.out}{done.err}" == picture


def test_the_command_for_the_tests_is_the_one_of_ci() -> None:
    script = text_of(".ci/run").splitlines()
    (line,) = [line for line in script if "pytest" in line]
    assert script[-1] == line
    for document in ("README.md", "CONTRIBUTING.md"):
        assert [told for name, told in LINES if name == document and "pytest" in told] == [line]


# Tables


def test_generated_documents_are_current() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_rule_is_documented() -> None:
    for chapter in {rule.chapter for rule in RULES.values()}:
        headings = re.findall(r"^## (.*)$", text_of(f"docs/rules/{chapter}.md"), re.MULTILINE)
        assert headings == [rule.id for rule in RULES.values() if rule.chapter == chapter]
    assert {name.removesuffix(".md") for name in os.listdir(ROOT / "docs/rules")} == {
        rule.chapter for rule in RULES.values()
    }
    listed = re.findall(r"^\| \[`([a-z0-9-]+)`\]", text_of("docs/rules.md"), re.MULTILINE)
    assert sorted(listed) == list(RULES)
    named = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", text_of("CHANGELOG.md")))
    assert set(RULES) <= named


def test_rules_of_every_chapter_get_pages_whose_links_lead_somewhere(tmp_path: Path) -> None:
    chapters = ("credentials", *(chapter.name for chapter in guide.load().chapters))
    rules = [replace(rule, chapter=name) for rule, name in zip(RULES.values(), cycle(chapters), strict=False)]
    rules[1] = replace(rules[1], default=False)
    checks = [guide.Check("two-factor-off", "Nobody must", ("1.1",))]
    documents = runpy.run_path(str(ROOT / "docs/generate.py"))["documents"](rules, checks)
    documents["docs/README.md"] = text_of("docs/README.md")
    assert {f"docs/rules/{name}.md" for name in chapters} < documents.keys()
    for name, text in documents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in documents.keys() - {"README.md", "docs/README.md"}:
        links = re.findall(r"\]\((?!https:)([^)\s#]*)#?([^)\s]*)\)", BLOCK.sub("", documents[name]))
        assert links
        for file, anchor in links:
            place = (tmp_path / name).parent / file if file else tmp_path / name
            assert place.exists(), file
            assert not anchor or anchor in anchors_of(place), anchor
    (row,) = [line for line in documents["docs/rules.md"].splitlines() if f"`{rules[1].id}`" in line]
    assert row.endswith("| off |")
    for control in rules[1].controls:
        section = documents["docs/guide.md"].split(f"\n## {control} ")[1].split("\n## ")[0]
        assert f"- rules at L3 only: [`{rules[1].id}`](rules/{rules[1].chapter}.md#{rules[1].id})" in section
    assert "- account checks: `two-factor-off`" in documents["docs/guide.md"]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_is_documented_of_a_rule_is_what_show_prints(rule: Rule, tmp_path: Path) -> None:
    """Marks of Markdown and line breaks apart, every fact and sentence of the page is on the terminal."""

    def words(text: str) -> str:
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", BLOCK.sub("", text))
        return " ".join(re.sub(r"[`*<>]", "", text).split())

    page = text_of(f"docs/rules/{rule.chapter}.md").split(f"\n## {rule.id}\n")[1].split("\n## ")[0]
    shown = words(sgleaks("rules", "show", rule.id, cwd=tmp_path).out)
    for label, value in re.findall(r"^- (\w+): (.*)$", page, re.MULTILINE):
        assert f"{label} {words(value).replace(', level ', ', ')}" in shown
    for text in (rule.title, rule.message, rule.why, rule.fix, *rule.references):
        assert words(text) in words(page)
        assert words(text) in shown


def test_exit_codes_are_those_of_the_model() -> None:
    codes = [int(row[0]) for row in rows("README.md", "| code |")]
    assert codes == [CLEAN, FINDINGS, USAGE, INCOMPLETE, BUG, INTERRUPTED, CLOSED_PIPE, TERMINATED]


def test_configuration_keys_are_those_that_are_read() -> None:
    table = rows("docs/configuration.md", "| key | value | default | option |")
    assert [row[0] for row in table] == list(KEYS)
    options = {row[0]: row[3] for row in table}
    for name, option in options.items():
        assert option == {"ignore": "none", "rotation-days": "none", "inline-ignores": "--no-inline-ignores"}.get(
            name, f"--{name}"
        )
    for row in table:
        if row[2] not in ("all", "none", "both", "`.sgleaks-baseline.toml`, upwards"):
            value = tomllib.loads(f"a = {row[2]}")["a"]
            assert value == getattr(config.Settings(), KEYS[row[0]][0])
    silenced = [row[0] for row in rows("docs/configuration.md", "| key of `[[ignore]]` |")]
    assert silenced == [field.name for field in fields(PathRule)]


def test_values_of_choices_are_documented() -> None:
    written = text_of("docs/configuration.md")
    for choice in (config.Profile, config.Only, config.Color, Confidence, Severity):
        assert all(f"`{name}`" in written for name in get_args(choice))


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("| key | value |\n", FIELDS),
        ("| key of `[match]` |", patterns.MATCH),
        ("| key of `[[match.patterns]]` |", patterns.PATTERNS),
        ("| key of `[match.near.NAME]` |", patterns.CONDITION),
    ],
    ids=["rule", "match", "pattern", "condition"],
)
def test_keys_of_rules_are_those_that_are_read(head: str, known: dict[str, Any]) -> None:
    listed = [name for row in rows("docs/configuration.md", head) for name in re.findall(r"[a-z_]+", row[0])]
    assert sorted(listed) == sorted(known)


def test_matchers_are_documented() -> None:
    written = text_of("docs/configuration.md")
    assert all(f"The matcher `{name}`" in written for name in MATCHERS)


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: f"{block.document}-{block.file}")
def test_example_files_are_good_ones(block: Block, tmp_path: Path) -> None:
    file = tmp_path / block.file
    file.parent.mkdir(parents=True, exist_ok=True)
    if not block.file:
        assert block.text.startswith("[match]\n")  # a part of a rule, shown for what it says
        assert tomllib.loads(block.text)["match"]["matcher"] in MATCHERS
        return
    file.write_text(block.text)
    if file.name == config.BASELINE:
        assert baseline.read(file)
    elif file.parent.name == "my-rules":
        assert check.failures(load(file)) == []
    else:
        assert config.find(tmp_path / "sgleaks.toml") == file
        assert config.load(file) != config.Settings()


def test_formats_are_documented() -> None:
    headings = re.findall(r"^## (.*)$", text_of("docs/reports.md"), re.MULTILINE)
    assert headings == [*FORMATS, "Skips"]
    assert all(f"`{name}`" in text_of("docs/configuration.md") for name in FORMATS)


def test_members_of_a_json_report_are_documented_in_their_order() -> None:
    report = [row[0] for row in rows("docs/reports.md", "| member |")]
    assert report == list(json_format.as_json(Report()))
    finding = text_of("docs/reports.md").split("A finding:\n", 1)[1].split("\n## ")[0]
    listed = [name for row in re.findall(r"^\| (`.*?) \| ", finding, re.MULTILINE) for name in SPAN.findall(row)]
    function = ast.parse(inspect.getsource(json_format.finding_json))
    (members,) = [node for node in ast.walk(function) if isinstance(node, ast.Dict)]
    assert listed == [ast.literal_eval(name) for name in members.keys if name]


def test_checks_of_an_account_are_those_there_are() -> None:
    listed = {
        row[0]: (row[1].split(", "), float(row[2]), SPAN.findall(f"`{row[3].strip('`')}`"))
        for row in rows("docs/sendgrid.md", "| check |")
    }
    assert listed == {
        check.rule.id: (list(check.rule.controls), check.rule.severity, list(check.scopes)) for check in account.load()
    }


def test_what_sendgrid_may_say_is_documented() -> None:
    assert tuple(row[0] for row in rows("docs/sendgrid.md", "| state |")) == STATES
    assert {row[0] for row in rows("docs/sendgrid.md", "| access |")} == set(ACCESSES)


def test_reasons_of_skips_are_those_of_the_model() -> None:
    table = rows("docs/reports.md", "| reason | incomplete |")
    assert {row[0]: row[1] == "yes" for row in table} == SKIP_REASONS
    assert [row[0] for row in table] == list(SKIP_REASONS)


def test_reasons_of_drops_are_those_of_triage() -> None:
    known = set()
    for function in (placeholder._why_no_key, placeholder._why_no_password):
        for node in ast.walk(ast.parse(inspect.getsource(function))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search("[a-z]{4}", node.value):
                known.add(node.value)
    assert {row[0] for row in rows("docs/detection.md", "| reason |")} == known


def test_characters_of_a_key_are_those_that_are_tested() -> None:
    tested = (key_matcher.VERSION, key_matcher.VARIANT, key_matcher.ID_TAIL, key_matcher.SECRET_TAIL)
    listed = [row[1] for row in rows("docs/detection.md", "| character,")]
    assert [frozenset(cell.encode()) for cell in listed] == list(tested)


def test_spellings_are_those_that_are_undone() -> None:
    known = {name for _, via in (*INLINE.values(), *WHOLE.values()) for name in via}
    assert {row[0] for row in rows("docs/detection.md", "| via |")} == known


EXAMPLES = [row for row in rows("docs/detection.md", "| via |") if "{key" in row[2]]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row[0])
def test_example_of_a_spelling_is_found_by_it(row: list[str], tmp_path: Path) -> None:
    via, _, example = row
    text = render(SPAN.findall(example)[-1] if "`" in example else example, 1)
    (tmp_path / "x.txt").write_bytes(text.encode("utf-16" if via == "utf-16" else "utf-8"))
    (finding,) = scan_json(cwd=tmp_path).report["findings"]
    assert finding["via"] == [via]


def test_archives_are_those_that_are_told_apart() -> None:
    assert [row[0] for row in rows("docs/detection.md", "| opened |")] == list(formats())
    assert [row[0] for row in rows("docs/detection.md", "| not opened |")] == list(kinds.UNSUPPORTED)


def test_bounds_are_those_of_the_code() -> None:
    gib, mib = 1 << 30, 1 << 20
    known = [
        f"{files.MAX_FILE // gib} GiB",
        f"{examine.MAX_FINDINGS:,}",
        f"{decoders.MAX_DEPTH}",
        f"{decoders.MAX_VIEW // mib} MiB",
        f"{decoders.MAX_DECODED // mib} MiB",
        f"{bounds.MAX_DEPTH}",
        f"{bounds.MAX_MEMBERS:,}",
        f"{bounds.MAX_UNPACKED // gib} GiB",
        f"{bounds.MAX_RATIO}",
        f"{bounds.MAX_MEMORY // mib} MiB",
        f"{syntax.MAX_SIZE // mib} MiB",
        f"{draft.MAX_DEPTH}; in Bicep {bicep.MAX_DEPTH}",
        f"{yaml.MAX_MERGED:,}",
        f"{bounds.MAX_NAME} characters",
    ]
    table = rows("docs/detection.md", "| bound |")
    assert [row[1] for row in table] == known
    assert f"of {stream.SEGMENT // mib} MiB at most" in table[4][0]
    assert f"from {bounds.RATIO_FLOOR // mib} MiB on" in table[8][0]
    assert {reason for row in table for reason in SPAN.findall(row[2])} <= set(SKIP_REASONS)


# Links, paths, names


def anchors_of(path: Path) -> set[str]:
    """What a forge makes of the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_relative_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", path.read_text("utf-8"))):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), target
        assert place.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors_of(place), target


def test_the_index_has_every_document_and_each_leads_back_to_it() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)\)", index.read_text("utf-8"))}
    for path in DOCUMENTS:
        if path != index:
            assert path in listed or path.parent.name == "rules", name_of(path)
            links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8"))
            assert index in {(path.parent / link).resolve() for link in links}, name_of(path)


def test_readme_can_be_read_in_five_minutes() -> None:
    assert len(text_of("README.md").splitlines()) <= LONGEST_README


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_document_names_no_place_outside_of_the_repository(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.findall(r"(?<![\w.:>/-])/(?:home|root|tmp|work|mnt|srv|Users|var)\b", text)
    assert not re.findall(r"(?<![\w/(])\.\./", text)


@pytest.mark.parametrize("path", [ROOT / "CONTRIBUTING.md", ROOT / "README.md"], ids=name_of)
def test_files_that_are_named_exist(path: Path) -> None:
    for span in SPAN.findall(BLOCK.sub("", path.read_text("utf-8"))):
        if re.fullmatch(r"(?:scanner|tests|docs|rules|bench|\.ci)/[\w./-]*", span) and not re.search("NAME|ID", span):
            assert (ROOT / span).exists() or span == "tests/", span
        elif re.fullmatch(r"[a-z_]+\.py", span) and span != "test_mail.py":
            assert list(ROOT.glob(f"scanner/sgleaks/**/{span}")) or list(ROOT.glob(f"*/{span}")), span


def test_the_house_is_drawn_as_it_is() -> None:
    (drawing,) = [block.text for block in blocks("text") if "scanner/sgleaks/" in block.text]
    package = ROOT / "scanner" / "sgleaks"
    known = {path.name for path in package.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    known |= {path.stem for path in package.glob("*.py") if not path.stem.startswith("__")}
    drawn = drawing.split("scanner/sgleaks/", 1)[1].split("\ntests/", 1)[0]
    names = {
        name
        for line in drawn.splitlines()[1:]
        for name in re.findall(r"([a-z]+)(?:\.py|/)", re.split(r"\s\d\s", line)[0])
    }
    assert names == known
