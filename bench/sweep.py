"""Measures a sweep of many repositories, and of the same ones after five pushes; or kingfisher called once for each.

    python bench/sweep.py --repositories 1000 --folder FOLDER [--tools DIR] [--sample 100]
    python bench/sweep.py --repositories 200 --folder FOLDER --forge [--large] [--keep]

Repositories are made in FOLDER once: small ones, or with ``--large`` some of one to five megabytes and up to 120
commits. kingfisher is called for a sample of them, one after the other, with its rules for SendGrid alone and compiled
before; its time is told for all of them. With ``--forge`` they come through HTTP from a forge in this process, which is
on the same cores; so the processor's time of the sweep alone is told besides.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from forge import Forge, bare, served
from git_repos import git_environment
from keys import key

RULES = ("--rule", "betterleaks.sendgrid-api-token", "--rule", "veles.secrets/sendgrid")
FILES, CHARACTERS = 10, 3000  # of a repository
EVERY = 5  # one in so many holds a key
PUSHES = 5
COMMITS, LINES = (30, 120), 300  # of a large repository; of each of the four files that a commit of it alters


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--forge", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if asked.forge:
        over_http(asked)
    else:
        on_the_disk(asked)


def over_http(asked: argparse.Namespace) -> None:
    """A sweep, and another one after some pushes."""
    root = asked.folder / "forge"
    made(root / "acme", asked.repositories, large=asked.large)
    state, report = asked.folder / "state.sqlite", asked.folder / "report.json"
    environ = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "GIT_CONFIG_GLOBAL": os.devnull}
    with served(Forge(root)) as forge:
        sweep = [sys.executable, "-m", "sgleaks", "sweep", "github:acme", "--forge-url", forge.url, "--no-config", "-q"]
        sweep += ["--state", str(state), "--format", f"json:{report}"]
        for number in range(1, asked.rounds + 1):
            state.unlink(missing_ok=True)
            if asked.keep:
                sweep += ["--keep", str(asked.folder / f"mirrors-{number}")]
            first, cpu = timed(sweep, environ)
            before = keys_of(report)
            new = pushed(root / "acme", asked.repositories)
            second, cpu_then = timed(sweep, environ)
            if keys_of(report) - before != new:
                raise SystemExit("the second sweep did not find exactly the new keys")
            print(f"round {number}: first sweep {first:.1f} s ({cpu:.1f} s of processor), ", end="")
            print(f"after {PUSHES} pushes {second:.1f} s ({cpu_then:.1f} s): {second / first:.1%}", flush=True)


def keys_of(report: Path) -> set[str]:
    """The ids of the keys that a report tells."""
    return {one["secret"]["key_id"] for one in json.loads(report.read_text())["sweep"]["keys"]}


def pushed(folder: Path, count: int) -> set[str]:
    """Pushes a new key to some of the repositories, and tells the ids of the keys."""
    found = set()
    for number in range(0, count, count // PUSHES):
        new = key(random.SystemRandom().randrange(1 << 60))
        bare(folder, f"r{number}", {"new.env": f"SENDGRID_API_KEY={new}\n"})
        found.add(new[3:25])
    return found


def on_the_disk(asked: argparse.Namespace) -> None:
    """Sweeps of a folder, in turns with kingfisher."""
    places = made(asked.folder / "clones", asked.repositories)
    state = asked.folder / "state.sqlite"
    sweep = [sys.executable, "-m", "sgleaks", "sweep", str(asked.folder / "clones"), "--no-config", "-q"]
    sweep += ["--state", str(state), "--format", f"json:{asked.folder / 'report.json'}"]
    for number in range(1, asked.rounds + 1):
        state.unlink(missing_ok=True)
        print(f"round {number}: first sweep {timed(sweep)[0]:.1f} s, second {timed(sweep)[0]:.1f} s")
        if asked.tools:
            scan = [
                str(asked.tools / "kingfisher"),
                "scan",
                "--no-validate",
                "--no-update-check",
                *RULES,
                "--format",
                "json",
            ]
            scan += ["--rule-cache-dir", str(asked.folder / "kingfisher")]
            timed([*scan, str(places[0])])
            sample = places[: asked.sample]
            seconds = sum(timed([*scan, str(place)])[0] for place in sample) / len(sample) * len(places)
            print(f"round {number}: kingfisher {seconds:.1f} s, from {len(sample)} of them")


def made(folder: Path, count: int, *, large: bool = False) -> list[Path]:
    """Repositories with one pack each."""
    rng = random.Random(1)
    places = []
    for number in range(count):
        place = folder / f"r{number}.git"
        if large and not place.exists():
            grown(place, number)
        elif not place.exists():
            files = {f"src/f{each}.py": "".join(rng.choices("abcdefghij \n", k=CHARACTERS)) for each in range(FILES)}
            if number % EVERY == 0:
                files["mail.env"] = f"SENDGRID_API_KEY={key(number % 7)}\n"
            bare(folder, f"r{number}", files)
            subprocess.run(["git", "gc", "--quiet"], cwd=place, check=True)
        places.append(place)
    return places


def grown(place: Path, number: int) -> None:
    """A large repository: words of its own, in files that many commits alter."""
    rng = random.Random(number)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz_", k=rng.randint(2, 12))) for _ in range(5000)]
    paths = [f"src/part{part}/file{file}.py" for part in range(8) for file in range(5)]
    stream = []
    for commit in range(rng.randint(*COMMITS)):
        who = f"Ada <ada@example.org> {1_700_000_000 + 1000 * commit} +0000"
        stream.append(f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata 5\nmore\n\n")
        files = {
            path: "".join(f"{' '.join(rng.choices(words, k=8))}\n" for _ in range(LINES))
            for path in rng.sample(paths, 4)
        }
        if commit == COMMITS[0] // 2 and number % EVERY == 0:
            files["mail.env"] = f"SENDGRID_API_KEY={key(number % 7)}\n"
        stream += (f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items())
    subprocess.run(["git", "init", "--quiet", "--bare", str(place)], env=git_environment(), check=True)
    command = ["git", "fast-import", "--quiet", "--done"]
    subprocess.run(command, cwd=place, env=git_environment(), input="".join([*stream, "done\n"]).encode(), check=True)


def timed(command: list[str], more: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Seconds that a command takes, and those of the processor that it and what it starts use."""
    begun = perf_counter()
    environ = {**os.environ, **(more or {})}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return perf_counter() - begun, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
