"""Questions and answers of medquad, as people would put them."""

import re

from .text import BOILERPLATE, clean, sentences

PHENOTYPE_HEAD = re.compile(
    r"The Human Phenotype Ontology provides the following .*?"
    r"(?:Signs and Symptoms Approximate number of patients \(when available\)|$)"
)
PHENOTYPE_TAIL = re.compile(
    r"-? ?The Human Phenotype Ontology \(HPO\) has collected .*?"
    r"(?:information on frequency is available\.|$)"
)

TOPIC = re.compile(
    r"^(?:What I need to know about |What You Need to Know About |Your Guide to )", re.IGNORECASE
)
TEMPLATES = [
    # (pattern of the set's question, natural forms)
    (
        r"What is \(are\) (.+?)",
        [
            "what is {}",
            "What is {}?",
            "{}",
            "{} symptoms and causes",
            "{} overview",
            "{} definition",
            "what does {} mean",
            "{} disease information",
        ],
    ),
    (
        r"What are the symptoms of (.+?)",
        [
            "What are the symptoms of {}?",
            "{} symptoms",
            "signs of {}",
            "signs and symptoms of {}",
            "how do I know if I have {}",
        ],
    ),
    (
        r"What are the treatments for (.+?)",
        [
            "What are the treatments for {}?",
            "{} treatment",
            "how is {} treated",
            "treatment options for {}",
            "is there a cure for {}",
        ],
    ),
    (
        r"What are the genetic changes related to (.+?)",
        [
            "What are the genetic changes related to {}?",
            "{} gene",
            "{} genetic cause",
            "which gene mutation causes {}",
        ],
    ),
    (
        r"How many people are affected by (.+?)",
        [
            "How many people are affected by {}?",
            "how common is {}",
            "{} prevalence",
            "how rare is {}",
        ],
    ),
    (
        r"Is (.+?) inherited",
        [
            "Is {} inherited?",
            "{} inheritance",
            "is {} hereditary",
            "how is {} passed on in families",
        ],
    ),
    (r"What causes (.+?)", ["What causes {}?", "{} causes", "why do people get {}", "cause of {}"]),
    (
        r"How to diagnose (.+?)",
        ["How is {} diagnosed?", "{} diagnosis", "tests for {}", "how to diagnose {}"],
    ),
    (
        r"How to prevent (.+?)",
        ["How can {} be prevented?", "preventing {}", "{} prevention", "how to prevent {}"],
    ),
    (r"Who is at risk for (.+?)", ["Who is at risk for {}?", "{} risk factors", "who gets {}"]),
    (
        r"What is the outlook for (.+?)",
        ["What is the outlook for {}?", "{} prognosis", "{} life expectancy"],
    ),
    (
        r"What to do for (.+?)",
        ["What to do for {}?", "living with {}", "{} diet and lifestyle", "how to manage {}"],
    ),
    (
        r"what research \(or clinical trials\) is being done for (.+?)",
        ["What research is being done for {}?", "{} clinical trials", "{} research"],
    ),
    (
        r"Do you have information about (.+?)",
        ["information about {}", "{}", "what is {}", "facts about {}"],
    ),
    (
        r"What are the complications of (.+?)",
        ["What are the complications of {}?", "{} complications"],
    ),
    (r"What are the stages of (.+?)", ["What are the stages of {}?", "{} stages", "stage of {}"]),
]
TEMPLATES = [
    (re.compile("^" + pattern + r"\s*\??$", re.IGNORECASE), forms) for pattern, forms in TEMPLATES
]


def natural_medical(rng, question):
    """A question of medquad as people would put it."""
    for pattern, forms in TEMPLATES:
        match = pattern.match(question)
        if match:
            topic = TOPIC.sub("", clean(match.group(1)).rstrip("?: "))
            form = rng.choice([f for f in forms if f != "{}" or " " in topic])
            return form.format(topic)
    return re.sub(r"\s+\?", "?", question)


def phenotypes(text):
    """An answer that lists signs and symptoms out of a table: its own words, and the list as a
    sentence.
    """
    before, listed = PHENOTYPE_HEAD.split(text, maxsplit=1)
    listed = clean(re.sub(r"\b\d+ ?%|\b\d+/\d+\b", ",", PHENOTYPE_TAIL.sub("", listed)))
    listed = re.sub(r"\s*,", ",", listed).rstrip(" ,-")
    topic = re.match(r"What are the signs and symptoms of (.+?)\?", before)
    if len(listed.split()) < 8 or topic is None:
        return before
    return f"{before} Signs and symptoms of {topic.group(1)}: {listed}."


def medical_answer(text):
    """An answer of medquad without the question that it repeats and without its site's standing
    sentences.
    """
    text = clean(text)
    if PHENOTYPE_HEAD.search(text):
        text = phenotypes(text)
    parts = sentences(text)
    if parts and parts[0].endswith("?"):
        parts = parts[1:]
    return " ".join(part for part in parts if not BOILERPLATE.search(part))
