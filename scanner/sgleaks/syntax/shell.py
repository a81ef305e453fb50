"""Commands within other files: where a format says that a text is run by a shell."""

from __future__ import annotations

from sgleaks.syntax.draft import Draft
from sgleaks.syntax.facts import Block, Call, Value

# Keys whose texts, or lists of texts, services run as commands.
SCRIPTS = frozenset(
    ("run", "script", "before_script", "after_script", "bash", "inlineScript", "commands", "cmds", "cmd", "sh", "shell")
)
# Keys whose list is one command, word by word; their text is a command line.
EXECUTED = frozenset(("command", "entrypoint", "args"))


def commands(draft: Draft, start: int, end: int, block: Block) -> None:
    """Adds what a shell would do with the text between two offsets."""
    from sgleaks.syntax.bash import embed  # needed by few files, and its grammar is large

    embed(draft.facts, start, end, block)


def scripts(draft: Draft) -> None:
    """Adds the commands of all settings that are known to hold some."""
    for setting in [each for each in draft.facts.settings() if each.name in SCRIPTS or each.name in EXECUTED]:
        if setting.value.kind == "list" and setting.name in EXECUTED:
            executed(draft, setting.value.items, setting.block)
            continue
        for value in setting.value.items if setting.value.kind == "list" else (setting.value,):
            if value.kind in ("text", "template") and value.text:
                commands(draft, *_inside(draft, value), setting.block)


def executed(draft: Draft, words: tuple[Value, ...], block: Block) -> None:
    """Adds a command that is given as a list of words; of ``["sh", "-c", "…"]`` what the shell would do."""
    texts = [word.text for word in words]
    if (
        len(words) > 2
        and texts[0].rpartition("/")[2] in ("sh", "bash")
        and texts[1].startswith("-")
        and "c" in texts[1]
    ):
        commands(draft, *_inside(draft, words[2]), block)
    elif words:
        start, end = words[0].start, words[-1].end
        call = Call(texts[0], words[1:], Block((), start, end, block), start, end, block)
        draft.facts.calls.append(call)


def _inside(draft: Draft, value: Value) -> tuple[int, int]:
    """Where the text of a value stands, without its quotes or the header of a block scalar."""
    first = draft.data[value.start : value.start + 1]
    if first in (b"|", b">"):
        return draft.data.find(b"\n", value.start, value.end) + 1 or value.end, value.end
    quoted = first in (b'"', b"'") and value.end > value.start + 1
    return value.start + quoted, value.end - quoted
