#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes what is handed out, in build/dist/: three Debian packages, a tarball for other systems of
# the same C library and processor, and their SHA-256. The same commit, compiler and folder give
# the same bytes: times are the commit's, owners and order are fixed.
#
#   tools/dist.sh
set -euo pipefail

cd "$(dirname "$0")/.."
readonly out="$PWD/build/dist" stage="$PWD/build/dist-stage"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# A release is a commit; outside of a checkout the caller says when it was made.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || {
        echo "dist: no Git checkout here: set SOURCE_DATE_EPOCH to the release's time" >&2
        exit 1
    }
fi
export SOURCE_DATE_EPOCH TZ=UTC
umask 022

build() {
    say "building the preset $1"
    cmake --preset "$1" "-DSKILLET_WERROR=${WERROR:-OFF}" --log-level=WARNING > /dev/null
    cmake --build --preset "$1" -j "${JOBS:-$(nproc)}"
}

make_debian_packages() {
    build debian
    say "making the Debian packages"
    cpack --config build/debian/CPackConfig.cmake -G DEB -B "$stage" > /dev/null
    mv "$stage"/*.deb "$out/"
}

make_tarball() {
    build portable
    local version name
    version=$(sed -n 's/^CMAKE_PROJECT_VERSION:.*=//p' build/portable/CMakeCache.txt)
    name="skillet-$version-linux-$(uname -m)"
    say "making $name.tar.gz"
    cmake --install build/portable --strip --prefix "$stage/$name" > /dev/null
    LC_ALL=C tar --create --directory "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
        --owner=0 --group=0 --numeric-owner "$name" | gzip -9n > "$out/$name.tar.gz"
}

rm -rf "$out" "$stage" && mkdir -p "$out" "$stage"
make_debian_packages
make_tarball
rm -rf "$stage"
(cd "$out" && sha256sum ./*.deb ./*.tar.gz > SHA256SUMS)
say "in build/dist:"
(cd "$out" && wc -c ./*.deb ./*.tar.gz | sed '$d') >&2
