# SPDX-License-Identifier: Apache-2.0
"""Trains `org.skillet.spam-filter` and measures it: one command, one seed.

    python3 recipe.py [--data DIR] [--out DIR] [--weights FILE]

--data     where the corpus archive is, or where npm shall put it (default: ./data)
--out      where the model, the reference and the evidence are written (default: this folder)
--weights  an F32 file of an earlier run: train nothing, write and measure everything else again

The order is the argument: split, vocabulary and weights from the training mails, every choice
and the temperature from the validation mails, and only then one look at the test mails.
"""

import hashlib
import platform
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import baseline
import corpus
import evaluate
from prepare import truncate_tokens
from reference import write_reference, write_samples
from shared.evidence import known_weights, options, versions, write_json, write_models
from shared.gguf_export import Names, quantised_weights
from shared.model import Shape
from shared.wordpiece import Tokenizer, train_vocabulary
from train import Settings, predict, settings_json, targets_for, train

SEED = 7
LABELS = ("ham", "spam")
NAMES = Names("Skillet spam filter", LABELS)
SHAPE = Shape(vocabulary=4096, width=128, layers=2, heads=4, feed_forward=512, context=256)
SETTINGS = Settings(epochs=10, mask=0.2, short_window=0.5, svd_init=0.05, teacher_weight=0.3,
                    seed=SEED)
CONTENT = SHAPE.context - 2
STRIDE = CONTENT
WINDOWS_MAX = 8
TEACHER_FOLDS = 10


def log(text):
    print(text, flush=True)


def parts(mails, split):
    """All training mails; for measuring, one mail per near-duplicate cluster."""
    return [m for m in mails if m.split == split and (split == "train" or m.representative)]


def groups(train_mails):
    """Indexes of the training mails, cluster by cluster."""
    out = {}
    for index, mail in enumerate(train_mails):
        out.setdefault(mail.cluster, []).append(index)
    return list(out.values())


def combined(window_logits):
    """`mean-logits`: one row per mail."""
    return np.stack([w.mean(0) for w in window_logits])


def fit_model(train_mails, chosen):
    """Weights, tokens and the seconds of training; `chosen` is the baseline's setting."""
    tokens = train_vocabulary([m.text for m in train_mails if m.representative],
                              SHAPE.vocabulary)
    tokenizer = Tokenizer(tokens)
    labels = np.array([float(m.label) for m in train_mails])
    teacher = baseline.cross_fitted(train_mails, chosen["ngram_max"], chosen["C"],
                                    TEACHER_FOLDS, SEED)
    started = time.time()
    parameters = train(SHAPE, SETTINGS, [tokenizer.encode(m.text) for m in train_mails],
                       targets_for(labels, SETTINGS, teacher), groups(train_mails),
                       lambda epoch, _, line: log(line))
    parameters = {k: np.asarray(v) for k, v in parameters.items()}
    return parameters, tokens, round(time.time() - started)


def measure_variant(parameters, tokenizer, validation, test):
    """Combined logits on both splits, and the temperature fitted on validation."""
    rows = [combined(predict(parameters, SHAPE, [tokenizer.encode(m.text) for m in mails],
                             STRIDE, WINDOWS_MAX)) for mails in (validation, test)]
    temperature = evaluate.fit_temperature(np.array([m.label for m in validation]), rows[0])
    return rows[0], rows[1], temperature


def tempered(validation, bag):
    """The baseline's probabilities with its own temperature: calibration is compared fairly."""
    logits = [np.stack([np.zeros(len(p)), np.log(p / (1 - p))], axis=1) for p in bag]
    temperature = evaluate.fit_temperature(np.array([m.label for m in validation]), logits[0])
    return [evaluate.spam_probability(rows, temperature) for rows in logits]


def split_summary(mails):
    out = {}
    for split in ("train", "validation", "test"):
        chosen = [m for m in mails if m.split == split]
        first = [m for m in chosen if m.representative]
        out[split] = {
            "mails": len(chosen), "clusters": len(first),
            "spam_clusters": sum(m.label for m in first),
            "clusters_by_folder": {f: sum(m.folder == f for m in first) for f in corpus.FOLDERS},
            "digest": hashlib.sha256("\n".join(sorted(m.digest for m in chosen))
                                     .encode()).hexdigest()}
    return out


