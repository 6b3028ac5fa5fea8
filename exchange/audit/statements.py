"""What a statement names, from its text alone: its kind, and which views of the partner's own.

Somebody may write a statement so as to hide what it reads: quoted names, escapes, comments, both readings of a
backslash in a literal. So names are looked for in every way the server may read the text, and one too many is listed
rather than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# reading a text in all its ways takes time, and its length is the client's to choose
LONGEST_READ = 100_000
_COMMENT_ENDS = re.compile(r"/\*|\*/")
_WORD = re.compile(r"[^\W\d][\w$]*")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_ESCAPED = re.compile(r'u&"((?:[^"]|"")*)"', re.IGNORECASE)
_QUERIES = ("with", "table", "values", "(")
# first words that are kept as they are: any other may be a word of the text, which is not kept
_KINDS = re.compile(
    r"select|copy|explain|prepare|execute|deallocate|declare|fetch|move|close|begin|start|commit|end|rollback|abort"
    r"|savepoint|release|set|reset|show|discard|listen|notify|unlisten|insert|update|delete|merge|truncate|create|alter"
    r"|drop|grant|revoke|comment|do|call|lock|refresh|vacuum|analyze|cluster|reindex|checkpoint|load|security|import"
)


def relations(text: str, own: frozenset[str]) -> list[str]:
    """The names of `own` that the statement mentions outside literals and comments; sorted."""
    if len(text) > LONGEST_READ:
        return relations_anywhere(text, own)
    found = {word for word in words(text) if word in own}
    if "\\" in text:
        # standard_conforming_strings is the client's to set, and moves the ends of literals
        found |= {word for word in words(text, backslash_escapes=True) if word in own}
    found |= {name for name in _escaped_names(text) if name in own}
    return sorted(found)


def relations_anywhere(text: str, own: frozenset[str]) -> list[str]:
    """The names of `own` that stand anywhere in the text, be it in a literal or a comment; sorted."""
    if 'u&"' in text.lower():
        return sorted(own)
    return sorted({word.lower() for word in _WORD.findall(text)} & own)


def kind(text: str) -> str:
    """The first word: `select` for every query, `other` for what is no command."""
    first = next(tokens(text), "")
    if first in _QUERIES:
        return "select"
    return first if _KINDS.fullmatch(first) else "other"


def words(text: str, *, backslash_escapes: bool = False) -> Iterator[str]:
    """Names and keywords, as the server folds them."""
    return (token for token in tokens(text, backslash_escapes=backslash_escapes) if token not in "();,")


def tokens(text: str, *, backslash_escapes: bool = False) -> Iterator[str]:
    """Words in lower case, quoted names as they are, and single other characters; no literals and comments."""
    at, end = 0, len(text)
    while at < end:
        character = text[at]
        if character.isspace():
            at += 1
        elif text.startswith("--", at):
            at = _line_end(text, at)
        elif text.startswith("/*", at):
            at = _comment_end(text, at)
        elif character == "'":
            at = _literal_end(text, at, backslash_escapes)
        elif character == '"':
            name, at = _quoted(text, at)
            yield name
        elif character == "$" and (tag := _DOLLAR.match(text, at)):
            closing = text.find(tag.group(), tag.end())
            at = end if closing < 0 else closing + len(tag.group())
        elif word := _WORD.match(text, at):
            at = word.end()
            if word.group().lower() == "e" and text.startswith("'", at):
                at = _literal_end(text, at, backslash_escapes=True)
            else:
                yield word.group().lower()
        else:
            at += 1
            yield character


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"[\r\n]").search(text, at)
    return len(text) if found is None else found.end()


def _comment_end(text: str, at: int) -> int:
    depth = 0
    for mark in _COMMENT_ENDS.finditer(text, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def _literal_end(text: str, at: int, backslash_escapes: bool) -> int:
    at += 1
    while at < len(text):
        if (text[at] == "\\" and backslash_escapes) or text.startswith("''", at):
            at += 2
        elif text[at] == "'":
            return at + 1
        else:
            at += 1
    return at


def _quoted(text: str, at: int) -> tuple[str, int]:
    name = re.compile(r'"((?:[^"]|"")*)("|$)').match(text, at)
    assert name is not None, "it begins with a quote"
    return name.group(1).replace('""', '"'), name.end()


def _escaped_names(text: str) -> Iterator[str]:
    """U&"…" names, read with every character as the escape that UESCAPE could make one."""
    for match in _ESCAPED.finditer(text):
        name = match.group(1)
        for escape in {character for character in name if not character.isalnum()}:
            code = re.compile(re.escape(escape) + r"(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))")
            yield code.sub(lambda found: chr(int(found.group(1) or found.group(2), 16) % 0x110000), name)
