"""
Write container images without any tool: a docker archive is a tar of JSON and one tar per layer.

The same files give the same bytes, so an image that did not change has the digest it had before. The local node
starts with the images made here; nothing is pulled.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# busybox has some four hundred; these are the ones for which people open a shell
APPLETS = (
    "ash awk base64 basename cat chmod chown clear cp cut date dd df dirname du echo env expr false find free grep "
    "gzip head hexdump hostname id kill less ln ls md5sum mkdir mkfifo mktemp more mount mv nc netstat nproc nslookup "
    "od ping printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort stat strings sync tail tar tee "
    "test timeout top touch tr true tty umount uname uniq uptime vi watch wc wget whoami xargs yes"
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of an image: bytes, or where a symbolic link leads, or a folder."""

    content: bytes | None = None
    link: str | None = None
    mode: int = 0o644

    @classmethod
    def program(cls, path: Path) -> File:
        """Take a program of this machine."""
        return cls(path.read_bytes(), mode=0o755)

    @classmethod
    def folder(cls, mode: int = 0o755) -> File:
        """Make an empty folder; folders above files come by themselves."""
        return cls(mode=mode)


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its name, files, command and configuration."""

    name: str
    files: Mapping[str, File]
    """By path without a leading slash."""
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    ports: Sequence[int] = ()
    architecture: str = "amd64"


def _with_folders(files: Mapping[str, File]) -> dict[str, File]:
    """Add the folders that lie above files, in the order in which they must be made."""
    complete = dict(files)
    for path in files:
        for parent in Path(path).parents:
            if parent != Path():
                complete.setdefault(str(parent), File.folder())
    return dict(sorted(complete.items()))


def _entry(name: str, file: File) -> tuple[tarfile.TarInfo, io.BytesIO | None]:
    entry = tarfile.TarInfo(name)
    entry.mode = file.mode
    if file.content is not None:
        entry.size = len(file.content)
        return entry, io.BytesIO(file.content)
    if file.link is not None:
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, file.link, 0o777
    else:
        entry.type = tarfile.DIRTYPE
    return entry, None


def pack(files: Mapping[str, File]) -> bytes:
    """Return a tar of the files; owner, time and order are always the same."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in _with_folders(files).items():
            archive.addfile(*_entry(name, file))
    return target.getvalue()


def archive(images: Sequence[Image]) -> bytes:
    """Return a docker archive of several images; layers that are the same are there once."""
    content: dict[str, File] = {}
    manifest = []
    for image in images:
        layer = pack(image.files)
        layer_digest = hashlib.sha256(layer).hexdigest()
        config = json.dumps(_config(image, layer_digest), sort_keys=True).encode()
        config_name = f"{hashlib.sha256(config).hexdigest()}.json"
        content[f"{layer_digest}.tar"] = File(layer)
        content[config_name] = File(config)
        manifest.append({"Config": config_name, "RepoTags": [image.name], "Layers": [f"{layer_digest}.tar"]})
    content["manifest.json"] = File(json.dumps(manifest, sort_keys=True).encode())
    return pack(content)


def _config(image: Image, layer_digest: str) -> dict[str, object]:
    """Return the image's configuration as https://github.com/opencontainers/image-spec/blob/main/config.md has it."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **image.environment}
    return {
        "architecture": image.architecture,
        "os": "linux",
        # the time is part of the digest
        "created": "1970-01-01T00:00:00Z",
        "config": {
            "Entrypoint": list(image.entrypoint),
            "Cmd": list(image.command),
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "User": image.user,
            "WorkingDir": "/",
            "ExposedPorts": {f"{port}/tcp": {} for port in image.ports},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
    }


def shell_files(busybox: Path, netcheck: Path) -> dict[str, File]:
    """Return a small system with a shell, and with netcheck for questions that need no shell."""
    people = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
    return {
        "bin/busybox": File.program(busybox),
        "bin/netcheck": File.program(netcheck),
        **{f"bin/{applet}": File(link="busybox") for applet in APPLETS.split()},
        "etc/passwd": File(people),
        "etc/group": File(b"root:x:0:\nnogroup:x:65534:\n"),
        "root": File.folder(0o700),
        "tmp": File.folder(0o1777),
        "var/log": File.folder(),
    }


def node_images(programs: Mapping[str, Path], busybox: Path, architecture: str) -> list[Image]:
    """Return the images with which the local node starts; the programs are those of `programs.NODE`."""
    shell = shell_files(busybox, programs["netcheck"])
    crash = ("/bin/sh", "-c", "echo 'this container ends at once' >&2; exit 1")
    return [
        Image(
            "localhost/pause:1",
            {"pause": File.program(programs["pause"])},
            entrypoint=("/pause",),
            architecture=architecture,
        ),
        Image("localhost/busybox:1", shell, command=("/bin/sh",), architecture=architecture),
        Image(
            "localhost/kubeorch-starter:1",
            {**shell, "usr/bin/starter": File.program(programs["starter"]), "etc/starter": File.folder()},
            entrypoint=("/usr/bin/starter",),
            user="65534",
            ports=(8080,),
            architecture=architecture,
        ),
        Image("localhost/simulate-crash:1", shell, command=crash, architecture=architecture),
    ]
