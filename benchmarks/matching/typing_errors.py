"""What goes wrong between a mouth and a database: neighbouring keys, misread paper, misheard names."""

from __future__ import annotations

from random import Random

# every key and its neighbours
_KEYS = {
    word[0]: word[1:]
    for word in """qwa wqeas ewrsd retdf trfyg ytugh uyihj iuojk oipkl pol aqsz swedazx derfsxc frtgdcv gtyhfvb hyujgbn
    juikhnm kiojlm lopk zasx xzsdc cxdfv vcfgb bvghn nbhjm mnjk""".split()  # noqa: SIM905
}
_PAPER = [
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("l", "1"),
    ("o", "0"),
    ("i", "l"),
    ("e", "c"),
    ("vv", "w"),
    ("5", "S"),
]
_SOUND = [
    ("ph", "f"),
    ("ck", "k"),
    ("ie", "y"),
    ("y", "ie"),
    ("ey", "y"),
    ("ei", "ie"),
    ("th", "t"),
    ("ll", "l"),
    ("nn", "n"),
    ("tt", "t"),
    ("c", "k"),
    ("k", "c"),
    ("z", "s"),
    ("s", "ss"),
    ("v", "b"),
    ("sen", "son"),
    ("ah", "a"),
    ("an", "en"),
    ("er", "ar"),
    ("ai", "ay"),
    ("l", "ll"),
    ("n", "nn"),
]


def mistyped(word: str, luck: Random) -> str:
    """The word with one error of a kind; the same word if it is too short for one."""
    if len(word) < 3:
        return word
    kind = luck.random()
    if kind < 0.25:
        return _replaced(word, _SOUND, luck)
    if kind < 0.35:
        return _replaced(word, _PAPER, luck)
    place = luck.randrange(1, len(word) - 1)
    if kind < 0.55:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind < 0.75:
        return word[:place] + word[place + 1 :]
    near = luck.choice(_KEYS.get(word[place].lower(), word[place]))
    return word[:place] + near + word[place + (kind < 0.9) :]


def _replaced(word: str, pairs: list[tuple[str, str]], luck: Random) -> str:
    lower = word.lower()
    fitting = [(old, new) for old, new in pairs if old in lower[1:]]
    if not fitting:
        return word[:-1]
    old, new = luck.choice(fitting)
    place = lower.index(old, 1)
    return word[:place] + new + word[place + len(old) :]
