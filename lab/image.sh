# shellcheck shell=bash
# Images made in the host itself: no registry is reached.

base_image=plimsoll-lab-base:latest

# The same bytes every time, so that hosts which made it apart still share the layer.
base_tar() {
  local tree=$lab_dir/base applet
  if [[ ! -d $tree ]]; then
    # A container has no libraries of the machine's.
    if ldd "$(command -v busybox)" >/dev/null 2>&1; then
      die "image needs a static busybox (Debian: busybox-static)"
    fi
    mkdir -p "$tree.new"/{bin,etc,root,tmp}
    chmod 1777 "$tree.new/tmp"
    cp "$(command -v busybox)" "$tree.new/bin/busybox"
    for applet in $(busybox --list); do
      [[ -e $tree.new/bin/$applet ]] || ln -s busybox "$tree.new/bin/$applet"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$tree.new/etc/passwd"
    printf 'root:x:0:\n' >"$tree.new/etc/group"
    mv "$tree.new" "$tree"
  fi
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$tree" -c .
}

# A build context on standard output: FROM the base, with SIZE MiB that no compressor shrinks.
# Made from the image's name, so that the same name and size are the same layer on every host.
blob_context() {
  local name=$1 size=$2 work=$3
  printf 'FROM %s\nCOPY blob /blob\n' "$base_image" >"$work/Dockerfile"
  head -c "$((size * 1048576))" /dev/zero |
    openssl enc -aes-128-ctr -nosalt -pbkdf2 -pass "pass:$name $size" >"$work/blob" 2>/dev/null
  tar --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -c Dockerfile blob
}

make_image() {
  local host=$1 name=$2 size=$3 work
  if ! (in_host "$host" docker image inspect "$base_image") >/dev/null 2>&1; then
    base_tar | (in_host "$host" docker import --change 'CMD ["/bin/sh"]' - "$base_image") >/dev/null
  fi
  if [[ -z $size ]]; then
    (in_host "$host" docker tag "$base_image" "$name")
    return
  fi
  command -v openssl >/dev/null || die "--size needs openssl (Debian: openssl)"
  work=$(mktemp -d "$lab_dir/blob.XXXXXX")
  blob_context "$name" "$size" "$work" |
    (in_host "$host" env DOCKER_BUILDKIT=0 docker build --quiet --tag "$name" -) >/dev/null
  rm -rf "$work"
}
