#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzzer for some seconds, from its committed corpus and from nothing. A finding stays in
# the build folder as crash-*; replay it with `build/asan-ubsan/fuzz/NAME_fuzz FILE`.
#
#   fuzz/run.sh build/asan-ubsan [SECONDS]
set -euo pipefail

# The engine aborts where it cannot go on; gdb shall not look at it, and UBSan's findings count.
export GGML_NO_BACKTRACE=1
build=$(cd "${1:?usage: fuzz/run.sh BUILD_DIR [SECONDS]}" && pwd)
seconds=${2:-60}
cd "$(dirname "$0")"
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"
"$build/fuzz/gguf_seeds" "$build/corpus/seeds"
for target in "$build"/fuzz/*_fuzz; do
    name=$(basename "$target" _fuzz)
    work="$build/corpus/$name"
    mkdir -p "$work"
    printf '%s: ' "$name"
    seeds=()
    if [ -d "corpus/$name" ]; then seeds=("$PWD/corpus/$name"); fi
    if [[ "$name" == gguf* ]]; then seeds+=("$build/corpus/seeds"); fi
    if ! (cd "$build" && "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=30 \
            -max_len=65536 -print_final_stats=1 "$work" "${seeds[@]}") > "$work.log" 2>&1; then
        tail -n 40 "$work.log"
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: *\(.*\)/\1 runs, no finding/p' "$work.log"
done
