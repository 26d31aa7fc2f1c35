"""The settings of Kubernetes: single values, and rules one case a row."""

from typing import Any

import pytest
from pydantic import ValidationError

from settings import TimescaleSettings
from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.kubernetes_checks import image_major
from settings.cloud.kubernetes_rules import KUBERNETES_PLACE_RULES, KubernetesPlace
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.rules import broken_rules

ZONES = {"eu-central-1a": "10.40.0.0/20", "eu-central-1b": "10.40.16.0/20", "eu-central-1c": "10.40.32.0/20"}
NETWORK = NetworkSettings(account_id="123456789012", region="eu-central-1", recovery_region="eu-west-1", subnets=ZONES)
ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF0123456789"
REQUIRED: dict[str, Any] = {
    "context": "prod",
    "oidcProviderArn": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}",
    "image": "ghcr.io/clevyr/cloudnativepg-timescale:17.2-ts2.18",
}


def kubernetes(**changes: Any) -> KubernetesSettings:
    return KubernetesSettings.model_validate({**REQUIRED, **changes}, by_alias=True, by_name=False)


def place(
    timescale: TimescaleSettings | None = None, network: NetworkSettings = NETWORK, **changes: Any
) -> KubernetesPlace:
    return KubernetesPlace(
        kubernetes=kubernetes(**changes),
        network=network,
        timescale=timescale or timescale_settings(),
        rds=RdsSettings(engine_version="17"),
    )


def timescale_settings(**changes: Any) -> TimescaleSettings:
    return TimescaleSettings(**{"timescaledb": "required", **changes})


def _elsewhere() -> KubernetesPlace:
    return place(oidcProviderArn=REQUIRED["oidcProviderArn"].replace("eu-central-1", "us-east-1"))


BROKEN = {
    "timescale.replicas": place(timescale_settings(replicas=3)),
    "timescale.timescaledb": place(timescale_settings(timescaledb="optional")),
    "timescale.major": place(timescale_settings(major=16)),
    "timescale.sharedBuffersMib": place(timescale_settings(shared_buffers_mib=4_097)),
    "cloud.kubernetes.oidcProviderArn": _elsewhere(),
    "cloud.kubernetes.jobs.postgresImage": place(jobs={"postgresImage": "ghcr.io/cloudnative-pg/postgresql:16.9"}),
}


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert set(BROKEN) == {rule.key for rule in KUBERNETES_PLACE_RULES}


@pytest.mark.parametrize("key", BROKEN)
def test_a_broken_rule_names_the_key_the_value_and_the_fix(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], KUBERNETES_PLACE_RULES, "fashion-wallet:")
    assert problem.path == f"fashion-wallet:{key}"
    assert problem.got
    assert problem.fix


@pytest.mark.parametrize(
    "right",
    [
        place(),
        place(timescale_settings(replicas=2, major=17, shared_buffers_mib=4_096)),
        # An issuer that is not EKS's says nothing about a region.
        place(oidcProviderArn="arn:aws:iam::123456789012:oidc-provider/oidc.example.com/one"),
    ],
)
def test_what_fits_breaks_no_rule(right: KubernetesPlace) -> None:
    assert list(broken_rules(right, KUBERNETES_PLACE_RULES, "")) == []


@pytest.mark.parametrize(
    "image, major",
    [
        ("ghcr.io/clevyr/cloudnativepg-timescale:17.2-ts2.18", 17),
        ("ghcr.io/clevyr/cloudnativepg-timescale:18-ts2@sha256:" + "a" * 64, 18),
        ("registry.example:5000/team/timescale:16", 16),
    ],
)
def test_the_major_version_is_read_off_the_images_tag(image: str, major: int) -> None:
    assert kubernetes(image=image).major == image_major(image) == major


@pytest.mark.parametrize(
    "key, value",
    [
        ("image", "ghcr.io/clevyr/cloudnativepg-timescale:latest"),
        ("image", "ghcr.io/clevyr/cloudnativepg-timescale"),
        ("image", "timescale:17"),
        ("image", "ghcr.io/clevyr/cloudnativepg-timescale:17@sha256:short"),
        ("administrator", "postgres"),
        ("administrator", "cnpg_admin"),
        ("administrator", "Admin"),
        ("hostNames", ["timescale"]),
        ("hostNames", ["10.40.0.1"]),
        ("hostNames", ["a.example.com", "a.example.com"]),
        ("oidcProviderArn", "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"),
        ("context", ""),
        ("namespace", "Fashion"),
        ("pooler", {"instances": 1}),
        ("volumes", {"iops": 100}),
        ("volumes", {"storageGb": 10}),
        ("jobs", {"transferImage": "aws-cli"}),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        kubernetes(**{key: value})


def test_the_issuer_is_the_providers_own_name() -> None:
    assert kubernetes().oidc_issuer == ISSUER
