"""The file of authorities that an update writes."""

from pathlib import Path

import pytest

from plugins.base.errors import ProviderError
from plugins.base.properties import UNKNOWN
from plugins.base.resource import Context
from plugins.walletdb.certificate_file import CertificateFile

CONTEXT = Context()
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_it_is_written_read_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "below" / "ca.pem"
    id_, state = CertificateFile().create("ca", {"path": str(path), "pem": PEM}, CONTEXT)
    assert path.read_text() == PEM
    assert path.stat().st_mode & 0o777 == 0o644
    assert CertificateFile().read(id_, state, state, CONTEXT) == (id_, state, state)
    CertificateFile().delete(id_, state, CONTEXT)
    assert not path.exists()
    CertificateFile().delete(id_, state, CONTEXT)


def test_what_somebody_changed_is_found_and_written_again(tmp_path: Path) -> None:
    inputs = {"path": str(tmp_path / "ca.pem"), "pem": PEM}
    id_, state = CertificateFile().create("ca", inputs, CONTEXT)
    Path(id_).write_text("something else")
    found = CertificateFile().read(id_, state, state, CONTEXT)
    assert found is not None
    assert CertificateFile().diff(id_, found[2], found[1], inputs, CONTEXT).changes == ("pem",)
    CertificateFile().update(id_, found[2], inputs, CONTEXT)
    assert Path(id_).read_text() == PEM


def test_a_machine_without_the_file_makes_it_anew(tmp_path: Path) -> None:
    assert CertificateFile().read(str(tmp_path / "no"), {}, {}, CONTEXT) is None


def test_another_path_is_another_file(tmp_path: Path) -> None:
    old, new = {"path": "/a", "pem": PEM}, {"path": "/b", "pem": PEM}
    assert CertificateFile().diff("/a", old, old, new, CONTEXT).replaces == ("path",)


@pytest.mark.parametrize(
    "inputs,wrong",
    [
        ({"path": "ca.pem", "pem": PEM}, "path"),
        ({"path": None, "pem": PEM}, "path"),
        ({"path": "/ca.pem", "pem": ""}, "pem"),
        ({"path": "/ca.pem", "pem": PEM + "-----BEGIN PRIVATE KEY-----"}, "pem"),
    ],
)
def test_what_is_no_certificate_at_a_path_is_refused(inputs: dict[str, object], wrong: str) -> None:
    assert [failure.property for failure in CertificateFile().check({}, dict(inputs), CONTEXT)[1]] == [wrong]


def test_a_preview_need_not_know_the_text() -> None:
    assert CertificateFile().check({}, {"path": "/ca.pem", "pem": UNKNOWN}, CONTEXT)[1] == []


def test_a_path_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProviderError, match="cannot be written"):
        CertificateFile().create("ca", {"path": str(tmp_path / "file" / "ca.pem"), "pem": PEM}, CONTEXT)
