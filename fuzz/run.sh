#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzzer for some seconds, from its committed corpus and from nothing. A finding stays in
# the build folder as crash-*; replay it with `build/fuzz/fuzz/NAME_fuzz FILE`.
#
#   fuzz/run.sh build/fuzz [SECONDS]
set -euo pipefail

build=$(cd "${1:?usage: fuzz/run.sh BUILD_DIR [SECONDS]}" && pwd)
seconds=${2:-60}
cd "$(dirname "$0")"
for target in "$build"/fuzz/*_fuzz; do
    name=$(basename "$target" _fuzz)
    work="$build/corpus/$name"
    mkdir -p "$work"
    printf '%s: ' "$name"
    seeds=()
    if [ -d "corpus/$name" ]; then seeds=("corpus/$name"); fi
    if ! (cd "$build" && "$target" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 \
            -print_final_stats=1 "$work" "${seeds[@]/#/$OLDPWD/}") > "$work.log" 2>&1; then
        tail -n 40 "$work.log"
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: *\(.*\)/\1 runs, no finding/p' "$work.log"
done
