"""The native hooks, fired by real commits and pushes: what goes on is judged, never the work tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from cli import sgleaks
from keys import key, secret_half

KEY, OTHER = key(1), key(2)
LINE, OTHER_LINE = f"SENDGRID_API_KEY={KEY}\n", f"SENDGRID_API_KEY={OTHER}\n"
HOOKS = Path(__file__).parents[1] / "hooks"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **{f"GIT_{who}_{what}": "a@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


class Done(NamedTuple):
    """What git did: its exit code, and all it and the hooks said."""

    code: int
    said: str


class Shop:
    """A work tree with the hooks installed, and a bare repository it pushes to."""

    def __init__(self, root: Path) -> None:
        self.root, self.server = root / "shop", root / "server.git"
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("init", "-q", "--bare", "-b", "main", str(self.server))
        self.git("remote", "add", "origin", str(self.server))

    def git(self, *args: str, cwd: Path | None = None, **variables: str) -> Done:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false", *args],
            cwd=cwd or self.root,
            env=ENVIRONMENT | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert secret_half(KEY) not in done.stdout + done.stderr or args[0] in ("diff", "show")
        return Done(done.returncode, done.stdout + done.stderr)

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def stage(self, name: str, text: str) -> None:
        self.write(name, text)
        assert self.git("add", "-f", name).code == 0

    def commit(self, *args: str) -> Done:
        return self.git("commit", "-q", "-m", "x", *args)

    def leak(self, name: str = "leak.txt", text: str = LINE) -> None:
        """A commit with a key that no hook saw."""
        self.stage(name, text)
        assert self.commit("--no-verify").code == 0


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.stage("readme.txt", "a shop\n")
    assert shop.commit().code == 0
    assert sgleaks("install", cwd=shop.root).code == 0
    return shop


# --- pre-commit ---


def test_first_commit(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert sgleaks("install", cwd=shop.root).code == 0
    shop.stage("mail.txt", LINE)
    assert shop.commit().code == 1
    shop.stage("mail.txt", "nothing\n")
    assert shop.commit() == Done(0, "")


def test_refusal_says_what_where_and_what_to_do(shop: Shop) -> None:
    shop.stage("deploy/mail.txt", f"one\n{LINE}")
    code, said = shop.commit()
    assert code == 1
    for told in (
        "sgleaks: commit stopped: 1 finding\n",
        "  deploy/mail.txt:2:18  api-key\n",
        "git add",
        f"delete SG.{KEY[3:25]}.… in SendGrid",
        "sgleaks: ignore[api-key] reason",
        "sgleaks baseline update",
        "--no-verify",
    ):
        assert told in said


def test_refusal_is_short_however_much_there_is(shop: Shop) -> None:
    shop.stage("many.txt", "".join(f"KEY{number} = {key(number)}\n" for number in range(300)))
    code, said = shop.commit()
    assert code == 1
    assert len(said.splitlines()) <= 25
    assert "  and 295 more: `sgleaks scan --staged` shows them\n" in said


def test_index_counts_and_not_the_work_tree(shop: Shop) -> None:
    shop.stage("mail.txt", LINE)
    shop.write("mail.txt", "clean by now\n")
    assert shop.commit().code == 1
    shop.stage("mail.txt", "clean\n")
    shop.write("mail.txt", LINE)
    assert shop.commit().code == 0


@pytest.mark.parametrize("how", [["-a"], ["mail.txt"], ["-i", "mail.txt"], ["--amend", "-a"]])
def test_every_way_to_commit(shop: Shop, how: list[str]) -> None:
    shop.stage("mail.txt", "clean\n")
    assert shop.commit().code == 0
    shop.write("mail.txt", f"clean\n{LINE}")
    assert shop.commit(*how).code == 1


def test_commit_of_one_file_leaves_another_staged_leak_alone(shop: Shop) -> None:
    shop.stage("mail.txt", "clean\n")
    assert shop.commit().code == 0
    shop.stage("leak.txt", LINE)
    shop.write("mail.txt", "clean still\n")
    assert shop.commit("mail.txt").code == 0


def test_what_was_there_before_stops_nobody(shop: Shop) -> None:
    shop.leak("mail.txt", f"{LINE}one\ntwo\nthree\n")
    shop.stage("mail.txt", f"{LINE}one\ntwo\nthree\nfour\n")
    assert shop.commit().code == 0
    assert shop.git("mv", "mail.txt", "moved.txt").code == 0
    assert shop.commit().code == 0
    assert shop.git("update-index", "--chmod=+x", "moved.txt").code == 0
    assert shop.commit().code == 0


def test_removal_is_never_blocked(shop: Shop) -> None:
    shop.leak("mail.txt", f"{LINE}rest\n")
    shop.stage("mail.txt", "rest\n")
    assert shop.commit().code == 0
    shop.leak("mail.txt", LINE)
    assert shop.git("rm", "-q", "mail.txt").code == 0
    code, said = shop.commit()
    assert (code, said) == (0, "sgleaks: there was nothing to scan in what the commit adds\n")


def test_link_and_name(shop: Shop) -> None:
    (shop.root / "link").symlink_to(KEY)
    assert shop.git("add", "link").code == 0
    assert shop.commit().code == 1
    assert shop.git("rm", "-q", "-f", "--cached", "link").code == 0
    shop.stage(f"{KEY}.txt", "x\n")
    assert shop.commit().code == 1


@pytest.mark.parametrize("name", ["näme.txt", "a b.txt", "new\nline.txt", "tab\t.txt", '"quoted".txt', "-dash.txt"])
def test_odd_names(shop: Shop, name: str) -> None:
    shop.write(name, LINE)
    assert shop.git("add", "--", name).code == 0
    assert shop.commit().code == 1


def test_merge(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "side")
    shop.stage("side.txt", "x\n")
    assert shop.commit().code == 0
    shop.git("checkout", "-q", "main")
    shop.stage("main.txt", "x\n")
    assert shop.commit().code == 0
    assert shop.git("merge", "-q", "--no-commit", "side").code == 0
    shop.stage("evil.txt", LINE)
    assert shop.commit().code == 1


def test_linked_worktree(shop: Shop, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    assert shop.git("worktree", "add", "-q", str(linked)).code == 0
    (linked / "mail.txt").write_text(LINE)
    shop.git("add", "mail.txt", cwd=linked)
    assert shop.git("commit", "-q", "-m", "x", cwd=linked).code == 1


def test_submodule_is_judged_by_itself(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    inner = Shop(tmp_path / "other")
    inner.leak()
    assert shop.git("submodule", "--quiet", "add", str(inner.root), "inner").code == 0
    assert shop.commit().code == 0
    assert sgleaks("install", "inner", cwd=shop.root).code == 0
    (shop.root / "inner" / "new.txt").write_text(OTHER_LINE)
    shop.git("add", "new.txt", cwd=shop.root / "inner")
    assert shop.git("commit", "-q", "-m", "x", cwd=shop.root / "inner").code == 1


def test_git_dir_elsewhere(shop: Shop, tmp_path: Path) -> None:
    apart, tree = tmp_path / "apart.git", tmp_path / "tree"
    shutil.copytree(shop.root / ".git", apart)
    tree.mkdir()
    (tree / "mail.txt").write_text(LINE)
    where = ("--git-dir", str(apart), "--work-tree", str(tree))
    assert shop.git(*where, "add", "mail.txt", cwd=tree).code == 0
    assert shop.git(*where, "commit", "-q", "-m", "x", "mail.txt", cwd=tree).code == 1


def test_settings_of_the_repository_are_obeyed(shop: Shop) -> None:
    shop.write("sgleaks.toml", '[[ignore]]\npaths = ["fixtures/"]\nreason = "made up"\n')
    shop.stage("fixtures/mail.txt", LINE)
    assert shop.commit().code == 0


# --- pre-push ---


def test_key_that_came_and_went_within_a_push(shop: Shop) -> None:
    shop.leak()
    assert shop.git("rm", "-q", "leak.txt").code == 0
    assert shop.commit().code == 0
    code, said = shop.git("push", "-q", "origin", "main")
    assert code == 1
    assert "sgleaks: push stopped: 1 finding\n" in said
    assert shop.git("rev-parse", "--verify", "-q", "main", cwd=shop.server).code == 1


def test_every_ref_and_a_branch_that_is_not_checked_out(shop: Shop) -> None:
    assert shop.git("push", "-q", "origin", "main").code == 0
    shop.git("checkout", "-q", "-b", "side")
    shop.leak()
    shop.git("checkout", "-q", "main")
    shop.stage("more.txt", "x\n")
    assert shop.commit().code == 0
    assert shop.git("push", "-q", "origin", "main", "side").code == 1
    assert shop.git("push", "-q", "origin", "side").code == 1
    assert shop.git("push", "-q", "--all").code == 1
    assert shop.git("push", "-q", "origin", "main").code == 0


def test_what_the_remote_has_stops_nobody(shop: Shop) -> None:
    shop.leak()
    assert shop.git("push", "-q", "--no-verify", "origin", "main").code == 0
    shop.stage("more.txt", "x\n")
    assert shop.commit().code == 0
    assert shop.git("push", "-q", "origin", "main", "main:copy").code == 0
    assert shop.git("commit", "-q", "--amend", "-m", "y").code == 0
    assert shop.git("push", "-q", "-f", "origin", "main").code == 0
    assert shop.git("push", "-q", "origin", ":copy").code == 0


@pytest.mark.parametrize("what", ["message", "lightweight", "blob", "tag-of-blob"])
def test_tags(shop: Shop, what: str) -> None:
    assert shop.git("push", "-q", "origin", "main").code == 0
    if what == "message":
        shop.git("tag", "-a", "v1", "-m", f"use {KEY}")
    elif what == "lightweight":
        shop.git("checkout", "-q", "--detach")
        shop.leak()
        shop.git("tag", "v1")
    else:
        shop.write("loose.txt", LINE)
        blob = shop.git("hash-object", "-w", "loose.txt").said.strip()
        shop.git("tag", *(["-a", "-m", "x"] if what == "tag-of-blob" else []), "v1", blob)
    assert shop.git("push", "-q", "origin", "v1").code == 1


def test_push_to_an_address(shop: Shop) -> None:
    shop.leak()
    assert shop.git("push", "-q", str(shop.server), "main").code == 1


def test_push_from_a_shallow_clone(shop: Shop, tmp_path: Path) -> None:
    assert shop.git("push", "-q", "origin", "main").code == 0
    clone = tmp_path / "clone"
    assert shop.git("clone", "-q", "--depth=1", f"file://{shop.server}", str(clone)).code == 0
    assert sgleaks("install", cwd=clone).code == 0
    (clone / "new.txt").write_text("x\n")
    shop.git("add", "-A", cwd=clone)
    assert shop.git("commit", "-q", "-m", "x", cwd=clone).code == 0
    assert shop.git("push", "-q", "origin", "main", cwd=clone).code == 0


# --- pre-receive ---


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """The server has a hook, and the shop has none."""
    assert sgleaks("uninstall", cwd=shop.root).code == 0
    assert sgleaks("install", str(shop.server), cwd=shop.root).code == 0
    assert shop.git("push", "-q", "origin", "main").code == 0
    return shop


def test_server_takes_what_is_clean_and_refuses_what_is_not(guarded: Shop) -> None:
    guarded.stage("more.txt", "x\n")
    assert guarded.commit().code == 0
    assert guarded.git("push", "-q", "origin", "main").code == 0
    guarded.leak()
    guarded.git("rm", "-q", "leak.txt")
    guarded.commit()
    code, said = guarded.git("push", "-q", "origin", "main")
    assert code == 1
    assert "remote: sgleaks: push stopped: 1 finding" in said
    assert all(len(line.rstrip()) <= 80 for line in said.splitlines() if line.startswith("remote: "))
    assert guarded.git("log", "--format=%s", cwd=guarded.server).said.count("x") == 2


def test_server_obeys_nothing_that_is_pushed(guarded: Shop) -> None:
    guarded.stage("sgleaks.toml", 'exclude = ["**"]\n')
    guarded.stage(".sgleaks-baseline.toml", "accepted = []\n")
    guarded.stage("mail.txt", f"KEY = '{KEY}'  # sgleaks: ignore[api-key] says the attacker\n")
    assert guarded.commit().code == 0
    assert guarded.git("push", "-q", "origin", "main").code == 1


def test_deletion_and_new_branch_of_old_commits(guarded: Shop) -> None:
    assert guarded.git("push", "-q", "origin", "main:copy").code == 0
    assert guarded.git("push", "-q", "origin", ":copy").code == 0


def hooked(server: Path, *options: str) -> None:
    (server / "hooks" / "pre-receive").write_text(
        f"#!/bin/sh\nexec {sys.executable} -m sgleaks hook pre-receive {' '.join(options)}\n"
    )


def test_deadline(guarded: Shop) -> None:
    guarded.leak()
    hooked(guarded.server, "--deadline", "0.001")
    code, said = guarded.git("push", "-q", "origin", "main")
    assert code == 0
    assert "let through: not all could be seen in 0.001 s" in said
    guarded.leak("other.txt", OTHER_LINE)
    hooked(guarded.server, "--deadline", "0.001", "--strict")
    code, said = guarded.git("push", "-q", "origin", "main")
    assert code == 1
    assert "refused: not all could be seen" in said


# --- install and uninstall ---


def test_hook_that_was_there_runs_first_and_comes_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    mine = shop.root / ".git" / "hooks" / "pre-push"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text('#!/bin/sh\ncat >seen-lines; echo "$1" >seen-remote; test ! -e refuse\n')
    mine.chmod(0o755)
    assert sgleaks("install", cwd=shop.root).code == 0
    assert sgleaks("install", cwd=shop.root).code == 0
    shop.stage("readme.txt", "x\n")
    assert shop.commit().code == 0
    assert shop.git("push", "-q", "origin", "main").code == 0
    assert (shop.root / "seen-remote").read_text() == "origin\n"
    assert (shop.root / "seen-lines").read_text().startswith("refs/heads/main ")
    shop.leak()
    assert shop.git("push", "-q", "origin", "main").code == 1
    shop.write("refuse", "")
    assert "sgleaks" not in shop.git("push", "-q", "origin", "main").said
    assert sgleaks("uninstall", cwd=shop.root).code == 0
    assert mine.read_text().startswith("#!/bin/sh\ncat")
    assert sorted(path.name for path in mine.parent.iterdir() if not path.name.endswith(".sample")) == ["pre-push"]


def test_hooks_path_is_respected_and_followed_out_of_the_repository_by_force_only(shop: Shop, tmp_path: Path) -> None:
    sgleaks("uninstall", cwd=shop.root)
    shop.git("config", "core.hooksPath", str(tmp_path / "mine"))
    done = sgleaks("install", cwd=shop.root)
    assert (done.code, "leads out of it" in done.err) == (2, True)
    assert not (tmp_path / "mine").exists()
    assert sgleaks("install", "--force", cwd=shop.root).code == 0
    assert (tmp_path / "mine" / "pre-commit").exists()
    shop.stage("mail.txt", LINE)
    assert shop.commit().code == 1


@pytest.mark.parametrize(
    ("file", "told"),
    [(".husky/pre-commit", ".husky/pre-push"), ("lefthook.yml", "use_stdin: true"), ("", "core.hooksPath")],
)
def test_other_managers_are_told_how(shop: Shop, file: str, told: str) -> None:
    sgleaks("uninstall", cwd=shop.root)
    if file:
        shop.write(file, "")
    else:
        shop.git("config", "core.hooksPath", "githooks")
    done = sgleaks("install", cwd=shop.root)
    assert done.code == 2
    assert told in done.err
    assert not (shop.root / ".git" / "hooks" / "pre-commit").exists()
    assert sgleaks("install", "--force", cwd=shop.root).code == 0


def test_hook_that_names_no_interpreter_runs_as_git_would_run_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    hook = shop.root / ".git" / "hooks" / "pre-commit"
    hook.write_text("echo first\n")
    hook.chmod(0o755)
    assert sgleaks("install", cwd=shop.root).code == 0
    shop.stage("a.txt", "a\n")
    code, said = shop.commit()
    assert (code, "first" in said, "bug" in said) == (0, True, False)


def test_uninstall_leaves_others_alone(shop: Shop) -> None:
    sgleaks("uninstall", cwd=shop.root)
    shop.write(".git/hooks/pre-commit", "#!/bin/sh\n")
    done = sgleaks("uninstall", cwd=shop.root)
    assert "there was no hook of ours" in done.err
    assert (shop.root / ".git" / "hooks" / "pre-commit").exists()


# --- the scripts of hooks/ ---


@pytest.mark.parametrize("name", ["pre-commit", "pre-push", "pre-receive"])
def test_scripts_are_posix_and_fail_closed(name: str, tmp_path: Path) -> None:
    script = HOOKS / name
    assert os.access(script, os.X_OK)
    assert subprocess.run(["/bin/sh", "-n", script], check=False).returncode == 0
    bare = {"PATH": "/usr/bin:/bin", "SGLEAKS_BIN": "no-such-program"}
    done = subprocess.run([script], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "pip install sgleaks" in done.stderr
    soft = subprocess.run([script], env=bare | {"SGLEAKS_ALLOW_MISSING": "1"}, capture_output=True, check=False)
    assert soft.returncode == 0


def test_folder_of_scripts_serves_as_hooks_path(shop: Shop) -> None:
    sgleaks("uninstall", cwd=shop.root)
    shop.git("config", "core.hooksPath", str(HOOKS))
    shop.stage("mail.txt", LINE)
    assert shop.commit().code == 1
    shop.leak("mail.txt")
    assert shop.git("push", "-q", "origin", "main").code == 1
