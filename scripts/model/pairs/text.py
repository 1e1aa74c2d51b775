"""What the makers of training pairs know about words and sentences."""

import re
import sys

STOP = frozenset(
    "a about above after again against all also although am among an and another any are as at be because been before "
    "being below between both but by can cannot could did do does doing down during each either etc even every few for "
    "from further had has have having he her here hers him his how however i if in instead into is it its itself just "
    "like made make makes many may me might more most much must my neither no nor not now of off often on once one only "
    "or other our out over own per rather same shall she should since so some such than that the their them then there "
    "therefore these they this those through thus to too under until up upon us use used using very via was we were "
    "what when where whether which while who whom whose why will with within without would you your yours known called "
    "include includes including several various two three first second new well see following".split()
)
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|St|Dr|Mr|Mrs|Ms|Prof|No|Jr|Sr|vs|etc|e\.g|i\.e|Inc|Ltd|Co|Fig|approx|al|ca)\.)$"
)
BOUNDARY = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[A-Z\"“(0-9])")
TOKEN = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]|\d{2,4}")
BOILERPLATE = re.compile(
    r"these resources address|table below includes|human phenotype ontology|medlineplus medical dictionary|"
    r"much of this information comes from orphanet|frequency of a sign or symptom is usually|approximate number of patients|"
    r"^(?:note|important|see also|for more information|learn more|copyright|all rights reserved)\b|"
    r"\bclick here\b|\bhttps?:|\bwww\.|learning objectives|by the end of this (?:section|chapter)|"
    r"you will be able to|this article has been|this page|this topic (?:describes|contains)|"
    r"^(?:return to|download|references? for|the following (?:table|list|code|example|sections?))\b",
    re.IGNORECASE,
)
GENERIC = frozenset(
    "what why how and the of to a in concepts case study scenario critical thinking review questions introduction "
    "summary overview conclusion references remarks example examples requirements see also syntax notes parameters "
    "return value description key terms chapter objectives learning background history discussion".split()
)
CITATION = re.compile(r"(?:[A-Z][\w-]+, (?:[A-Z]\.[ ,&]*)+){2}|https?://doi|\bdoi:")
CODE = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|_|::|[<>{}()\[\]=#\\/]|\.[a-z]|^-|[A-Z]{4,}")


def log(message):
    print(f"prepare: {message}", file=sys.stderr, flush=True)


def clean(text):
    return " ".join(text.split())


def join(title, text):
    return (title + " " + text).strip()


def sentences(text):
    """Sentences by punctuation; not after initials and common abbreviations."""
    parts, start = [], 0
    for match in BOUNDARY.finditer(text):
        if ABBREVIATION.search(text[start : match.start()]):
            continue
        parts.append(text[start : match.end()].strip())
        start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def lower_first(text):
    """`What is …` into `what is …`, as a search engine's users type: lower case, no final mark."""
    return text.lower().rstrip(" ?.!")
