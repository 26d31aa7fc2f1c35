"""A test that has to be alone is alone, and is not kept waiting for ever by those that go in together."""

import fcntl
import threading
import time
from pathlib import Path

from tests.fixtures.turnstile import turnstile

PATIENCE_S = 10.0


def _held(path: Path) -> bool:
    """Whether somebody stands there."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_who_is_alone_waits_for_the_others_and_they_wait_for_it(tmp_path: Path) -> None:
    said: list[str] = []
    first_may_go = threading.Event()

    def together(name: str, may_go: threading.Event | None = None) -> threading.Thread:
        def work() -> None:
            with turnstile(tmp_path, alone=False):
                said.append(f"{name} in")
                if may_go is not None:
                    may_go.wait(PATIENCE_S)
                said.append(f"{name} out")

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def alone() -> None:
        with turnstile(tmp_path, alone=True):
            said.append("alone in")
            time.sleep(0.2)
            said.append("alone out")

    first = together("first", first_may_go)
    while not said:
        time.sleep(0.01)
    second = together("second")  # Those that go in together do not wait for each other.
    second.join(PATIENCE_S)
    single = threading.Thread(target=alone)
    single.start()
    while not _held(tmp_path / "entrance"):
        time.sleep(0.01)
    third = together("third")  # Comes after the one that waits, and so goes in after it.
    first_may_go.set()
    for thread in (first, single, third):
        thread.join(PATIENCE_S)
    assert said == [
        "first in",
        "second in",
        "second out",
        "first out",
        "alone in",
        "alone out",
        "third in",
        "third out",
    ]
