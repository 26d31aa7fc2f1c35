"""Checks of single values of the document database's settings, as those in `checks.py`."""

import re

from settings.checks import scalar_text, text_of, wrong

__all__ = ["database_name", "member_name", "mongod_parameter", "parameter_text"]

_DATABASE = re.compile(r"[a-z][a-z0-9-]{0,62}")
_TAKEN_DATABASES = ("admin", "config", "local", "encryption", "walletdb")
_MEMBER = re.compile(r"mongodb-[1-5]")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LEAVE_OUT = "leave it out"
_REFUSED = {
    "authenticationMechanisms": "it decides who may log in, and how",
    "authorizationManagerCacheSize": "it belongs to how users are looked up",
    "clusterAuthMode": "members must know each other by their certificates",
    "disableNonTLSConnectionLogging": "it hides who connects without TLS",
    "enableLocalhostAuthBypass": "it would let anybody on the machine in",
    "enableTestCommands": "it opens commands that can destroy data",
    "failIndexKeyTooLong": "it lets documents escape an index",
    "shutdownTimeoutMillisForSignaledShutdown": "the supervisor counts on it",
    "skipShardingConfigurationChecks": "it hides that a member is not what it should be",
    "tlsMode": "every connection is encrypted (spec 6.2.1)",
    "tlsWithholdClientCertificate": "members prove who they are by their certificates",
}


def database_name(value: object) -> str:
    """Accept a kebab-case database name that MongoDB and this project do not use themselves (spec 4.2.1)."""
    text = text_of(value)
    if text in _TAKEN_DATABASES:
        raise wrong("is a name the servers or this project use themselves", "choose another name")
    if not _DATABASE.fullmatch(text):
        raise wrong("is no plain database name", "use small letters, digits and -, beginning with a letter")
    return text


def member_name(value: object) -> str:
    """Accept the name of a member with data."""
    text = text_of(value)
    if not _MEMBER.fullmatch(text):
        raise wrong(f"names {text!r}, which is no member", "write mongodb-1 to mongodb-5; an arbiter never leads")
    return text


def mongod_parameter(value: object) -> str:
    """Accept a name of `setParameter` that does not weaken the server; mongod itself judges it at preview."""
    text = text_of(value)
    if not _PARAMETER.fullmatch(text):
        raise wrong("is no name of a parameter", "write it as mongod does, say transactionLifetimeLimitSeconds")
    reason = next((why for name, why in _REFUSED.items() if name.lower() == text.lower()), "")
    if reason or text.lower().startswith(("ldap", "sasl", "opensslcipher", "failpoint")):
        raise wrong(f"may not be set here: {reason or 'it guards who may connect'}", _LEAVE_OUT)
    return text


def parameter_text(value: object) -> str:
    """Accept a text, number or boolean, and return it as mongod reads it."""
    return scalar_text(value, yes="true", no="false")
