"""The rules of a run: the built-in ones and the user's, which of them report, and their prepared searches.

Loaded when the first blob with an anchor needs them; most scans never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sgleaks.anchors import DEFAULT, MENTION, Anchor, mentions
from sgleaks.errors import ToolError, suggestion
from sgleaks.model import Match, Rule, View
from sgleaks.settings import Settings

if TYPE_CHECKING:
    from sgleaks.matchers import Find


READING = ("setting", "call", "predicate")  # matchers that look at what a file says


class Search:
    """A rule and its search, prepared when something first has one of the rule's anchors."""

    def __init__(self, rule: Rule, *, checked: bool) -> None:
        self.rule = rule
        self._checked = checked  # a built-in rule, which the tests have checked

    @cached_property
    def prepared(self) -> Find:
        """The search, whatever it is given. Raises ToolError naming the rule whose ``[match]`` is wrong."""
        from sgleaks.matchers import prepare

        return prepare(self.rule, checked=self._checked)

    def find(self, view: View) -> Iterator[Match]:
        """What the rule finds in a view. Raises Unparsed where it asks what a file says that is too large for that."""
        if self.rule.match["matcher"] in READING:
            from sgleaks.matchers.file import may_hit

            if not may_hit(self.rule, view):
                return
        yield from self.prepared(view)


class Ruleset:
    """The rules that ``settings`` ask for, or just ``rules``, by id.

    ``scope`` is what they look at: a whole ``tree``, the ``changes`` of commits, or a ``history``. Raises ToolError, at
    once where the user named rules or folders of them.
    """

    def __init__(
        self,
        settings: Settings,
        rules: Mapping[str, Rule] | None = None,
        scope: Literal["tree", "changes", "history"] = "tree",
    ) -> None:
        self._settings = settings
        self._rules = rules
        self.scope = scope
        if settings.rules or settings.rule or settings.skip_rule:
            self._check()

    @cached_property
    def all(self) -> dict[str, Rule]:
        """Every rule by its id."""
        if self._rules is not None:
            return dict(self._rules)
        from sgleaks.rule import builtin_rules, load_folder

        rules = load_folder(builtin_rules(), examples=False)
        for name, rule in self._own.items():
            if name in rules:
                raise ToolError(f"rule {name}", "there is a built-in rule of this name", "give your file another name")
            rules[name] = rule
        return rules

    @cached_property
    def _own(self) -> dict[str, Rule]:
        """The rules that do not come with sgleaks."""
        from sgleaks.rule import load_folder

        own = dict(self._rules or {})
        for folder in self._settings.rules:
            for name, rule in load_folder(Path(folder)).items():
                if name in own:
                    raise ToolError(
                        f"{folder}: {name}.toml", "there is a rule of this name", "give the file another name"
                    )
                own[name] = rule
        return own

    @cached_property
    def searches(self) -> tuple[Search, ...]:
        """All rules on credentials, whether they report or not: what any of them finds is masked in the excerpts of
        others. And those on misconfiguration that report and speak of what is looked at."""
        chosen = (rule for rule in self.all.values() if rule.kind == "credentials" or self._applies(rule))
        return tuple(Search(rule, checked=rule.id not in self._own) for rule in chosen)

    @cached_property
    def credentials(self) -> Ruleset:
        """The rules on credentials alone."""
        only = {name: rule for name, rule in self.all.items() if rule.kind == "credentials"}
        ruleset = Ruleset(replace(self._settings, rules=(), rule=(), skip_rule=()), only, self.scope)
        ruleset.__dict__["searches"] = tuple(each for each in self.searches if each.rule.kind == "credentials")
        return ruleset

    @cached_property
    def asks_repository(self) -> bool:
        """Whether a rule asks what other files say, which is known of a whole tree only."""
        return self.scope == "tree" and any(each.rule.kind == "misconfiguration" for each in self.searches)

    @cached_property
    def active(self) -> frozenset[str]:
        """The ids of the rules that report and look at this."""
        return frozenset(each.rule.id for each in self.searches if self.reports(each.rule))

    @property
    def is_whole(self) -> bool:
        """Whether nothing was asked for that leaves rules out."""
        return not (self._settings.rule or self._settings.skip_rule or self._settings.only)

    @property
    def obeys_comments(self) -> bool:
        """Whether what is scanned may silence findings in itself."""
        return self._settings.inline_ignores

    def may_apply(self, data: bytes) -> bool:
        """Whether a rule on misconfiguration may find something in a file of which the name is not known yet."""
        rules = [each.rule for each in self.searches if each.rule.kind == "misconfiguration"]
        present = {anchor for anchor in {name for rule in rules for name in rule.anchors} if mentions(data, anchor)}
        if not present:
            return False
        lowered = data.lower()
        return any(present.intersection(rule.anchors) and _has_a_word(rule, lowered) for rule in rules)

    @cached_property
    def reads_any_file(self) -> bool:
        """Whether a rule on misconfiguration looks at bytes in no language, too, as one of a user may."""
        others = (each.rule for each in self.searches if each.rule.kind == "misconfiguration")
        return any(rule.match["matcher"] in ("key", "regex") for rule in others)

    def _applies(self, rule: Rule) -> bool:
        return self.reports(rule) and rule.scope != ("tree" if self.scope == "history" else "history")

    @cached_property
    def anchors(self) -> tuple[Anchor, ...]:
        """The literals to search: those of the decoders and built-in rules, and what the user's rules add."""
        return (*DEFAULT, *_further(self._own.values()))

    def _check(self) -> None:
        for name in (*self._settings.rule, *self._settings.skip_rule):
            if name not in self.all:
                near = suggestion(name, list(self.all))
                raise ToolError(f'rule "{name}"', f"there is no such rule{near}", "`sgleaks rules` lists them")
        for search in self.searches:
            _ = search.prepared

    @property
    def asked(self) -> tuple[Rule, ...]:
        """Those that report and speak of what is looked at, by id. Of the whole repository only a tree tells."""
        whole = self.scope == "tree"
        applying = (rule for rule in self.all.values() if self._applies(rule))
        return tuple(rule for rule in applying if whole or rule.match["matcher"] != "repository")

    def reports(self, rule: Rule) -> bool:
        """Whether the settings ask for a rule."""
        settings = self._settings
        if settings.rule:
            return rule.id in settings.rule and rule.id not in settings.skip_rule
        wanted = rule.default or settings.profile == "L3"
        if settings.profile == "L1" and rule.kind == "misconfiguration":
            wanted = wanted and rule.controls[0] not in self._beyond_baseline
        return wanted and rule.id not in settings.skip_rule and settings.only in (None, rule.kind)

    @cached_property
    def _beyond_baseline(self) -> frozenset[str]:
        """The controls of the guide that are not for everybody."""
        from sgleaks import guide

        return frozenset(control.id for control in guide.load().controls if control.level != "L1")


def _has_a_word(rule: Rule, lowered: bytes) -> bool:
    words = rule.match.get("words")
    return not isinstance(words, list) or any(word.lower().encode() in lowered for word in words)


def _further(rules: Iterable[Rule]) -> list[Anchor]:
    words = {anchor.lower().encode() for rule in rules for anchor in rule.anchors}
    return [Anchor(word, caseless=True) for word in sorted(words) if MENTION.literal not in word and word != b"sg."]
