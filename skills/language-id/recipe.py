# SPDX-License-Identifier: Apache-2.0
"""Trains `org.skillet.language-id` and measures it: one command, one seed.

    python3 recipe.py [--data DIR] [--out DIR] [--weights FILE]

--data     where the packages are, or where apt-get and npm shall put them (default: ./data)
--out      where the model, the reference and the evidence are written (default: this folder)
--weights  an F32 file of an earlier run: train nothing, write and measure everything else again

The order is the argument: vocabulary and weights from the training texts, every choice and the
temperature from the validation texts, and only then one look at the test texts.
"""

import platform
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import baseline
import corpus
import declaration
import evaluate
import vocabulary
from languages import LABELS
from reference import write_reference, write_samples
from shared.evidence import known_weights, options, versions, write_json, write_models
from shared.gguf_export import Names, quantised_weights
from shared.model import Shape
from shared.wordpiece import Tokenizer
from snippets import LENGTHS, bucket
from train import Settings, predict, settings_json, train

SEED = 7
NAMES = Names("Skillet language identifier", tuple(LABELS), strip_accents=False)
SHAPE = Shape(vocabulary=30_000, width=64, layers=2, heads=4, feed_forward=256, context=128,
              labels=len(LABELS))
SETTINGS = Settings(seed=SEED)
VALIDATION_SNIPPETS = 60  # of one language and length


def log(text):
    print(text, flush=True)


def validation_snippets(texts):
    own = {label: [] for label in LABELS}
    for text in texts:
        own[text.label].append(text.text)
    return [snippet for label in LABELS for length in LENGTHS
            for snippet in bucket(label, own[label], length, VALIDATION_SNIPPETS, SEED)]


def fit_model(texts):
    """Weights, tokens and the seconds of training."""
    tokens = vocabulary.build(texts, SHAPE.vocabulary)
    tokenizer = Tokenizer(tokens, NAMES.strip_accents)
    started = time.time()
    parameters = train(SHAPE, SETTINGS, texts, tokenizer, lambda step, _, line: log(line))
    return {k: np.asarray(v) for k, v in parameters.items()}, tokens, round(time.time() - started)


def measure(validation, test, logits_of):
    """The results and calibrations of {variant: (validation logits, test logits)}."""
    results, calibrations = {"validation": {}, "test": {}}, {}
    chances = {}
    for name, (seen, unseen) in logits_of.items():
        temperature = evaluate.fit_temperature(validation, seen)
        chances[name] = evaluate.probability(unseen, temperature)
        results["validation"][name] = evaluate.metrics(
            validation, evaluate.probability(seen, temperature), SEED)
        found = evaluate.metrics(test, chances[name], SEED)
        found["risk_coverage"] = evaluate.risk_coverage(test, chances[name])
        results["test"][name] = found
        calibrations[name] = evaluate.calibration(test, chances[name], temperature,
                                                  len(validation), SEED)
    for name in ("f32", "q8_0"):
        results["test"][name]["against_ngrams"] = evaluate.compare(
            test, chances[name], chances["ngrams"], SEED)
        raw = evaluate.metrics(test, evaluate.probability(logits_of[name][1]), SEED)
        results["test"][name]["uncalibrated"] = {
            k: raw[k] for k in ("calibration_error", "brier", "log_loss")}
    return results, calibrations


def counts(snippets):
    return {"snippets": len(snippets), "by_length": {
        str(n): sum(s.length == n for s in snippets) for n in LENGTHS},
        "fewest_of_a_language": {str(n): min(sum(s.length == n and s.label == label
                                                 for s in snippets) for label in LABELS)
                                 for n in LENGTHS}}


def main():
    given = options(sys.modules[__name__])
    texts, held_out, notes = corpus.load(given.data)
    validation = validation_snippets(held_out)
    log(f"{len(texts)} training texts, {len(validation)} validation snippets")
    if given.weights:
        parameters, tokens, seconds = known_weights(given.weights, given.out / "evidence.json")
    else:
        parameters, tokens, seconds = fit_model(texts)
    tokenizer = Tokenizer(tokens, NAMES.strip_accents)
    digests = write_models(given.out, SHAPE, parameters, tokens, NAMES)
    test = declaration.load(given.data, SEED)
    chosen, ngrams = baseline.fit_and_predict(texts, validation, [test])
    log(f"n-grams: {chosen}")
    rows = [[tokenizer.encode(s.text) for s in snippets] for snippets in (validation, test)]
    rounded = {**quantised_weights(parameters), "rounded": np.zeros(1)}
    logits_of = {name: [predict(weights, SHAPE, r) for r in rows]
                 for name, weights in (("f32", parameters), ("q8_0", rounded))}
    results, calibrations = measure(validation, test, {**logits_of, "ngrams": ngrams})
    write_json(given.out / "evidence.json", {
        "skill": "org.skillet.language-id", "command": "python3 recipe.py", "seed": SEED,
        "labels": LABELS,
        "data": {"training_and_validation": "translations in Debian packages, sources.json",
                 "test": declaration.PACKAGE, "test_sha256": declaration.ARCHIVE_SHA256, **notes},
        "split": {"method": "validation from products and messages that training has not; "
                            "test from another source", "validation": counts(validation),
                  "test": counts(test)},
        "model": {**vars(SHAPE), "settings": settings_json(SETTINGS),
                  "training_seconds": seconds},
        "temperature": {k: c["temperature"] for k, c in calibrations.items()},
        "ngrams": chosen, "results": results, "artifacts": digests,
        "versions": versions(), "host": platform.machine(), "at": date.today().isoformat()})
    write_json(given.out / "calibration_raw.json", calibrations["q8_0"])
    write_reference(given.out, validation, test, tokenizer, parameters, SHAPE)
    write_samples(given.out, test)
    for name, value in results["test"].items():
        by_length = {n: part["accuracy"]["value"] for n, part in value["by_length"].items()}
        log(f"{name}: accuracy {value['accuracy']['value']} {by_length}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
