"""Rules that are data: which settings of which resources, or of which blocks, are wrong.

``[match]`` says where to look (``resources`` or ``blocks``), ``[[match.cases]]`` what is wrong there (``cases``).
"""

from __future__ import annotations

from collections.abc import Iterator

from sgleaks.matchers import Find
from sgleaks.matchers.cases import Case, Query, read
from sgleaks.matchers.file import File, Hit, on_files
from sgleaks.matchers.subjects.account import Resource, account_of, fits, has, head, is_true_of, literals, settings
from sgleaks.model import Condition, Rule
from sgleaks.syntax import Facts, Setting, Value


def prepare(rule: Rule, *, checked: bool = False) -> Find:
    """The rule's search. Raises ToolError naming the rule and the key of ``[match]`` that is wrong."""
    queries = [] if checked else [read(rule)]

    def look(file: File) -> Iterator[Hit]:
        if not queries:  # once, when the first file asks: most rules never look at a file
            queries.append(read(rule))
        return _look(queries[0], file)

    return on_files(rule, look)


def _look(query: Query, file: File) -> Iterator[Hit]:
    facts = file.facts
    for resource in _places(query, file):
        hits: dict[int, Hit] = {}
        for case in query.cases:
            for hit in _hits(case, resource, facts):
                hits.setdefault(hit.start, hit)
        found = sorted(hits.values(), key=lambda hit: hit.start)
        yield from found[:1] if query.once else found


def _places(query: Query, file: File) -> Iterator[Resource]:
    if query.blocks is None:
        yield from (each for each in account_of(file) if each.kind in query.resources)
        return
    for block in file.facts.blocks():
        if query.blocks.fullmatch(".".join(block.path)):
            yield Resource("", "block", "", "", block, True, *head(file.facts, block.start, block.end))


def _hits(case: Case, resource: Resource, facts: Facts) -> Iterator[Hit]:
    """Where a resource is wrong in the way of a case."""
    asked = _asked(case, resource) if _applies(case, resource, facts) else None
    if asked is None:
        return
    conditions, advice = asked

    def hit(start: int, end: int, text: str = "") -> Hit:
        mild = case.mild is not None and case.mild.fullmatch(text) is not None
        return Hit(start, end, case.note, case.confidence, advice or mild, None, conditions)

    given = [each for name in case.settings for each in settings(resource.block, name, facts)]
    for setting in given:
        found = _wrong(case, setting, resource, facts)
        if found:
            in_place = found is setting.value or not setting.start <= found.start < setting.end
            yield hit(setting.start if in_place else found.start, max(setting.start, found.end), found.text)
        elif case.absent and _is_empty(setting.value):
            yield hit(setting.start, setting.end)
    if not given and (not case.settings or (case.absent and _is_missing(case, resource, facts))):
        yield hit(resource.start, resource.end)


def _wrong(case: Case, setting: Setting, resource: Resource, facts: Facts) -> Value | None:
    """The first literal of a setting that is wrong."""
    if case.wrong is None:
        return None
    for value in literals(setting.value, facts, resource.block):
        if case.wrong.fullmatch(value.text) and not (case.fine and case.fine.fullmatch(value.text)):
            return value
    return None


def _is_missing(case: Case, resource: Resource, facts: Facts) -> bool:
    return resource.whole and not any(has(resource.block, name, facts) for name in case.settings)


def _is_empty(value: Value) -> bool:
    """Whether a value says no more than none would."""
    if value.kind == "list":
        return not value.items
    return value.kind == "null" or (value.kind == "text" and not value.text)


def _applies(case: Case, resource: Resource, facts: Facts) -> bool:
    if (case.via and resource.via not in case.via) or (case.resources and resource.kind not in case.resources):
        return False
    if resource.via == "request" and resource.method not in case.methods:
        return False
    return (
        all(fits(resource, name, pattern, facts) for name, pattern in case.where)
        and not any(fits(resource, name, pattern, facts) for name, pattern in case.unless)
        and all(has(resource.block, name, facts) for name in case.needs)
        and not any(has(resource.block, name, facts) for name in case.lacks)
    )


def _asked(case: Case, resource: Resource) -> tuple[tuple[Condition, ...], bool] | None:
    """What other files must say, and whether it is advice; None where the case is about other providers."""
    if not case.provider:
        return case.beside, case.advice
    fact = case.provider.removeprefix("not ")
    wanted = fact == case.provider
    mild = case.provider_unknown == "advice"
    if resource.provider:
        known = is_true_of(resource.provider, fact)
        return (case.beside, case.advice or known is None) if known is wanted or (known is None and mild) else None
    if resource.via != "terraform":
        return None
    right, wrong = (f"fact {fact}", f"no fact {fact}") if wanted else (f"no fact {fact}", f"fact {fact}")
    none_of = Condition((wrong,), "module", most=0)
    one_of = Condition((right,), "module", 1, otherwise="advice" if mild else "drop")
    return (*case.beside, none_of, one_of), case.advice
