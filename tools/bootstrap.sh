#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the build needs and is not here yet: system packages, jsoncons, the engine's source
# and RE2's, the names of licences.
# Idempotent; the second run needs no network. Everything it fetches itself goes into .deps/.
#
#   tools/bootstrap.sh [--check] [test|sanitizers|lint|bench|dist ...]
#
#   --check   only say what is missing; change nothing
#   names     extra tools beyond those of `make demo`; `make test` takes test
#
# Ways out where there is no apt, npm or network:
#   SKILLET_JSONCONS_DIR=DIR  a folder holding jsoncons/json.hpp
#   SKILLET_ENGINE_DIR=DIR    a checkout of llama.cpp
#   SKILLET_RE2_DIR=DIR       a checkout of RE2
#   SKILLET_SPDX_DIR=DIR      a folder holding spdx-license-ids/ and spdx-exceptions/
set -euo pipefail

cd "$(dirname "$0")/.."
readonly deps="$PWD/.deps"

# The engine: llama.cpp as the npm package carries it, a git bundle of the whole upstream tree.
readonly engine_package="node-llama-cpp@3.22.1"
readonly engine_sha512="6e5b488a9b9699cd76dc7eed30880318a4ac4ab866865418795502e3c5d38d55bb5c624988927209d95333343f2e25a83e4183a5c2f816f883a60c3ba9f4e20f"
readonly engine_commit="de3ff815ea7d559ee917f063901b8986f038abc6"

# The SPDX licence list: one "PACKAGE SHA512" a line.
readonly spdx_packages="\
spdx-license-ids@3.0.24 70b4bd4ed5a42101722e4277ff968540038739229394eb3fed60eeb7f5cf49d8e89b57c98547647a978900a5daf58d39f8569b1ddd2cb62f84b79e7dbc3b64a5
spdx-exceptions@2.5.0 3e2538dabfb13b851b512d5bba8dcb3c992394eef8df45e7e5254085da73cec3c7b236d855f9679c57404e069b9cbb9d7be0aabb6e69e8dfa0da5c3f3c5b1ae3"

# RE2: its source, as the npm package carries it; the system's archive does not go into a library.
readonly re2_package="re2@1.18.0"
readonly re2_sha512="32809866527d614824b0d0fd6acc8d176ff1e77d9d69753f011a7551e25b4397e5318eabc8a34486b5adf396b0dd896ecce2650b7bd7a4680ad9ad636f46f818"

packages=(build-essential cmake ninja-build ccache git python3 pkg-config ca-certificates
          libssl-dev libsqlite3-dev libcurl4-openssl-dev libfmt-dev libcli11-dev nlohmann-json3-dev
          libgtest-dev)

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || die "root is needed for '$*': run it, then start again"
    sudo "$@"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2
}

# An optional group of tools, by name.
add_group() {
    case "$1" in
        # Judges of documents, schemas, manual pages and the ABI, the shells whose completions are
        # tried, and the tools that read our packages and keep them.
        test) packages+=(python3-jsonschema libtest-json-schema-acceptance-perl mandoc zsh fish
                         abigail-tools libcurl4 openssl skopeo umoci docker-registry faketime) ;;
        sanitizers) packages+=(clang libclang-rt-dev) ;;  # with the fuzzers; tsan is g++'s
        lint) packages+=(clang-format clang-tidy) ;;
        bench) packages+=(openssl curl libcurl4 docker-registry) ;;
        dist) packages+=(dpkg-dev file debootstrap lintian) ;;
        *) die "unknown group '$1': one of test, sanitizers, lint, bench, dist" ;;
    esac
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() {
    local name
    for name in "${packages[@]}"; do
        installed "$name" || printf '%s\n' "$name"
    done
}

install_packages() {
    command -v apt-get >/dev/null || {
        say "no apt here: please have these yourself: ${packages[*]}"
        return
    }
    # Debian names clang's runtime by version; take the default compiler's.
    if printf '%s\n' "${packages[@]}" | grep -qx libclang-rt-dev; then
        local version
        version=$(apt-cache depends clang 2>/dev/null |
            sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n1)
        packages=("${packages[@]/libclang-rt-dev/libclang-rt-${version:-14}-dev}")
    fi
    local missing
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$check" = 0 ] || { say "missing packages: ${missing[*]}"; return 0; }
    say "installing ${#missing[@]} system packages: ${missing[*]}"
    as_root apt-get update -qq || die "the package lists could not be read: check the network"
    apt_install "${missing[@]}" || die "apt could not install: ${missing[*]}"
}

