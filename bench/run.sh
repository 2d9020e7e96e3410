#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every benchmark of a build and writes one JSON line each, with commit and machine, to
# bench/results/COMMIT.jsonl.
#
#   bench/run.sh build/release [residency]
#
# `residency`: only what is about many skills in little memory, against the bare engine and against
# the peer that bench/peer.sh builds; to COMMIT-residency.jsonl, and the plot to docs/.
set -euo pipefail

build=${1:?usage: bench/run.sh BUILD_DIR [residency]}
only=${2:-}
cd "$(dirname "$0")/.."
commit=$(git rev-parse --short HEAD)$(git diff --quiet HEAD -- src apps include || echo -dirty)
results="bench/results/$commit${only:+-$only}.jsonl"
package=$(ls skills/spam-filter/*.skill | tail -n1)
mkdir -p bench/results

stripped_bytes() {
    local copy
    copy=$(mktemp)
    strip -o "$copy" "$1"
    wc -c < "$copy"
    rm "$copy"
}

printf '{"machine":"%s","cores":%s,"kernel":"%s","compiler":"%s","commit":"%s","date":"%s"}\n' \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n1)" "$(nproc)" "$(uname -r)" \
    "$(${CXX:-c++} --version | head -n1)" "$commit" "$(date -u +%FT%TZ)" | tee "$results"

# Memory, disk and minutes: the fleet is made once and used by all.
residency() {
    local fleet timeline budget
    fleet=$(mktemp -d)
    timeline="bench/results/$commit-zipf.jsonl"
    "$build/bench/bench_fleet" "$fleet"
    "$build/bench/bench_residency" | tee -a "$results"
    "$build/bench/bench_residency_live" "$fleet" | tee -a "$results"
    python3 bench/router.py "$build" --fleet "$fleet" | tee -a "$results"
    for rule in lru cost-aware lru cost-aware; do
        SKILLET_MEMORY_EVICTION=$rule "$build/bench/bench_zipf" "$fleet" 1 3800 25 off |
            tee -a "$results"
    done
    "$build/bench/bench_zipf" "$fleet" 1 3800 25 on "$timeline" | tee -a "$results"
    budget=$(tail -n1 "$results" | sed 's/.*"budget_bytes":\([0-9]*\).*/\1/')
    python3 bench/residency_plot.py "$timeline" "$budget" docs/residency.svg
    rm -rf "$fleet"
}
if [ "$only" = residency ]; then
    residency
    exit
fi

python3 bench/process.py "$build/apps/cli/skillet" "$package" \
    "$(ls skills/spam-filter/samples/*.json | head -n1)" | tee -a "$results"
"$build/bench/bench_invoke" "$package" skills/spam-filter/reference/mails.jsonl | tee -a "$results"

"$build/bench/bench_cancel" | tee -a "$results"
"$build/bench/bench_closed_answer" | tee -a "$results"
"$build/bench/bench_overhead" | tee -a "$results"
"$build/bench/bench_load" skills/*/*.skill | tee -a "$results"
"$build/bench/bench_residency" | tee -a "$results"

# 32,000 to 152,000 tokens: the engine's source carries these vocabularies.
vocabularies=()
for name in llama-spm bert-bge gpt-2 llama-bpe qwen2; do
    path=".deps/llama.cpp/models/ggml-vocab-$name.gguf"
    if [ -f "$path" ]; then vocabularies+=("$path"); fi
done
"$build/bench/bench_inspect" "${vocabularies[@]}" | tee -a "$results"
"$build/bench/bench_verify" | tee -a "$results"
python3 bench/pull.py "$build/apps/cli/skillet" "$package" "$build/bench/bench_pull" |
    tee -a "$results"
"$build/bench/bench_store" "$build" | tee -a "$results"
printf '{"bench":"size","unit":"bytes","library_stripped":%s,"program_stripped":%s}\n' \
    "$(stripped_bytes "$build/src/libskillet.so.0")" \
    "$(stripped_bytes "$build/apps/cli/skillet")" | tee -a "$results"

# Ours and openssl's in turn: the machine's speed drifts, the ratio does not.
for _ in 1 2 3; do
    ours=$("$build/bench/bench_sha256")
    peer=$(openssl speed -seconds 2 -bytes 16384 -evp sha256 2>/dev/null |
        awk '/^(SHA256|sha256)/ { sub("k", "", $NF); print $NF / 1000 }')
    printf '{"bench":"sha256_against_openssl","ours":%s,"openssl_mb_per_s":%s}\n' \
        "$ours" "$peer" | tee -a "$results"
done
