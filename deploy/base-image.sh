#!/usr/bin/env bash
# Makes a base image out of Debian's packages, for machines that have no container registry to pull from.
#
#   bash deploy/base-image.sh [IMAGE]        (default: regtrade-base:bookworm)
#
# Needs root, debootstrap and Docker. Does nothing when the image is there already: remove the image to have
# it made anew. The mirror is debootstrap's own default, or the one named in DEBIAN_MIRROR.
set -euo pipefail

image="${1:-regtrade-base:bookworm}"
suite=bookworm

if docker image inspect "${image}" >/dev/null 2>&1; then
    echo "base image ${image} is there already"
    exit 0
fi
if ! command -v debootstrap >/dev/null; then
    echo "debootstrap is not installed (apt-get install debootstrap)" >&2
    exit 3
fi

work="$(mktemp -d)"
unmount_and_remove() {
    # debootstrap leaves these mounted when it is interrupted; removing through a mount would reach the host.
    local mounted
    for mounted in proc sys dev/pts dev; do
        if mountpoint -q "${work}/root/${mounted}"; then
            umount "${work}/root/${mounted}" || return 0
        fi
    done
    rm -rf --one-file-system "${work}"
}
trap unmount_and_remove EXIT
trap 'exit 130' INT TERM

# The image's root folder keeps the mode of this one, and a user other than root must be able to enter it.
mkdir -m 0755 "${work}/root"
if ! debootstrap --variant=minbase "${suite}" "${work}/root" ${DEBIAN_MIRROR:+"${DEBIAN_MIRROR}"} >"${work}/log" 2>&1; then
    tail -n 20 "${work}/log" >&2
    echo "debootstrap of ${suite} failed" >&2
    exit 3
fi

# Package lists, downloaded packages and documentation are of no use in a container: 206 MB become about 100.
tar --create --directory "${work}/root" --numeric-owner --one-file-system \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' . \
    | docker import --change 'CMD ["/bin/sh"]' - "${image}" >/dev/null
echo "base image ${image} made"
