"""All of a tree as a container sees it, a line a name: kind, mode, owner, size, times, links, xattrs, contents."""
import hashlib
import os
import stat
import sys

# In a layer that Docker makes for each container, with the time of that.
made_by_docker = {
    b".", b".dockerenv", b"anonymous", b"data", b"dev", b"dev/console", b"dev/pts", b"dev/shm", b"etc",
    b"etc/hostname", b"etc/hosts", b"etc/mtab", b"etc/resolv.conf", b"proc", b"sys",
}


def contents(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def line(path, name, first_names):
    info = os.lstat(path)
    fields = [name, oct(info.st_mode), info.st_uid, info.st_gid]
    if not stat.S_ISDIR(info.st_mode):
        fields += [info.st_size, info.st_nlink]
        if info.st_nlink > 1:
            fields.append(first_names.setdefault((info.st_dev, info.st_ino), name))
    if name not in made_by_docker:
        fields.append(info.st_mtime_ns)
    if stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
        fields.append(info.st_rdev)
    if stat.S_ISLNK(info.st_mode):
        fields.append(os.readlink(path))
    if stat.S_ISREG(info.st_mode):
        fields.append(contents(path))
    for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
        if not attribute.startswith("trusted.overlay."):
            fields += [attribute, os.getxattr(path, attribute, follow_symlinks=False)]
    return repr(fields)


def main(root):
    first_names = {}
    print(line(root, b".", first_names))
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            print(line(path, os.path.relpath(path, root), first_names))


main(os.fsencode(sys.argv[1]))
