"""The file of authorities that sign the certificates of RDS and of RDS Proxy, on the machine that runs the update."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from settings.cloud.rds import RdsSettings
from settings.errors import SettingsError
from settings.home import home
from settings.problems import Problem

__all__ = ["Authorities", "rds_authorities"]

_DEFAULT = Path("certificates") / "rds-global-bundle.pem"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_BUNDLE = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


@dataclass(frozen=True, slots=True)
class Authorities:
    """Certificates that clients trust: where they are, and the same as text."""

    path: str
    pem: str


def rds_authorities(rds: RdsSettings) -> Authorities:
    """Read the file that `cloud.rds.caFile` names, or the default one below the project's home folder.

    Raises:
        SettingsError: there is no such file, or no certificate in it.
    """
    path = Path(rds.ca_file) if rds.ca_file else home(os.environ, root=os.geteuid() == 0) / _DEFAULT
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "is no text of certificates"
        raise _refused(path, f"cannot be read: {cause}") from None
    if not _CERTIFICATE.search(text):
        raise _refused(path, "has no certificate in it")
    return Authorities(str(path), text)


def _refused(path: Path, cause: str) -> SettingsError:
    problem = Problem(
        path="fashion-wallet:cloud.rds.caFile",
        cause=f"the authorities that sign RDS's certificates are not there: the file {cause}",
        got=str(path),
        allowed="a file of certificates in PEM",
        fix=f"download {_BUNDLE} to that path, with Amazon's root certificates added (docs/how-to/prod.md)",
    )
    return SettingsError((str(problem),))
