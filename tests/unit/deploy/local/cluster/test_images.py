from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.cluster.images import File, Image, archive, pack

SHELL = {"bin/sh": File(b"#!", mode=0o755), "bin/ls": File(link="sh"), "tmp": File.folder(0o1777)}
IMAGE = Image("localhost/thing:1", SHELL, entrypoint=("/bin/sh",), environment={"A": "b"}, user="65534", ports=(8080,))


def read(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as opened:
        files = {member.name: opened.extractfile(member) for member in opened}
        return {name: file.read() for name, file in files.items() if file is not None}


def test_the_same_files_give_the_same_bytes() -> None:
    other_order = dict(reversed(SHELL.items()))
    assert archive([IMAGE]) == archive([replace(IMAGE, files=other_order)])


def test_a_changed_file_changes_the_configuration_s_name() -> None:
    changed = replace(IMAGE, files={**SHELL, "bin/sh": File(b"#?", mode=0o755)})
    assert json.loads(read(archive([IMAGE]))["manifest.json"]) != json.loads(read(archive([changed]))["manifest.json"])


def test_everything_the_manifest_names_is_there_under_its_digest() -> None:
    content = read(archive([IMAGE]))
    [entry] = json.loads(content["manifest.json"])
    assert entry["RepoTags"] == ["localhost/thing:1"]
    [layer] = entry["Layers"]
    config = json.loads(content[entry["Config"]])
    assert hashlib.sha256(content[entry["Config"]]).hexdigest() == entry["Config"].removesuffix(".json")
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(content[layer]).hexdigest()}"]
    assert config["config"]["Entrypoint"] == ["/bin/sh"]
    assert config["config"]["User"] == "65534"
    assert config["config"]["ExposedPorts"] == {"8080/tcp": {}}
    assert "A=b" in config["config"]["Env"]


def test_images_share_a_layer_that_is_the_same() -> None:
    twin = Image("localhost/twin:1", SHELL)
    content = read(archive([IMAGE, twin]))
    first, second = json.loads(content["manifest.json"])
    assert first["Layers"] == second["Layers"]
    assert first["Config"] != second["Config"]


def test_a_layer_keeps_modes_links_and_folders() -> None:
    with tarfile.open(fileobj=io.BytesIO(pack(SHELL))) as layer:
        members = {member.name: member for member in layer}
    assert members["bin"].isdir()
    assert members["bin/sh"].mode == 0o755
    assert members["bin/ls"].linkname == "sh"
    assert members["tmp"].mode == 0o1777
    assert {member.mtime for member in members.values()} == {0}
    assert {member.uid for member in members.values()} == {0}


@given(st.lists(st.text("abc/", min_size=1, max_size=8).map(lambda text: text.strip("/")).filter(bool), unique=True))
def test_a_folder_comes_before_what_is_in_it(paths: list[str]) -> None:
    clean = {"/".join(part for part in path.split("/") if part) for path in paths}
    leaves = {path: File(b"x") for path in clean if not any(other.startswith(f"{path}/") for other in clean)}
    with tarfile.open(fileobj=io.BytesIO(pack(leaves))) as layer:
        seen: set[str] = set()
        for member in layer:
            parent = member.name.rpartition("/")[0]
            assert parent in seen | {""}
            seen.add(member.name)
