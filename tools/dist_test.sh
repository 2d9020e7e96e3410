#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what tools/dist.sh made where nothing of ours is: the Debian packages and the tarball,
# each in its own fresh chroot of this machine's Debian release, and runs the demo there.
# The bare system is kept as .deps/chroot/RELEASE.tar. Needs root (chroot), apt and debootstrap.
#
#   tools/dist_test.sh
set -euo pipefail

cd "$(dirname "$0")/.."
readonly dist="$PWD/build/dist"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'dist_test: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "a chroot needs root: run 'make dist' as yourself, then \
'sudo make dist-test'"
command -v debootstrap > /dev/null || die "debootstrap is missing: run 'tools/bootstrap.sh dist'"
ls "$dist"/*.deb "$dist"/*.tar.gz > /dev/null 2>&1 || die "nothing to test: run 'make dist' first"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
readonly base="$PWD/.deps/chroot/$release.tar"

work=$(mktemp -d)
clean_up() {
    local mounted
    for mounted in "$work"/*/proc; do
        if mountpoint --quiet "$mounted"; then umount "$mounted"; fi
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT

# The archive this machine installs from, as apt itself understands its sources.
mirror() {
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }'
}

make_base() {
    [ ! -e "$base" ] || return 0
    local uri
    uri=$(mirror)
    [ -n "$uri" ] || die "no apt source for $release: this needs a Debian or Ubuntu machine"
    say "fetching a bare $release (once; kept in .deps/)"
    mkdir -p "${base%/*}"
    debootstrap --variant=minbase "$release" "$work/base" "$uri" > "$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; die "debootstrap failed"; }
    # As the machine itself reaches its archive, also through a proxy.
    find /etc/apt/apt.conf.d -name '*prox*' -exec cp -t "$work/base/etc/apt/apt.conf.d" {} +
    tar -cf "$base.part" -C "$work/base" . && mv "$base.part" "$base"
    rm -rf "$work/base"
}

# A fresh copy of the bare system, with nothing of ours in it. A model is mapped through /proc.
fresh() {
    mkdir "$work/$1"
    tar -xf "$base" -C "$work/$1"
    mount -t proc proc "$work/$1/proc"
    cp /etc/resolv.conf "$work/$1/etc/resolv.conf"
}

inside() {
    local name=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
        chroot "$work/$name" "$@"
}

# The demo answers eight mails, and the program says which build it is.
try_program() {
    inside "$1" "$2" version
    inside "$1" "$2" demo
    [ "$(inside "$1" "$2" demo --json | grep -o '"label":' | wc -l)" -ge 8 ] ||
        die "$2 demo --json gave no eight answers"
}

test_debian_packages() {
    say "the Debian packages in a bare $release"
    fresh debian
    mkdir "$work/debian/packages" && cp "$dist"/*.deb "$work/debian/packages"
    inside debian apt-get update -qq
    inside debian sh -c 'apt-get install -y -qq --no-install-recommends /packages/*.deb' \
        > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "apt refused the packages"; }
    try_program debian /usr/bin/skillet
    # Removing them leaves nothing of theirs.
    inside debian dpkg --purge skillet libskillet-dev libskillet0 > /dev/null
    [ -z "$(find "$work/debian/usr" -iname '*skillet*')" ] || die "purging left files behind"
}

test_tarball() {
    say "the tarball in a bare $release"
    fresh tarball
    tar -xzf "$dist"/skillet-*.tar.gz -C "$work/tarball/opt"
    local program
    program=$(cd "$work/tarball" && echo opt/skillet-*/bin/skillet)
    try_program tarball "/$program"
}

make_base
test_debian_packages
test_tarball
say "both start and answer"
