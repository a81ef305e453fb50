"""HTML, and the components of Vue and Svelte: their scripts, and their attributes and texts as strings."""

from __future__ import annotations

from sgleaks.syntax import javascript
from sgleaks.syntax.code import Walk
from sgleaks.syntax.facts import Block, Facts, Value
from sgleaks.syntax.tree import Node, root

TYPESCRIPT = frozenset({"ts", "tsx", "typescript", "text/typescript"})  # ``lang`` or ``type`` of a script


def read(data: bytes, language: str) -> Facts:
    """What a page or a component says."""
    block = Block((), 0, len(data))
    facts = Facts(language, data, [block])
    waiting = [root(data, "html")]
    while waiting:
        node = waiting.pop()
        if node.type == "script_element":
            _script(facts, node)
        if node.type in ("attribute_value", "text"):
            text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            facts.strings.append(Value("text", text, node.start_byte, node.end_byte))
        elif node.type == "comment":
            facts.comments.append((node.start_byte, node.end_byte))
        elif node.type != "style_element":
            waiting += reversed(node.named_children)
    return facts


def _script(facts: Facts, node: Node) -> None:
    language = "javascript"
    for child in node.named_children:
        if child.type == "start_tag":
            words = (child.text or b"").decode("utf-8", "replace").replace("'", '"').split('"')
            language = "typescript" if TYPESCRIPT.intersection(words) else language
        elif child.type == "raw_text":
            walk = Walk(facts, javascript.GRAMMAR, facts.roots[0])
            walk.run(root(facts.data, language, child.start_byte, child.end_byte))
