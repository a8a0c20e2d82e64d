"""The methods that the encoder answers: embed the labelled questions, fit a classifier, ask it the test questions."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from lab.files import read_json, write_json
from lab.memory import PeakMemory
from lab.methods.classifiers import Examples, fit, fit_files, read_array, read_fit, save_array, save_fit
from lab.methods.encoder_methods import EncoderAnswerer, codes_of, labels_of, tokens_read
from lab.run_folder import StepProgress, StepResult, StepSpec
from lab.steps.asked import Asked, Fitted, read_answers, write_answers
from lab.steps.bench import Bench
from lab.steps.plan import EMBED_QUESTIONS, seeds_of

VECTORS, INFO, MEMORY = "vectors.npy", "info.json", "memory.json"
ENCODER_LIBRARIES = ("torch", "transformers", "sentence-transformers")
FIT_LIBRARIES = ("numpy", "scikit-learn")
CODE = ("methods/encoder_methods.py", "methods/classifiers.py", "steps/fitting.py")


class Fitting:
    """Fits and asks the encoder's methods; nothing about them is random, so each is asked once."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._fitted: dict[str, tuple[Fitted, str]] = {}

    @cached_property
    def vectors(self) -> StepResult:
        """Vectors of the training questions, then of the dev questions."""
        bench = self._bench
        questions = bench.data.holdout.train + bench.data.holdout.dev

        def work(folder: Path, progress: StepProgress) -> None:
            texts = [question.text for question in questions]
            with PeakMemory(bench.models.hardware.device) as memory:
                save_array(folder / VECTORS, bench.models.encoder.encode(texts))
            tokens = sum(tokens_read(bench.models.encoder, text) for text in texts)
            write_json(folder / INFO, {"tokens": tokens, "peak_bytes": memory.peak_bytes})
            progress(len(texts), len(texts), "queries")

        inputs = {
            "questions": [asdict(question.query) for question in questions],
            "encoder": bench.models.encoder_files.digest,
            "device": bench.models.hardware.device,
        }
        code = ("index/encoder.py", "steps/fitting.py", "methods/encoder_methods.py")
        return bench.folder.run(StepSpec(EMBED_QUESTIONS, inputs, code, ENCODER_LIBRARIES), work)

    def fitted(self, method: str) -> Fitted:
        """Fit a method, or find it fitted."""
        return self._fit(method)[0]

    def _fit(self, method: str) -> tuple[Fitted, str]:
        if method not in self._fitted:
            step = self._fitting(method)
            info, memory = read_json(self.vectors.path / INFO), read_json(step.path / MEMORY)
            fitted = Fitted(
                folder=step.path,
                record=read_fit(step.path)[1],
                seconds=self.vectors.seconds + step.seconds,
                tokens=info["tokens"],
                peak_memory=max(info["peak_bytes"], memory["peak_bytes"]),
                size=sum(path.stat().st_size for path in fit_files(step.path, method)),
            )
            self._fitted[method] = fitted, step.key
        return self._fitted[method]

    def _fitting(self, method: str) -> StepResult:
        bench, holdout = self._bench, self._bench.data.holdout
        labels = labels_of(holdout.train)
        codes = codes_of(holdout.train + holdout.dev, labels)

        def work(folder: Path, progress: StepProgress) -> None:
            vectors, n_train = read_array(self.vectors.path / VECTORS), len(holdout.train)
            shown = codes[:n_train] >= 0  # a yes-no question may be answered by something else
            train = Examples(vectors[:n_train][shown], codes[:n_train][shown])
            with PeakMemory(bench.models.hardware.device) as memory:
                save_fit(folder, *fit(method, train, Examples(vectors[n_train:], codes[n_train:]), labels))
            write_json(folder / MEMORY, {"peak_bytes": memory.peak_bytes})

        inputs = {
            "vectors": self.vectors.key,
            "n_train": len(holdout.train),
            "labels": list(labels),
            "codes": codes.tolist(),
        }
        return bench.folder.run(StepSpec(f"fit-{method}", inputs, CODE, FIT_LIBRARIES), work)

    def answerer(self, method: str) -> EncoderAnswerer:
        """A method that is ready to be asked."""
        classifier, record = read_fit(self.fitted(method).folder)
        return EncoderAnswerer(self._bench.models.encoder, classifier, record.labels)

    def ask(self, method: str) -> tuple[Asked, ...]:
        """Ask a method every test question."""
        bench = self._bench
        queries = [question.query for question in bench.data.holdout.test]
        fitted, fit_key = self._fit(method)

        def work(folder: Path, progress: StepProgress) -> None:
            answerer = self.answerer(method)
            answerer.answer(queries[:1])  # warm up: loading is not answering
            write_answers(folder, answerer.answer(queries))
            progress(len(queries), len(queries), "answers")

        inputs = {
            "fit": fit_key,
            "queries": [asdict(query) for query in queries],
            "encoder": bench.models.encoder_files.digest,
            "device": bench.models.hardware.device,
        }
        code = (*CODE, "index/encoder.py", "steps/asked.py")
        step = bench.folder.run(StepSpec(f"answer-{method}", inputs, code, ENCODER_LIBRARIES), work)
        seed = seeds_of(method, bench.config)[0]
        return (Asked(seed, read_answers(step.path, {}), None, None, step.key, fitted),)
