#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the peer that bench/router.py measures against: llama-server, from the very source our own
# engine is built from, into .deps/peer/VARIANT. Does nothing if it is there. A quarter of an hour
# on two cores, once.
#
#   bench/peer.sh [matched | openmp]
#
# `matched` has our engine's own flags (tools/build_engine.sh). `openmp` differs in one: OpenMP is
# on, as it is unless somebody says otherwise. SKILLET_PEER_DIR names another place than .deps/peer.
set -euo pipefail

cd "$(dirname "$0")/.."
variant=${1:-matched}
source_dir=${SKILLET_ENGINE_DIR:-$PWD/.deps/llama.cpp}
build="${SKILLET_PEER_DIR:-$PWD/.deps/peer}/$variant"

options=(
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF
    -DGGML_RPC=OFF -DGGML_BLAS=OFF -DGGML_CCACHE=OFF
    -DGGML_NATIVE=OFF -DGGML_CPU_ALL_VARIANTS=OFF -DGGML_BACKEND_DL=OFF)
if [ "$(uname -m)" = x86_64 ]; then
    options+=(-DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON
              -DGGML_BMI2=ON)
fi
case "$variant" in
    matched) options+=(-DGGML_OPENMP=OFF) ;;
    openmp) options+=(-DGGML_OPENMP=ON) ;;
    *) echo "peer: unknown variant '$variant': matched or openmp" >&2; exit 2 ;;
esac

stamp=$(
    { git -C "$source_dir" rev-parse HEAD 2>/dev/null || echo "$source_dir"
      printf '%s\n' "${options[@]}"
      "${CXX:-c++}" --version | head -n1
    } | sha256sum | cut -d' ' -f1)
[ "$(cat "$build/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

printf '\033[1m==>\033[0m building the peer (%s); a quarter of an hour, but only once\n' \
    "$variant" >&2
launcher=()
if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
mkdir -p "$build"
log="$build/build.log"
cmake -S "$source_dir" -B "$build" -G Ninja "${options[@]}" "${launcher[@]}" > "$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "peer: configuring failed, see $log" >&2; exit 1; }
nice -n 19 ninja -C "$build" llama-server >> "$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
echo "$stamp" > "$build/stamp"
