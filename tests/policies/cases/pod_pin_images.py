"""Cases of pod-pin-images: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("image", "postgres"),
        pod("image", "a/b:latest"),
        pod("image", "localhost:5000/b"),
        pod("image", UNSET),
        pod("image", ""),
        pod("image", 0),
        pod(initContainers=[{**pod()["containers"][0], "image": "a"}]),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good) for good in (pod("image", "a/b@sha256:" + "0" * 64), pod("image", "localhost:5000/b:1"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [(*DEPLOYMENT, one) for one in (pod("image", UNKNOWN),)]
SAYS = [
    (
        *DEPLOYMENT,
        pod("image", "postgres"),
        "spec.template.spec.containers[0].image is postgres; allowed: a name with a version,",
    )
]
FIRES += [
    (*DEPLOYMENT, pod("image", "localhost:5000/a/b")),
    ("Pod:shell", "", {"metadata": {"namespace": "fashion-wallet"}, "spec": pod("image", "postgres")}),
]
PASSES += [(*DEPLOYMENT, pod("image", "localhost:5000/a/b:1@sha256:" + "0" * 64))]
