"""The catalogues that a rule has places in: weaknesses, the hardening guide, and the standards the guide refers to.

Of the standards only the numbers are told: their texts are not free to copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sgleaks import guide
from sgleaks.formats import cwe
from sgleaks.guide import Control
from sgleaks.model import Rule


@dataclass(frozen=True, slots=True)
class Taxon:
    """A place in a catalogue; a title and a page where it has them."""

    id: str
    title: str = ""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A catalogue, and where in it a rule has its places. ``kind`` is what SARIF calls their relation."""

    name: str
    about: str
    organization: str | None
    version: str | None
    page: str | None
    kind: str
    of: Callable[[Rule], tuple[Taxon, ...]]

    def used(self, rules: Iterable[Rule]) -> list[Taxon]:
        """The places that any of the rules has, sorted."""
        return sorted({taxon for rule in rules for taxon in self.of(rule)}, key=_order)


def taxonomies(rules: Iterable[Rule]) -> tuple[Taxonomy, ...]:
    """Those in which one of the rules has a place."""
    rules, book = list(rules), guide.load()

    def through(places: Callable[[Control], tuple[Taxon, ...]]) -> Callable[[Rule], tuple[Taxon, ...]]:
        return lambda rule: tuple(dict.fromkeys(taxon for control in book.of(rule) for taxon in places(control)))

    known = (
        Taxonomy(
            "CWE",
            "Common Weakness Enumeration.",
            "MITRE",
            None,
            "https://cwe.mitre.org/",
            "superset",
            _weakness,
        ),
        Taxonomy(
            book.title,
            "Recommendations for SendGrid accounts.",
            None,
            book.version,
            None,
            "relevant",
            through(lambda control: (Taxon(control.id, control.title),)),
        ),
        Taxonomy(
            "CIS Controls",
            "CIS Critical Security Controls.",
            "Center for Internet Security",
            "8",
            "https://www.cisecurity.org/controls/v8",
            "relevant",
            through(lambda control: tuple(map(Taxon, control.cis))),
        ),
        Taxonomy(
            "NIST SP 800-53",
            "Security and Privacy Controls for Information Systems and Organizations.",
            "NIST",
            "5",
            "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
            "relevant",
            through(lambda control: tuple(map(Taxon, control.nist))),
        ),
        Taxonomy(
            "SOC 2",
            "Trust Services Criteria.",
            "AICPA",
            None,
            "https://www.aicpa-cima.com/resources/download/get-the-2017-trust-services-criteria",
            "relevant",
            through(lambda control: tuple(map(Taxon, control.soc2))),
        ),
    )
    return tuple(each for each in known if each.used(rules))


def _weakness(rule: Rule) -> tuple[Taxon, ...]:
    return (Taxon(cwe.name_of(rule.cwe), cwe.title_of(rule.cwe), cwe.page_of(rule.cwe)),) if rule.cwe else ()


def _order(taxon: Taxon) -> list[tuple[str, int]]:
    """By the numbers in its id: 3.11 after 3.2."""
    return [(word, int(number or 0)) for word, number in re.findall(r"(\D*)(\d*)", taxon.id)]
