"""Starts the policy pack. Only this file calls `PolicyPack`, which serves the engine and never returns."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

# The engine starts this folder as a program, so the project's root is not on the path by itself.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.crossguard import policy_of
from policies.registry import RULES

_PARENT_POLL_S = 1.0


def _end_with_parent(parent: int) -> None:
    """End this process when the engine has died: a killed engine cannot stop its plugins, and nobody else would."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_S)
    os._exit(0)


# The engine ends its plugins with SIGINT. The pack holds nothing, so it may go at once, also while it starts.
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
parent = int(os.environ.get("FASHION_WALLET_PACK_PARENT") or os.getppid())
threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
PolicyPack(
    name="fashion-wallet",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[policy_of(rule) for rule in RULES],
)
