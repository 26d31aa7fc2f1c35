"""The tags of everything taggable in the cloud: whose it is, what it is part of, and whether data is in it."""

from settings.cloud.tags import TagSettings

__all__ = ["PROJECT", "tags"]

PROJECT = "fashion-wallet"


def tags(stack: str, settings: TagSettings, *, component: str, data: bool = False) -> dict[str, str]:
    """Return the tags of one resource of `component`; `data` says that it holds data of users or copies of it."""
    return {
        "Project": PROJECT,
        "Stack": stack,
        "Component": component,
        "ManagedBy": "pulumi",
        "Owner": settings.owner,
        "CostCenter": settings.cost_center,
        "HoldsData": "true" if data else "false",
    }
