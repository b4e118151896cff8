"""What is said to people, by language: a module of tables for each, looked up here. English is the original."""

from softcert_sim.words import en, zh
from softcert_sim.words.language import Language

LANGUAGES: dict[str, Language] = {"en": en.ENGLISH, "zh": zh.CHINESE}


def language(lang: str) -> Language:
    """The tables of a language. Raises KeyError for one that is not here."""
    return LANGUAGES[lang]
