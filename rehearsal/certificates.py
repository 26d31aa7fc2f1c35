"""The certificates of a rehearsal: one authority, and one certificate for each address."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from localproc import pki
from localproc.layout import Owner
from rehearsal.files import secret_file

__all__ = ["Certificates"]

_VALIDITY = dt.timedelta(days=2)


@dataclass(frozen=True)
class Certificates:
    """An authority whose certificate lies in `folder`, readable by all."""

    folder: Path
    authority: pki.Authority

    @classmethod
    def make(cls, folder: Path) -> "Certificates":
        """Make the authority, and the folder."""
        folder.mkdir()
        made = cls(folder, pki.new_authority("Fashion Wallet rehearsal", _VALIDITY, dt.datetime.now(dt.UTC)))
        made.ca_file.write_text(made.authority.certificate, encoding="utf-8")
        return made

    @property
    def ca_file(self) -> Path:
        """The authority's certificate, PEM."""
        return self.folder / "ca.pem"

    def issue(self, name: str, address: str, folder: Path, owner: Owner | None = None) -> tuple[Path, Path]:
        """Certificate and key for a server at an address, as files that `owner` alone reads.

        MongoDB knows its members by organisation: the name's unit is the same for all.
        """
        issued = pki.issue(
            self.authority,
            name,
            organizational_unit="rehearsal",
            dns_names=["localhost"],
            ip_addresses=[address, "127.0.0.1"],
            validity=_VALIDITY,
            now=dt.datetime.now(dt.UTC),
        )
        return (
            secret_file(folder / f"{name}.crt", issued.certificate, owner),
            secret_file(folder / f"{name}.key", issued.key, owner),
        )
