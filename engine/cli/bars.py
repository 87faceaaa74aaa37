"""A run on a terminal: one bar per running step, finished steps as lines above."""

from __future__ import annotations

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from engine.cli.console import Console, describe, printable, progress_text
from engine.events import Event, StepDone, StepFailed, StepProgress, StepStarted

_STYLES = {"cached": "dim", "done": "green", "failed": "bold red", "skipped": "yellow"}


class Bars:
    """Shows a run with rich."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeElapsedColumn(),
            console=RichConsole(file=console.out),
            transient=True,
        )

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, StepStarted):
            self._tasks[event.step] = self._progress.add_task(event.step, total=None, figures="")
        elif isinstance(event, StepProgress):
            figures = progress_text(event)
            task = self._tasks[event.step]
            self._progress.update(task, completed=event.done, total=event.total, figures=figures)
        elif isinstance(event, StepDone | StepFailed) and event.step in self._tasks:
            self._progress.remove_task(self._tasks.pop(event.step))
        if text := describe(event, self._console.debug):
            style = _STYLES.get(text.split(maxsplit=1)[0], "")
            self._progress.console.print(Text(printable(text), style), soft_wrap=True)
