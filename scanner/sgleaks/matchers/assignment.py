"""How files give a value to a name: in dotenv, INI, YAML, JSON, XML, a shell, a Dockerfile, or a programming language.

A rule says which names it means; this module knows what may stand between a name and its value, and where a value
ends. Every repeat is bounded, and what follows the name is looked at only where the name was found, so that a search
takes time in proportion to the data.
"""

from __future__ import annotations

import re

# Files in whose language a value without quotes is an expression, never the text itself.
CODE = re.compile(
    r"(?i)\.(?:bicep|c|cc|clj|cpp|cs|cxx|dart|erl|ex|exs|fs|go|gradle|groovy|h|hcl|hpp|java|jl|js|jsx|kt|kts|lua|m|mjs"
    r"|cjs|mm|php|phtml|pl|pm|ps1|psm1|py|pyi|r|rb|rs|scala|sol|svelte|swift|tf|tfvars|ts|tsx|vb|vue)\Z"
)
# The groups of a value without quotes: they count outside of code only.
UNQUOTED = ("default", "shell", "plain")

# Verbose syntax, for bytes. `name` is put in front; groups close in the order in which they stand.
_VALUE = r"""
(?:
    # ${NAME:-value}   name: ${OTHER:value}
    (?: \\{0,3}["'`]? \]? [ \t]{0,40} (?:=>|[:=]) \s{0,40} ["']? \$\{[\w.]{1,80} )?
    : [=-]? (?P<default>[^\s{}$"'`?=-][^\s{}$"'`]{0,199}) \}
  |
    # "name": "value"   name => 'value'   ['name'] = "value"   name: str = "value"   NAME="value"   name || 'value'
    (?: \\{0,3}["'`]? \]? \)? [ \t]{0,40}
        (?: :[ \t]{0,3}[A-Za-z][\w?.\[\]]{0,30}[ \t]{0,3}= | =>|:=|:-|<-|\|\||\?\?|\bor\b | =(?![=~>]) | :(?![:?/]) )
        \s{0,40} (?: \{ \s{0,40} \\{0,3}["'](?:default)?value\\{0,3}["'] \s{0,9}:\s{0,9} )?  # ARM templates
        (?: [\[(]{1,2}\s{0,40} | \{\s{0,9}(?=["'][^"'\r\n]{1,200}["']\s{0,9}\}) )?
    # {"name": "NAME", "value": "value"}   - name: NAME, then value: 'value'
    | \\{0,3}["']? (?: ,\s{0,80} | [ \t]{0,9}\r?\n[ \t]{0,40} ) \\{0,3}["']?value\\{0,3}["']? [ \t]{0,9}[:=]\s{0,40}
    # put("name", "value")   {"name", "value"}   get('NAME', default='value')
    | \\{0,3}["'] \s{0,9},\s{0,40} (?: default\s{0,4}=\s{0,4} )?
    # <add key="name" value="value"/>
    | \\{0,3}["'] \s{1,40} value\s{0,4}=\s{0,4}
    # setName("value")
    | \([ \t]{0,9}
    )
    [bfruL@$]{0,2} (?P<quote>\\{0,3}(?:"|'|`)) (?P<quoted>(?:(?!(?P=quote))[^\r\n]){1,200}) (?P=quote)
  |
    # <name>value</name>   <string name="name">value</string>   <key>name</key> <string>value</string>
    (?: (?: ["'][^<>\r\n]{0,60} )? > | </[\w.]{1,20}>\s{0,40}<[\w.]{1,20}> ) (?P<element>[^<>\r\n]{1,200}) </
  |
    # NAME=value in a shell, a dotenv file or a query
    \\{0,3}["']? = (?P<shell>[^\s"'`\\<>]{1,200}?)
    (?= [,;)}\]]{0,3}(?:[\s"'`\\<>]|\Z) | [&;,][\w.-]{1,40}= )
  |
    # name: value and name = value, up to the end of the line, a comment, or the next name
    (?: \\{0,3}["']? [ \t]{0,40} (?:=>|[:=]) [ \t]{1,40}
      | [ \t]{0,9}\r?\n[ \t]{0,40} value[ \t]{0,9}: [ \t]{1,40} )
    (?P<plain>[^\s"'`\\<>,]{1,200}?)
    (?= [,;)}\]]{0,3} (?: [ \t]{0,40}(?:\r?$|\Z) | [ \t]{1,40}(?:[#\\;]|//|&&|-->) | ["'`\\<] ) | ,\s | [ \t]?\} )
)
"""


def assignment(name: str) -> str:
    """The pattern (verbose, for bytes) of a value given to ``name``, itself a pattern that ends where the name ends.

    The group ``name`` holds the name; the value is the group that took part last: ``quoted``, ``element``, or one of
    ``UNQUOTED``.
    """
    return f"(?P<name>{name}){_VALUE}"
