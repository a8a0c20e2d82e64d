"""Does a passage entail a statement? Probabilities from a cross-encoder that was trained for inference (NLI)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.errors import LabError, ModelError
from lab.models import ModelClock, ModelFiles, choose_hardware, quiet_libraries

ENTAILMENT = "entailment"

Pairs = Sequence[tuple[str, str]]


def entailment_scores(pairs: Pairs, files: ModelFiles, clock: ModelClock) -> list[float]:
    """Probability in [0, 1] that the premise entails the hypothesis, for each (premise, hypothesis), in order.

    A premise is a passage; a hypothesis is the question followed by the answer. A pair that is longer than the model
    reads loses the end of its longer text. No pair: the model is not loaded.

    Raises:
        ModelError: the folder holds no classifier of pairs with a label 'entailment'.
        LabError: the model gave something other than probabilities.
    """
    return load_entailment(files, clock)(pairs) if pairs else []


def load_entailment(files: ModelFiles, clock: ModelClock, *, device: str = "auto") -> Callable[[Pairs], list[float]]:
    """`entailment_scores` with the model loaded once; in float32, from safetensors, never from the network.

    Raises:
        ModelError: the folder holds no classifier of pairs with a label 'entailment'.
    """
    with clock.running():
        quiet_libraries()
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        hardware = choose_hardware(device, "float32")
        try:
            model = CrossEncoder(
                str(files.folder),
                device=hardware.device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": hardware.dtype, "use_safetensors": True},
            )
        except (OSError, ValueError, KeyError) as error:
            first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"metrics.nli: {files.name} is not usable as a classifier of pairs: {first_line}"
            ) from None
    column = _entailment_column(model.config.id2label, files.name)

    def scores(pairs: Pairs) -> list[float]:
        if not pairs:
            return []
        with clock.running():
            found: Any = model.predict(
                list(pairs), activation_fn=Identity(), apply_softmax=True, show_progress_bar=False
            )
        chances = [float(row[column]) for row in found]
        if not all(math.isfinite(chance) for chance in chances):
            raise LabError(f"metrics.nli: {files.name} gave values that are no probabilities; its weights are damaged")
        return chances

    return scores


def _entailment_column(labels: Mapping[int, str], name: str) -> int:
    found = [int(column) for column, label in labels.items() if str(label).strip().casefold() == ENTAILMENT]
    if len(found) != 1 or len(labels) < 2:
        raise ModelError(
            f"metrics.nli: {name} has the labels {', '.join(map(str, labels.values()))}; "
            f"expected two or more, one of them {ENTAILMENT!r} (id2label in its config.json)"
        )
    return found[0]