def measure(mails, variants, tokenizer, bag):
    """The results part of the evidence; `bag` is P(spam) of the baseline on (validation, test)."""
    validation, test = parts(mails, "validation"), parts(mails, "test")
    results, calibrations = {"validation": {}, "test": {}}, {}
    for name, parameters in variants.items():
        seen, unseen, temperature = measure_variant(parameters, tokenizer, validation, test)
        raw = evaluate.spam_probability(unseen)
        calibrated = evaluate.spam_probability(unseen, temperature)
        results["validation"][name] = evaluate.metrics(
            validation, evaluate.spam_probability(seen, temperature), SEED)
        results["test"][name] = evaluate.metrics(test, calibrated, SEED)
        before = evaluate.metrics(test, raw, SEED)
        results["test"][name]["uncalibrated"] = {
            k: before[k] for k in ("calibration_error", "brier", "log_loss")}
        results["test"][name]["against_bag_of_words"] = evaluate.compare(
            test, calibrated, bag[1], SEED)
        results["test"][name]["risk_coverage"] = evaluate.risk_coverage(test, calibrated)
        calibrations[name] = evaluate.calibration(test, calibrated, temperature,
                                                  len(validation), SEED)
    for split, list_, spam in zip(("validation", "test"), (validation, test), bag):
        results[split]["bag_of_words"] = evaluate.metrics(list_, spam, SEED)
        share = np.mean([m.label for m in parts(mails, "train") if m.representative])
        results[split]["majority"] = evaluate.metrics(list_, np.full(len(list_), share), SEED)
    return results, calibrations


def main():
    given = options(sys.modules[__name__])
    mails, notes = corpus.load(given.data, SEED)
    train_mails = parts(mails, "train")
    log(f"{len(mails)} mails, {len(train_mails)} for training")
    chosen, bag = baseline.fit_and_predict(train_mails, parts(mails, "validation"),
                                           [parts(mails, "test")])
    bag = tempered(parts(mails, "validation"), bag)
    log(f"bag of words: {chosen}")
    if given.weights:
        parameters, tokens, seconds = known_weights(given.weights,
                                                    given.out / "evidence.json")
    else:
        parameters, tokens, seconds = fit_model(train_mails, chosen)
    tokenizer = Tokenizer(tokens)
    digests = write_models(given.out, SHAPE, parameters, tokens, NAMES)
    variants = {"f32": parameters,
                "q8_0": {**quantised_weights(parameters), "rounded": np.zeros(1)}}
    results, calibrations = measure(mails, variants, tokenizer, bag)
    write_json(given.out / "evidence.json", {
        "skill": "org.skillet.spam-filter", "command": "python3 recipe.py", "seed": SEED,
        "labels": list(LABELS), "positive": "spam", "threshold": 0.5,
        "data": {**notes, "license": "SpamAssassin public corpus, PDDL/CC0 as published"},
        "split": {"method": "sha256 of normalised text, 70/10/20, smallest hash of each "
                            "near-duplicate cluster (3-word shingles, Jaccard >= 0.5)",
                  "measured_on": "one mail per cluster", **split_summary(mails)},
        "model": {**vars(SHAPE), "settings": settings_json(SETTINGS),
                  "training_seconds": seconds},
        "window": {"truncate_tokens": truncate_tokens(CONTENT, STRIDE, WINDOWS_MAX),
                   "size": SHAPE.context, "stride": STRIDE, "max": WINDOWS_MAX,
                   "combine": "mean-logits"},
        "temperature": {k: c["temperature"] for k, c in calibrations.items()},
        "bag_of_words": chosen, "results": results, "artifacts": digests,
        "versions": versions(), "host": platform.machine(), "at": date.today().isoformat()})
    write_json(given.out / "calibration_raw.json", calibrations["q8_0"])
    write_reference(given.out, mails, tokenizer, parameters, SHAPE, STRIDE, WINDOWS_MAX, SEED)
    write_samples(given.out)
    for name, value in results["test"].items():
        log(f"{name}: accuracy {value['accuracy']['value']} F1 {value['f1']['value']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
