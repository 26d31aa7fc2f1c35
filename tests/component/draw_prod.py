"""The graph of stack prod as the engine would export it, and the file of its picture.

`python -m tests.component.draw_prod` draws docs/explanation/prod.svg anew.
"""

from pathlib import Path
from typing import Any

from rehearsal.diagram import Drawing
from tests.component.test_cloud_layer import prod

__all__ = ["PICTURE", "drawing", "resources"]

PICTURE = Path(__file__).parents[2] / "docs" / "explanation" / "prod.svg"


def resources() -> list[dict[str, Any]]:
    """Return what `stack export` has of each resource."""
    return [
        {
            "urn": node.urn,
            "type": node.type,
            "custom": node.custom,
            "inputs": node.plain,
            "dependencies": sorted(node.dependencies),
            "provider": node.provider,
        }
        for node in prod().nodes.values()
    ]


def drawing() -> Drawing:
    """Return the picture of stack prod as its settings are."""
    return Drawing(resources())


if __name__ == "__main__":
    PICTURE.write_text(drawing().svg(), encoding="utf-8")
