"""Words of six languages to comparable terms: fold, split, stem, leave out what carries nothing.

Source: Snowball stemmers (Porter 2001, https://snowballstem.org) through PyStemmer; NFKC (UAX #15).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

import Stemmer

LANGUAGES = ("en", "zh-hans", "fr", "es", "ru", "ar")
MAX_CHARACTERS = 200_000  # beyond this a text is cut, so that a hostile one costs bounded time
MAX_WORD = 64

_SNOWBALL = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian", "ar": "arabic"}
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f\u3041-\u30ff"
_RUNS = re.compile(rf"([{_HAN}]+)|(\d+(?:[.,]\d+)+(?![^\W_])|[^\W_{_HAN}]+)")
_HAS_HAN = re.compile(rf"[{_HAN}]")
_INVISIBLE = "\u00ad\u0640\u064b-\u0652\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_DROP = re.compile(f"[{_INVISIBLE}]")
_FOLD = str.maketrans("أإآٱىةؤئё٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "ااااي\u0647وي\u0435" + "0123456789" * 2)

_STOP_WORDS = {
    "en": """
    a about above after again against all also am among an and any are as at be because been
    before being below between both but by can cannot could did do does doing done down during
    each either etc few for from further get had has have having he her here hers herself him
    himself his how however i if in into is it its itself just made make many may me might more
    most much must my no nor not now of off on once one only or other our ours out over own per
    same shall she should since so some such than that the their theirs them then there these
    they this those through thus to too under until up upon us use used using very via was we
    were what when where whether which while who whom whose why will with within without would
    yet you your yours s t""",
    "fr": """
    à afin ai ainsi alors après au aucun aussi autre autres aux avait avant avec avoir c ce ceci
    cela celle celles celui ces cet cette ceux chaque chez ci comme comment d dans de depuis des
    dont du déjà elle elles en encore entre est et eu eux font fait il ils j je jusqu l la le
    les leur leurs lors lorsque lui m ma mais me même mêmes moins mon n ne nos notre nous on ont
    ou où par pas pendant peu peut peuvent plus plusieurs pour pourquoi puis qu quand que quel
    quelle quelles quels qui quoi s sa sans se sera seront ses si sinon soit son sont sous sur t
    ta tandis te tel telle telles tels tes toi ton tous tout toute toutes très tu un une vers
    via vos votre vous y à été être étaient était étant combien lequel laquelle lesquels
    lesquelles""",
    "es": """
    a al algo alguna algunas alguno algunos ambos ante antes aquel aquella así aun aunque bajo
    bien cada casi como con contra cual cuales cualquier cuando cuya cuyo cómo de debe deben del
    desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos
    esta estaba estado están estar estas este esto estos está fue fueron ha haber había habían
    hace hacia han hasta hay he la las le les lo los me mediante mi mientras mis mismo mucho muy
    más ni no nos nosotros o os otra otras otro otros para pero poco por porque pues puede
    pueden que quien quienes qué se sea sean según ser será serán si sido sin sino sobre sola
    solo son su sus sólo tal tales también tan tanto te tiene tienen toda todas todo todos tras
    tu tus u un una unas uno unos usted y ya él cuál cuáles cuándo cuánta cuántas cuánto cuántos
    cuantas cuantos cuando dónde quién quiénes""",
    "ru": """
    а без более больше будет будут бы был была были было быть в вам вас весь во вот все всего
    всех всю вся вы где да даже для до его ее если есть еще же за здесь и из или им ими их к как
    какая какой каких когда кого который которая которое которые которых которого которой
    котором которую кто ли либо между меня мне может могут можно мы на над надо нам нас не него
    нее ней нет ни них но ну о об однако одна один он она они оно от перед по под после потом
    потому при про раз с сам свои своей свой своих себя со также так такая такие таких такой там
    те тем то того тоже той только том тот тут ты у уже хотя чего чей чем через что чтобы чьи
    чья эта эти этих это этого этой этом этот эту является являются я""",
    "ar": """
    في من الى إلى على عن مع هذا هذه ذلك تلك التي الذي الذين اللاتي اللذان ان أن إن كان كانت يكون
    تكون قد لقد لا لم لن ما ماذا هل هو هي هم هن نحن انا أنا انت أنت كل بعض غير بين حتى حيث اذا
    إذا إذ او أو ثم و ف ب ل ك أي اي كما لكن ليس ليست منذ عند عندما قبل بعد خلال حول دون ضد كذلك
    ايضا أيضا فيه فيها به بها له لها لهم منه منها عنه عنها عليه عليها اليه إليه إليها وهو وهي
    وهذا وهذه ومن وفي وعلى والتي والذي وقد ولا ولم وما بأن بان فإن هناك هنا لدى عدة اكثر أكثر
    اقل أقل مثل متى اين أين كيف كم لماذا لذلك مما عما يتم تم كلا نفس ذات سوف أما اما إنه انه أنه""",
    "zh-hans": """
    的 了 和 是 在 与 及 等 或 而 也 并 对 为 以 于 其 之 由 被 将 这 那 该 此 个 们 我
    你 他 她 它 您 吗 呢 吧 啊 着 过 把 从 到 向 但 若 则 且 所 者 又 再 就 都 很 更 最
    不 有 会 能 可 上 下 中 哪 什 么 何 谁 几 多 些 每 各 如 因 使 让 给 用""",
}


class Word(NamedTuple):
    """A run of the text: `term` (a stem, a number, or a whole Han run) as `surface` in the text."""

    term: str
    surface: str
    han: bool


def fold(text: str) -> str:
    """One spelling for what looks or reads alike: NFKC, casefold, Arabic letters, no marks."""
    if text.isascii():
        return text[:MAX_CHARACTERS].casefold()
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])[:MAX_CHARACTERS].casefold()
    return _DROP.sub("", text).translate(_FOLD)


STOP_WORDS = {
    language: frozenset(re.split(r"\s+", fold(words))) for language, words in _STOP_WORDS.items()
}
_STEMMERS = {language: Stemmer.Stemmer(name, 0) for language, name in _SNOWBALL.items()}
_STOP_HAN = STOP_WORDS["zh-hans"]
GRAMMAR_HAN = frozenset(
    "的了和是在与及等或而也为由于其之这那该此个们吗呢吧啊但若则且就很什么何谁几些每各"
)


_CODES = {
    "zh": "zh-hans", "zho": "zh-hans", "chi": "zh-hans", "cmn": "zh-hans", "yue": "zh-hans",
    "chinese": "zh-hans", "eng": "en", "english": "en", "fra": "fr", "fre": "fr", "french": "fr",
    "spa": "es", "spanish": "es", "rus": "ru", "russian": "ru", "ara": "ar", "arabic": "ar",
    **{language: language for language in _SNOWBALL},
}  # fmt: skip


@lru_cache(maxsize=1_000)
def _named(language: str) -> str:
    return _CODES.get(re.split(r"[-_ ]", language.strip().lower()[:40])[0], "")


def base_language(language: str) -> str:
    """`fr-CA` to `fr`, any Chinese to `zh-hans`, an unknown language to `en`."""
    return _named(language) or "en"


def language_of(language: str, text: str) -> str:
    """The language that is said, or the one whose letters the text is mostly written in."""
    if found := _named(language):
        return found
    seen = Counter(_writing(letter, "en") for letter in text[:2_000] if letter.isalpha())
    seen["zh-hans"] = 2 * len(_HAS_HAN.findall(text[:2_000]))  # a character says more than a letter
    return max(sorted(seen), key=lambda code: seen[code]) if any(seen.values()) else "en"


def _writing(word: str, language: str) -> str:
    """The language whose stemmer fits the letters of `word` inside a text in `language`."""
    letter = next((c for c in word if c.isalpha()), "")
    if "\u0400" <= letter <= "\u052f":
        return "ru"
    if "\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f":
        return "ar"
    return language if language in ("en", "fr", "es") else "en"


def _plain(word: str) -> str:
    """`word` without the accents of Latin letters; й and ё are letters of their own."""
    if word.isascii() or "\u0400" <= word[0] <= "\u06ff":
        return word
    kept = (c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return "".join(kept)


def _number(word: str) -> str:
    """One spelling of a number: 1,000 and 1.000 are 1000; 2,5 is 2.5."""
    parts = re.split(r"[.,]", word)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] != "0":
        return "".join(parts)
    return ".".join(parts)


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """The term of one folded word, or "" for a stop word."""
    if word[0].isdigit() and not any(c.isalpha() for c in word):
        return _number(word)
    writing = _writing(word, language)
    if word in STOP_WORDS[writing] or word in STOP_WORDS.get(language, ()):
        return ""
    stemmed: str = _STEMMERS[writing].stemWord(word[:MAX_WORD])
    return _plain(stemmed) or word


def words(text: str, language: str) -> Iterator[Word]:
    """The words of a text in order, stop words left out. Never raises for any `str`."""
    language = base_language(language)
    for match in _RUNS.finditer(fold(text)):
        han = match.group(1)
        if han:
            yield Word(han, han, True)
        else:
            surface = match.group(2)
            term = stem(surface, language)
            if term:
                yield Word(term, surface, False)


def units(text: str, language: str) -> list[str]:
    """Stems and single Han characters in order: what phrases are matched on."""
    found: list[str] = []
    for word in words(text, language):
        if word.han:
            found.extend(word.term)
        else:
            found.append(word.term)
    return found


def is_han(term: str) -> bool:
    """Is the term of Han (or kana) characters?"""
    return not term.isascii() and _HAS_HAN.match(term) is not None


def han_terms(run: str) -> Iterator[str]:
    """Unigrams and bigrams of a run of Han characters; characters of grammar carry nothing."""
    for character in run:
        if character not in _STOP_HAN:
            yield character
    for left, right in pairwise(run):
        if left not in _STOP_HAN or right not in _STOP_HAN:
            yield left + right


def analyse(text: str, language: str) -> dict[str, int]:
    """Terms of a text with their counts.

    Any string is safe: NUL, lone surrogates and bidi marks separate or vanish, and a text beyond
    200,000 characters is cut. An unknown language is read as English.
    """
    found: Counter[str] = Counter()
    for word in words(text, language):
        if word.han:
            found.update(han_terms(word.term))
        else:
            found[word.term] += 1
    return dict(found)


class Speller:
    """A vocabulary that finds words by their beginning and by near misses.

    Near misses share most pairs of letters, then have a small optimal string alignment distance
    (Damerau 1964, Levenshtein 1966): 1 from 4 letters on, 2 from 8 on.
    """

    MOST = 50

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._sorted = sorted(set(vocabulary))
        self._holding: dict[str, list[int]] | None = None

    def beginning(self, letters: str) -> list[str]:
        """Up to 50 words that begin with `letters` (folded)."""
        letters = fold(letters)
        start = bisect_left(self._sorted, letters)
        found: list[str] = []
        for word in islice(self._sorted, start, start + self.MOST):
            if not word.startswith(letters):
                break
            found.append(word)
        return found

    def near(self, word: str) -> list[tuple[str, int]]:
        """(word, distance) of up to 5 near misses, nearest first."""
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not allowed or len(word) > MAX_WORD:
            return []
        votes: Counter[int] = Counter()
        for pair in _pairs(word):
            votes.update(self._by_pair().get(pair, ()))
        found = []
        for number, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:300]:
            if abs(len(self._sorted[number]) - len(word)) <= allowed:
                steps = distance(word, self._sorted[number])
                if steps <= allowed:
                    found.append((self._sorted[number], steps))
        return sorted(found, key=lambda item: (item[1], item[0]))[:5]

    def _by_pair(self) -> dict[str, list[int]]:
        if self._holding is None:
            holding: dict[str, list[int]] = {}
            for number, word in enumerate(self._sorted):
                for pair in _pairs(word):
                    holding.setdefault(pair, []).append(number)
            self._holding = holding
        return self._holding


def _pairs(word: str) -> set[str]:
    return {a + b for a, b in pairwise(f"^{word}$")}


def distance(left: str, right: str) -> int:
    """Optimal string alignment: insertions, deletions, changes and swaps of neighbours."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            steps = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                steps = min(steps, before[j - 2] + 1)
            row.append(steps)
        before, above = above, row
    return above[-1]
