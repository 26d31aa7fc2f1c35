"""Reads names of container images, and the pods that use them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.cloud import CRON_JOB, POD
from policies.rule import Resource
from policies.values import UNKNOWN, UNSET, at

__all__ = ["Container", "containers_of", "image_form", "pod_of", "tag_of"]

_IMAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,200}")
_LISTS: Final = ("initContainers", "containers")


def image_form(text: str) -> bool:
    """Whether a text is the name of an image."""
    return _IMAGE.fullmatch(text) is not None


def tag_of(image: str) -> str:
    """Return the tag of an image, empty where it has none; a port of the registry is no tag."""
    name = image.partition("@")[0]
    last = name.rpartition("/")[2]
    return last.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a pod: where it stands, what it says, and what the pod says for all."""

    where: str
    values: Any
    pod: Any

    def at(self, *path: str) -> Any:
        """Return a value of the container."""
        return at(self.values, *path)


def pod_of(resource: Resource) -> tuple[str, Any]:
    """Return the path and the spec of the pods of a workload."""
    path = {
        POD: ("spec",),
        CRON_JOB: ("spec", "jobTemplate", "spec", "template", "spec"),
    }.get(resource.type, ("spec", "template", "spec"))
    return ".".join(path), resource.at(*path)


def containers_of(resource: Resource) -> Iterator[Container]:
    """Yield the containers of a workload; one that is not known yet where the list is not, or is not there."""
    where, pod = pod_of(resource)
    for name in _LISTS:
        found = at(pod, name)
        if isinstance(found, list):
            for index, one in enumerate(found):
                yield Container(where=f"{where}.{name}[{index}]", values=one, pod=pod)
        elif found is UNKNOWN:
            yield Container(where=f"{where}.{name}", values=UNKNOWN, pod=pod)
        elif name == "containers" and found is UNSET:
            yield Container(where=f"{where}.{name}", values=UNSET, pod=pod)
