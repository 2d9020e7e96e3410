#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the inference engine once per variant and installs it as a static library into
# .deps/engine/VARIANT, where CMake's find_package(llama) finds it. Does nothing if it is there.
#
#   tools/build_engine.sh release | asan-ubsan
#
# The flags are part of what a result depends on: no OpenMP (one thread per request), a stated CPU
# baseline instead of the build host's, and none of the parts that have no place in our binary
# (RPC, multimodal, server, HTTP, templates).
set -euo pipefail

cd "$(dirname "$0")/.."
variant=${1:?usage: tools/build_engine.sh release|asan-ubsan}
source_dir=${SKILLET_ENGINE_DIR:-$PWD/.deps/llama.cpp}
prefix="$PWD/.deps/engine/$variant"
build="$PWD/.deps/engine-build/$variant"

# A context reserves room for so many inputs of each node of its graph, which only computations
# that are split over several devices use: 23 MB of addresses with upstream's 30, where a tiny model
# needs 4 MB in all.
defines="-DGGML_SCHED_MAX_SPLIT_INPUTS=2"
options=(
    -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DCMAKE_C_VISIBILITY_PRESET=hidden -DCMAKE_CXX_VISIBILITY_PRESET=hidden
    -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF
    -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF
    -DLLAMA_BUILD_MTMD=OFF
    -DGGML_OPENMP=OFF -DGGML_RPC=OFF -DGGML_BLAS=OFF -DGGML_CCACHE=OFF
    -DGGML_NATIVE=OFF -DGGML_CPU_ALL_VARIANTS=OFF -DGGML_BACKEND_DL=OFF)
if [ "$(uname -m)" = x86_64 ]; then  # x86-64-v3, as SKILLET_CPU_BASELINE says
    options+=(-DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON
              -DGGML_BMI2=ON)
fi
case "$variant" in
    release)
        options+=(-DCMAKE_BUILD_TYPE=Release
                  "-DCMAKE_C_FLAGS=$defines" "-DCMAKE_CXX_FLAGS=$defines") ;;
    # By clang. What reads files tells the fuzzers which paths it takes; what computes does not,
    # since that made it several times as slow. -O1: instrumented at -O0 the engine is too slow to
    # run the tests. It reads block scales at odd addresses, shifts into the sign bit and counts
    # from a null pointer on purpose: those checks stay off, for the engine only.
    asan-ubsan)
        export CC=clang CXX=clang++
        flags="$defines -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link"
        flags+=" -fno-sanitize=alignment,vptr,shift-base,function,pointer-overflow"
        flags+=" -fsanitize-coverage-allowlist=$PWD/fuzz/engine_coverage.txt"
        options+=(-DCMAKE_BUILD_TYPE=None "-DCMAKE_C_FLAGS=$flags" "-DCMAKE_CXX_FLAGS=$flags"
                  -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++) ;;
    *) echo "build_engine: unknown variant '$variant': release or asan-ubsan" >&2; exit 2 ;;
esac

# A stamp over everything that decides the bytes: source, flags, compiler.
stamp=$(
    { git -C "$source_dir" rev-parse HEAD 2>/dev/null || echo "$source_dir"
      printf '%s\n' "${options[@]}"
      "${CXX:-c++}" --version | head -n1
    } | sha256sum | cut -d' ' -f1)
[ "$(cat "$prefix/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

printf '\033[1m==>\033[0m building the engine (%s); minutes, but only once\n' "$variant" >&2
launcher=()
if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
# Whole anew: a build folder of another compiler forgets its options.
rm -rf "$build"
mkdir -p "$build"
log="$build/build.log"
cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib "${options[@]}" "${launcher[@]}" > "$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "build_engine: configuring failed, see $log" >&2; exit 1; }
if [ -t 2 ]; then
    NINJA_STATUS='    [%f/%t, %es] ' ninja -C "$build" llama >&2
else
    ninja -C "$build" llama >> "$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
fi
rm -rf "$prefix"
cmake --install "$build" >> "$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
cp "$source_dir/LICENSE" "$prefix/LICENSE"
echo "$stamp" > "$prefix/stamp"