# jsoncons is one architecture-independent package of headers; where this release lacks it, take
# that single file from a later release of the same distribution, from the machine's own mirror,
# with apt checking the signature, and unpack it beside the build instead of installing it.
later_release() {
    # shellcheck source=/dev/null
    case "$(. /etc/os-release && echo "$VERSION_CODENAME")" in
        bookworm) echo trixie ;;
        jammy | noble) echo resolute ;;
        *) return 1 ;;
    esac
}

# A source list for `later release`, made from the first deb entry this machine uses.
later_source() {
    local here suite=$1
    # shellcheck source=/dev/null
    here=$(. /etc/os-release && echo "$VERSION_CODENAME")
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk -v here="$here" -v suite="$suite" -v RS= '
            { for (i = 1; i <= split($0, line, "\n"); i++)
                if (line[i] ~ /^Suites:/ && line[i] ~ here) found = 1 }
            found {
                gsub(/\nSuites:[^\n]*/, "\nSuites: " suite)
                sub(/^Suites:[^\n]*/, "Suites: " suite)
                print
                exit
            }
        ' "$file" | grep . && return
    done
    awk -v here="$here" -v suite="$suite" '
        $1 == "deb" { for (i = 2; i <= NF; i++) if ($i == here) { $i = suite; print; exit } }
    ' /etc/apt/sources.list 2>/dev/null | grep .
}

have_jsoncons() {
    [ -e "${SKILLET_JSONCONS_DIR:-/nonexistent}/jsoncons/json.hpp" ] ||
        [ -e "${SKILLET_JSONCONS_DIR:-/nonexistent}/include/jsoncons/json.hpp" ] ||
        [ -e /usr/include/jsoncons/json.hpp ] ||
        [ -e "$deps/jsoncons/usr/include/jsoncons/json.hpp" ]
}

install_jsoncons() {
    if have_jsoncons; then return; fi
    [ "$check" = 0 ] || { say "missing: jsoncons"; return 0; }
    local advice="get jsoncons (danielaparker/jsoncons, 1.0 or newer) and set SKILLET_JSONCONS_DIR \
to its include folder"
    command -v apt-get >/dev/null || die "jsoncons is not here: $advice"
    if apt-cache show libjsoncons-dev >/dev/null 2>&1; then
        apt_install libjsoncons-dev || die "apt could not install libjsoncons-dev: $advice"
        return
    fi
    local suite apt="$deps/apt"
    suite=$(later_release) || die "this release has no libjsoncons-dev: $advice"
    say "fetching jsoncons from $suite (headers only, kept in .deps/)"
    rm -rf "$apt" && mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
    later_source "$suite" > "$apt/sources/later.sources" ||
        die "no apt source of this distribution found: $advice"
    if ! grep -q '^Types:' "$apt/sources/later.sources"; then
        mv "$apt/sources/later.sources" "$apt/sources/later.list"
    fi
    local options=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/sources"
                   -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
                   -o "APT::Sandbox::User=$(id -un)")
    apt-get "${options[@]}" update -qq >&2 || die "$suite could not be read: $advice"
    (cd "$apt" && apt-get "${options[@]}" download -qq libjsoncons-dev >&2) ||
        die "$suite has no libjsoncons-dev: $advice"
    rm -rf "$deps/jsoncons.part" && dpkg -x "$apt"/libjsoncons-dev_*.deb "$deps/jsoncons.part"
    rm -rf "$deps/jsoncons" && mv "$deps/jsoncons.part" "$deps/jsoncons"
    rm -rf "$apt"
}

# fetch PACKAGE SHA512 FOLDER ADVICE: the pinned file of an npm package, as FOLDER/NAME-VERSION.tgz.
fetch() {
    local package=$1 sha512=$2 folder=$3 advice=$4
    if ! command -v npm >/dev/null; then
        say "installing npm, which carries $package"
        apt_install npm || die "npm could not be installed: $advice"
    fi
    (cd "$folder" && npm pack --silent "$package" >/dev/null </dev/null) ||
        die "npm could not fetch $package: $advice"
    echo "$sha512  $folder/${package/@/-}.tgz" | sha512sum --check --quiet >&2 ||
        die "$package is not the pinned file (SHA-512 differs): do not use it; $advice"
}

