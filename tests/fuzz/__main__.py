"""``make fuzz``: looks for inputs that a target should not have failed on, led by what they reach (atheris).

Each target runs in a process of its own. What it fails on is kept in ``FOUND/``; mended, and without anything shaped
like a key, it belongs into ``corpus/TARGET/``, where every run of the tests tries it again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOUND = Path("fuzz-found")
INPUT_SECONDS = 20  # of one input, by the clock; a target itself allows less, of the processor


def main() -> int:
    """0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="names or beginnings of names; none: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--here", metavar="CORPUS", help=argparse.SUPPRESS)  # this process is the one of a target
    given, rest = parser.parse_known_args()
    if given.here:
        module, name = given.targets
        return _here(module, name, [given.here, *rest])
    return _all(given.targets, given.seconds)


def _all(wanted: list[str], seconds: int) -> int:
    from fuzz.targets import TARGETS

    names = [name for name in TARGETS if not wanted or name.startswith(tuple(wanted))]
    failed = 0
    print(f"{'target':24}{'executions':>12}{'a second':>10}{'reached':>10}  result")  # noqa: T201
    for name in names:
        row, good = _one(name, seconds)
        failed += not good
        print(row, flush=True)  # noqa: T201
    return 1 if failed else 0


def _one(name: str, seconds: int) -> tuple[str, bool]:
    from fuzz.targets import TARGETS, corpus, module_of

    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="sgleaks-fuzz-") as folder:
        for number, data in enumerate([*target.seeds(), *corpus(name).values()]):
            Path(folder, str(number)).write_bytes(data)
        place = FOUND / name
        place.mkdir(parents=True, exist_ok=True)
        options = [
            f"-max_total_time={seconds}", f"-max_len={target.longest}", f"-timeout={INPUT_SECONDS}",
            "-rss_limit_mb=3000", "-print_final_stats=1", f"-artifact_prefix={place}/", "-use_value_profile=1",
        ]  # fmt: skip
        command = [sys.executable, "-m", "fuzz", module_of(name), name, "--here", folder, *options]
        done = subprocess.run(command, capture_output=True, check=False)
    told = done.stderr.decode(errors="replace")
    runs = _number(r"stat::number_of_executed_units: *(\d+)", told)
    rate = _number(r"stat::average_exec_per_sec: *(\d+)", told)
    reached = max([int(found) for found in re.findall(r" cov: (\d+)", told)], default=0)
    good = done.returncode == 0
    if not good:
        (place / "said.txt").write_text(told[-20_000:] + done.stdout.decode(errors="replace")[-20_000:])
    result = "nothing new" if good else f"see {place}/said.txt"
    return f"{name:24}{runs:>12,}{rate:>10,}{reached:>10,}  {result}", good


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _here(module: str, name: str, options: list[str]) -> int:
    from importlib import import_module

    import atheris

    with atheris.instrument_imports(include=["sgleaks"]):  # so that nothing of it may have been imported before
        from fuzz.target import attempt

        target = import_module(module).TARGETS[name]
        for data in target.seeds():  # imports what a reader imports when it needs it
            attempt(target, data)
    atheris.Setup([sys.argv[0], *options], lambda data: attempt(target, data))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
