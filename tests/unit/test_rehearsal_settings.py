"""Prod's settings in a rehearsal: a copy, and variants of it; the project's own file stays as it is."""

from pathlib import Path

import pytest
import yaml

from rehearsal.errors import RehearsalError
from rehearsal.prod_settings import ProdSettings

SETTINGS = """# Comments stay.
secretsprovider: awskms://alias/state?region=eu-west-1
encryptedkey: AQIDAHh
config:
  fashion-wallet:substrate: cloud
  fashion-wallet:cloud:
    network:
      region: eu-central-1
      recoveryRegion: eu-west-1
    kubernetes:
      context: fashion-wallet-prod
"""


def copied(tmp_path: Path, text: str = SETTINGS) -> ProdSettings:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: fashion-wallet\n")
    (project / "Pulumi.prod.yaml").write_text(text)
    return ProdSettings.copy(project, tmp_path / "copy")


def test_the_copy_is_the_file_without_the_accounts_key(tmp_path: Path) -> None:
    settings = copied(tmp_path)
    assert settings.file.read_text() == SETTINGS.replace("encryptedkey: AQIDAHh\n", "")
    assert (tmp_path / "project" / "Pulumi.prod.yaml").read_text() == SETTINGS
    assert settings.context == "fashion-wallet-prod"
    assert settings.regions == ("eu-central-1", "eu-west-1")
    assert settings.state_key == ("alias/state", "eu-west-1")
    assert settings.get("cloud", "rds", "engineVersion", default="17") == "17"


def test_encrypted_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="has encrypted values"):
        copied(tmp_path, f"{SETTINGS}  fashion-wallet:x:\n    secure: v1:abc\n")


@pytest.mark.parametrize(
    "text,message,ask",
    [
        ("config: {}\n", "kubernetes.context is missing", "context"),
        ("config: {}\n", "needs region and recoveryRegion", "regions"),
        ("secretsprovider: passphrase\n", "awskms://alias", "state_key"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, message: str, ask: str) -> None:
    settings = copied(tmp_path, text)
    with pytest.raises(RehearsalError, match=message):
        getattr(settings, ask)


def test_a_variant_has_other_values_and_the_stacks_key(tmp_path: Path) -> None:
    settings = copied(tmp_path)
    with settings.file.open("a") as stream:
        stream.write("encryptedkey: of-the-rehearsal\n")
    changes = {
        ("protect",): False,
        ("cloud", "rds", "maxAllocatedStorageGib"): 700,
        ("cloud", "network", "region"): "eu-north-1",
    }
    found = yaml.safe_load(settings.variant("other", changes).read_text())
    assert found["encryptedkey"] == "of-the-rehearsal"
    assert found["config"]["fashion-wallet:protect"] is False
    cloud = found["config"]["fashion-wallet:cloud"]
    assert cloud["rds"] == {"maxAllocatedStorageGib": 700}
    assert cloud["network"] == {"region": "eu-north-1", "recoveryRegion": "eu-west-1"}
    assert settings.regions[0] == "eu-central-1", "the copy itself stays"
