"""An interrupted training on disk, complete enough to go on to the same result."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file

from simgan.arrays import AnyFloatArray
from simgan.errors import TrainingError
from simgan.files import whole_folder, write_arrays
from simgan.stats.training.history import TrainingHistory


@dataclass
class TrainingState:
    """Where a training stands: stage, steps taken in it, history so far, and all arrays by name."""

    stage: int = 0
    step: int = 0
    seconds: float = 0.0
    history: TrainingHistory = field(default_factory=TrainingHistory)
    arrays: dict[str, AnyFloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A folder that holds at most one interrupted training, and the request that it belongs to."""

    folder: Path
    request: dict[str, object]

    def save(self, state: TrainingState) -> None:
        """Replace the content of the folder whole, or leave it."""
        facts = {
            "request": self.request,
            "stage": state.stage,
            "step": state.step,
            "seconds": state.seconds,
        }
        with whole_folder(self.folder) as folder:
            write_arrays(folder / "arrays.safetensors", state.arrays)
            (folder / "progress.json").write_text(
                json.dumps(facts | {"history": state.history.to_json()})
            )

    def load(self) -> TrainingState:
        """Read an interrupted training.

        Raises
        ------
        TrainingError
            There is none, it is damaged, or it was started with another request.
        """
        name = self.folder.name.removeprefix(".").removesuffix(".training")
        if not self.folder.is_dir():
            raise TrainingError(
                f"there is no interrupted fit of {name} to go on with; "
                "leave out --resume to start one"
            )
        try:
            facts = json.loads((self.folder / "progress.json").read_text())
            arrays = load_file(self.folder / "arrays.safetensors")
            history = TrainingHistory.from_json(facts["history"])
            state = TrainingState(
                int(facts["stage"]), int(facts["step"]), float(facts["seconds"]), history, arrays
            )
            request = dict(facts["request"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise TrainingError(
                f"the interrupted fit of {name} in {self.folder} is damaged ({error}); "
                "start again without --resume"
            ) from error
        self._refuse_other_request(name, request)
        return state

    def _refuse_other_request(self, name: str, saved: dict[str, object]) -> None:
        asked = json.loads(json.dumps(self.request))
        changed = sorted(
            key for key in saved.keys() | asked.keys() if saved.get(key) != asked.get(key)
        )
        if changed:
            raise TrainingError(
                f"the interrupted fit of {name} was started with another {' and '.join(changed)}; "
                "give the same options as then, or leave out --resume to start again"
            )
