"""A file of authorities on the machine that runs the update."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from plugins.base.errors import ProviderError
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names

__all__ = ["CertificateFile"]

_BEGIN = "-----BEGIN CERTIFICATE-----"
_READABLE = 0o644  # certificates are no secret, and whoever connects must read them


class CertificateFile(Resource):
    """Certificates in PEM at a path. Another machine has no such file: its refresh finds that, its update writes it."""

    token = "walletdb:index:CertificateFile"

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        failures = []
        path, pem = news.get("path"), news.get("pem")
        if not isinstance(path, str) or not Path(path).is_absolute():
            failures.append(CheckFailure("path", f"got {path!r}, allowed is an absolute path"))
        if not contains_unknown(pem) and (not isinstance(pem, str) or _BEGIN not in pem or "PRIVATE KEY" in pem):
            failures.append(
                CheckFailure("pem", "has no certificate, or a private key; allowed are certificates in PEM")
            )
        return news, failures

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        changed = changed_names(old_inputs, news)
        drifted = ("pem",) if state.get("pem") != news.get("pem") and "pem" not in changed else ()
        return Diff(changes=(*changed, *drifted), replaces=("path",) if "path" in changed else ())

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        _write(inputs)
        return inputs["path"], inputs

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        _write(news)
        return news

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        try:
            text = Path(id_).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ProviderError(f"{id_} cannot be read: {error}; remove it, and the next update writes it") from error
        return id_, {**inputs, "pem": text}, {**state, "path": id_, "pem": text}

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        Path(id_).unlink(missing_ok=True)


def _write(inputs: Props) -> None:
    path = Path(inputs["path"])
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(inputs["pem"], encoding="utf-8")
        half.chmod(_READABLE)
        half.replace(path)
    except OSError as error:
        raise ProviderError(f"{path} cannot be written: {error}; free the path, then update again") from error