install_engine_source() {
    if [ -n "${SKILLET_ENGINE_DIR:-}" ]; then
        [ -e "$SKILLET_ENGINE_DIR/include/llama.h" ] ||
            die "SKILLET_ENGINE_DIR=$SKILLET_ENGINE_DIR holds no include/llama.h: set it to a \
checkout of llama.cpp"
        return
    fi
    local present
    present=$(cat "$deps/llama.cpp/.skillet-commit" 2>/dev/null || true)
    if [ "$present" = "$engine_commit" ]; then return; fi
    [ "$check" = 0 ] || { say "missing: engine source $engine_package"; return 0; }
    say "fetching the engine's source, $engine_package (36 MB)"
    local work="$deps/engine-fetch"
    rm -rf "$work" && mkdir -p "$work"
    fetch "$engine_package" "$engine_sha512" "$work" \
        "set SKILLET_ENGINE_DIR to a checkout of llama.cpp at $engine_commit"
    tar -xzf "$work/${engine_package/@/-}.tgz" -C "$work" package/llama/gitRelease.bundle
    git clone --quiet --no-checkout "$work/package/llama/gitRelease.bundle" \
        "$work/llama.cpp" 2>/dev/null
    git -C "$work/llama.cpp" -c advice.detachedHead=false checkout --quiet "$engine_commit"
    echo "$engine_commit" > "$work/llama.cpp/.skillet-commit"
    rm -rf "$deps/llama.cpp" && mv "$work/llama.cpp" "$deps/llama.cpp"
    rm -rf "$work"
}

install_re2_source() {
    if [ -n "${SKILLET_RE2_DIR:-}" ]; then
        [ -e "$SKILLET_RE2_DIR/re2/re2.cc" ] || die "SKILLET_RE2_DIR=$SKILLET_RE2_DIR holds no \
re2/re2.cc: set it to a checkout of RE2 of 2022 or early 2023"
        return
    fi
    if [ "$(cat "$deps/re2/.skillet-package" 2>/dev/null)" = "$re2_package" ]; then return; fi
    [ "$check" = 0 ] || { say "missing: RE2's source $re2_package"; return 0; }
    say "fetching RE2's source, $re2_package"
    local work="$deps/re2-fetch"
    rm -rf "$work" && mkdir -p "$work/re2"
    fetch "$re2_package" "$re2_sha512" "$work" \
        "set SKILLET_RE2_DIR to a checkout of RE2 of 2022 or early 2023"
    tar -xzf "$work/${re2_package/@/-}.tgz" -C "$work/re2" --strip-components=2 package/vendor
    echo "$re2_package" > "$work/re2/.skillet-package"
    rm -rf "$deps/re2" && mv "$work/re2" "$deps/re2"
    rm -rf "$work"
}

# Two lists of names, from which the build makes a table.
install_licence_list() {
    local file
    if [ -n "${SKILLET_SPDX_DIR:-}" ]; then
        for file in spdx-{license-ids,exceptions}/{index,deprecated}.json; do
            [ -e "$SKILLET_SPDX_DIR/$file" ] || die "SKILLET_SPDX_DIR=$SKILLET_SPDX_DIR lacks $file"
        done
        return
    fi
    if [ "$(cat "$deps/spdx/.skillet-packages" 2>/dev/null)" = "$spdx_packages" ]; then return; fi
    [ "$check" = 0 ] || { say "missing: the SPDX licence list"; return 0; }
    say "fetching the names of licences (10 KB)"
    local work="$deps/spdx-fetch" package sha512 folder
    rm -rf "$work" && mkdir -p "$work"
    while read -r package sha512; do
        fetch "$package" "$sha512" "$work" \
            "set SKILLET_SPDX_DIR to a folder that holds ${package%@*}, such as a node_modules"
        folder="$work/spdx/${package%@*}"
        mkdir -p "$folder"
        tar -xzf "$work/${package/@/-}.tgz" -C "$folder" --strip-components=1
    done <<< "$spdx_packages"
    echo "$spdx_packages" > "$work/spdx/.skillet-packages"
    rm -rf "$deps/spdx" && mv "$work/spdx" "$deps/spdx"
    rm -rf "$work"
}

check=0
for argument in "$@"; do
    case "$argument" in
        --check) check=1 ;;
        -h | --help) sed -n '3,20s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) add_group "$argument" ;;
    esac
done
mkdir -p "$deps"
install_packages
install_jsoncons
install_engine_source
install_re2_source
install_licence_list
