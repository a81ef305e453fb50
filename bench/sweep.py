"""Measures a sweep of many small repositories on this machine, and kingfisher called once for each, in turns.

    python bench/sweep.py --repositories 1000 --folder FOLDER [--tools DIR] [--sample 100]

Repositories are made in FOLDER once. kingfisher is called for a sample of them, one after the other, with its rules for
SendGrid alone and compiled before; its time is told for all of them.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from forge import bare
from keys import key

RULES = ("--rule", "betterleaks.sendgrid-api-token", "--rule", "veles.secrets/sendgrid")
FILES, CHARACTERS = 10, 3000  # of a repository
EVERY = 5  # one in so many holds a key


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    places = made(asked.folder / "clones", asked.repositories)
    state = asked.folder / "state.sqlite"
    sweep = [sys.executable, "-m", "sgleaks", "sweep", str(asked.folder / "clones"), "--no-config", "-q"]
    sweep += ["--state", str(state), "--format", f"json:{asked.folder / 'report.json'}"]
    for number in range(1, asked.rounds + 1):
        state.unlink(missing_ok=True)
        print(f"round {number}: first sweep {timed(sweep):.1f} s, second {timed(sweep):.1f} s")
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
            seconds = sum(timed([*scan, str(place)]) for place in sample) / len(sample) * len(places)
            print(f"round {number}: kingfisher {seconds:.1f} s, from {len(sample)} of them")


def made(folder: Path, count: int) -> list[Path]:
    """Repositories with one pack each."""
    rng = random.Random(1)
    places = []
    for number in range(count):
        place = folder / f"r{number}.git"
        if not place.exists():
            files = {f"src/f{each}.py": "".join(rng.choices("abcdefghij \n", k=CHARACTERS)) for each in range(FILES)}
            if number % EVERY == 0:
                files["mail.env"] = f"SENDGRID_API_KEY={key(number % 7)}\n"
            bare(folder, f"r{number}", files)
            subprocess.run(["git", "gc", "--quiet"], cwd=place, check=True)
        places.append(place)
    return places


def timed(command: list[str]) -> float:
    """Seconds that a command takes."""
    begun = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return perf_counter() - begun


if __name__ == "__main__":
    main()
