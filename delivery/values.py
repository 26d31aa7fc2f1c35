"""Values as a comment may show them: short, and never a secret."""

import json
import re
from typing import Any, Final

__all__ = ["AS_DECLARED", "HIDDEN", "LATER", "conceals", "is_secret", "parsed", "scrubbed", "shown", "tells"]

HIDDEN: Final = "[secret]"
LATER: Final = "(known only after the update)"
AS_DECLARED: Final = "(as declared)"
_LONGEST: Final = 160

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"  # the engine's key for values that JSON has no type for
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN: Final = frozenset(
    (
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a truth value
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # a text, and whatever has no known type
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # a map
    )
)
# A second lock on the same door: a text that nobody marked as secret, under a name that says what it is.
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TELLING: Final = frozenset(("password", "passwd", "passphrase", "credential", "token", "secret"))
_TELLING_KEYS: Final = frozenset(("private", "api", "master", "access", "signing"))
_HARMLESS_END: Final = frozenset(("id", "arn", "name", "version"))
_CREDENTIALS: Final = re.compile(r"(\w[\w+.-]*://)[^\s/@:]*:[^\s/@]+@")
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)


def is_secret(value: Any) -> bool:
    """Whether the engine marked this very value as secret."""
    return value == HIDDEN or (isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET)


def conceals(value: Any) -> bool:
    """Whether a secret lies anywhere in the value, also in a document inside a text."""
    match value:
        case _ if is_secret(value):
            return True
        case dict():
            return any(conceals(inner) or tells(str(name), inner) for name, inner in value.items())
        case list():
            return any(map(conceals, value))
        case str() if (document := parsed(value)) is not value:
            return conceals(document)
    return False


def tells(name: str, value: Any) -> bool:
    """Whether a property's name says that its text is nobody's business."""
    if value is None or isinstance(value, bool | int | float) or value in ("", [], {}):
        return False
    for part in re.split(r"[.\[\]]", name):
        words = [word.lower().removesuffix("s") for word in _WORD.findall(part)]
        if not words or words[-1] in _HARMLESS_END:
            continue
        if not _TELLING.isdisjoint(words) or (words[-1] == "key" and not _TELLING_KEYS.isdisjoint(words)):
            return True
    return False


def parsed(value: Any) -> Any:
    """A document inside a text, such as a policy, as what it is; any other value as it is."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def scrubbed(text: str) -> str:
    """A message without the credentials that URLs and key files carry."""
    return _KEY_BLOCK.sub(HIDDEN, _CREDENTIALS.sub(rf"\1{HIDDEN}@", text))


def shown(value: Any) -> str:
    """A value in one short line."""
    if conceals(value):
        return HIDDEN
    if isinstance(value, str):
        text = value if value is AS_DECLARED else LATER if value in _UNKNOWN else json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict) and _SIGNATURE in value:
        text = "(a file)"
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        for unknown in _UNKNOWN:
            text = text.replace(f'"{unknown}"', LATER)
    text = scrubbed(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
