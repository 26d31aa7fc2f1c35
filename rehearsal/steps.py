"""What is rehearsed: the steps, what each proves, and in which order they run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rehearsal import lifecycle_steps, state_steps
from rehearsal.errors import RehearsalError
from rehearsal.rehearsing import Found, Rehearsing

__all__ = ["STEPS", "Step", "chosen"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        name: Its name on the command line.
        proves: What it is there to show.
        run: What it does; returns what was seen, or raises RehearsalError.
        needs: Steps without which it makes no sense.
    """

    name: str
    proves: str
    run: Callable[[Rehearsing], Found]
    needs: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step(
        name="stack",
        proves="a stack whose secrets a KMS key encrypts; the project's own settings file is not written to",
        run=lifecycle_steps.make_stack,
    ),
    Step(
        name="preview",
        proves="a preview of nothing, with everything that is not known yet, has no error and no violated policy",
        run=lifecycle_steps.preview_nothing,
        needs=("stack",),
    ),
    Step(
        name="interrupt",
        proves="an update that Ctrl-C ends, and one that is killed, can be gone on with",
        run=lifecycle_steps.interrupt,
        needs=("preview",),
    ),
    Step(
        name="up",
        proves="the whole stack comes up",
        run=lifecycle_steps.bring_up,
        needs=("stack",),
    ),
    Step(
        name="no-op",
        proves="a refresh finds no drift, and a second update changes nothing",
        run=lifecycle_steps.change_nothing,
        needs=("up",),
    ),
    Step(
        name="databases",
        proves="users, grants, collections and replication are real: seen by the stack's own URLs, over TLS",
        run=state_steps.look_inside,
        needs=("up",),
    ),
    Step(
        name="drift",
        proves="what was changed behind the engine's back is found, named, and mended",
        run=state_steps.drift,
        needs=("up",),
    ),
    Step(
        name="setting",
        proves="a changed setting changes resources where they are: none is replaced",
        run=state_steps.change_setting,
        needs=("up",),
    ),
    Step(
        name="replacement",
        proves="a change that would replace or delete what holds data fails the preview",
        run=state_steps.refuse_replacement,
        needs=("up",),
    ),
    Step(
        name="protected",
        proves="destroy is refused while the stack is protected, and touches nothing",
        run=lifecycle_steps.refuse_destroy,
        needs=("up",),
    ),
    Step(
        name="destroy",
        proves="once the settings allow it, all goes: AWS, Atlas and Kubernetes have nothing of ours left",
        run=lifecycle_steps.destroy,
        needs=("up",),
    ),
)


def chosen(only: Iterable[str]) -> list[Step]:
    """The steps that are asked for, with those that they need; all where none is.

    Raises:
        RehearsalError: There is no such step.
    """
    by_name = {step.name: step for step in STEPS}
    wanted = list(only) or list(by_name)
    if unknown := [name for name in wanted if name not in by_name]:
        raise RehearsalError(f"no such step: {', '.join(unknown)}; steps are {', '.join(by_name)}")
    needed: set[str] = set()
    while wanted:
        name = wanted.pop()
        needed.add(name)
        wanted += [need for need in by_name[name].needs if need not in needed]
    return [step for step in STEPS if step.name in needed]
