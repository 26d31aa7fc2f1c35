"""The environment of a rehearsal: what engine and stand-ins are told, and nothing of the clouds of whoever runs it."""

import os
import shutil
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

__all__ = ["CREDENTIALS", "REGION", "clean", "engine_variables", "forget_clouds", "stand_in_variables"]

REGION = "eu-central-1"
"""Of whoever names no region; resources are made in the regions of the settings."""
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "rehearsal",
    "AWS_SECRET_ACCESS_KEY": "rehearsal",
    "AWS_DEFAULT_REGION": REGION,
    # No file of the caller's may add an endpoint, a role or a region, and nobody asks an instance's metadata.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "MONGODB_ATLAS_PUBLIC_KEY": "rehearsal",
    "MONGODB_ATLAS_PRIVATE_KEY": "00000000-0000-4000-8000-000000000000",
}
_FOREIGN = ("AWS_", "MONGODB_ATLAS_", "PULUMI_", "FASHION_WALLET_", "KUBE", "PG", "MOTO_", "PYTHON", "STACK")
_PROXIES = frozenset(("http_proxy", "https_proxy", "all_proxy", "ftp_proxy"))


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without whatever could lead to a real cloud or to another engine's state."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(_FOREIGN) and name.lower() not in _PROXIES and name != "SSL_CERT_FILE"
    }


def forget_clouds(environ: MutableMapping[str, str]) -> None:
    """Do the same to this process's own environment, which the libraries in it read."""
    for name in environ.keys() - clean(environ).keys():
        del environ[name]
    environ.update(CREDENTIALS)


def stand_in_variables(folder: Path, *, aws: str, kms: str, atlas: str) -> dict[str, str]:
    """What emulators and stand-ins are told."""
    return {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": aws,
        "AWS_ENDPOINT_URL_KMS": kms,  # the same account, by TLS
        "AWS_CA_BUNDLE": str(folder / "certificates" / "ca.pem"),
        "MONGODB_ATLAS_BASE_URL": atlas,
        "KUBECONFIG": str(folder / "kubeconfig"),
        "FASHION_WALLET_REHEARSAL": str(folder),
        # Atlas' certificates are of a public authority, which drivers find by themselves; here it is ours.
        "SSL_CERT_FILE": str(folder / "certificates" / "ca.pem"),
    }


def engine_variables(folder: Path) -> dict[str, str]:
    """What keeps this engine's state apart from every other: a backend, a home and a data folder of its own.

    The engine and the Python environment stay the project's, which finds them by links of its own.
    """
    state, pulumi, home = folder / "state", folder / "pulumi", folder / "home"
    for path in (state, pulumi, home / "certificates"):
        path.mkdir(parents=True, exist_ok=True)
    # Where the program looks for AWS' authorities of RDS.
    shutil.copyfile(folder / "certificates" / "ca.pem", home / "certificates" / "rds-global-bundle.pem")
    return {
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_HOME": str(pulumi),
        "FASHION_WALLET_HOME": str(home),
        "FASHION_WALLET_PYTHON": sys.executable,  # a copy of the policy pack has no environment beside it
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # it makes the engine take --event-log
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
