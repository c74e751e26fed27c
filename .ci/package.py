#!/usr/bin/env python3
"""Packages every crate that is published, checks what the packages hold, and builds a user's crate from them.

usage: .ci/package.py [--test]

With `--test` the tests of the packages run too, which takes as long as the tests of the workspace.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 2**20  # crates.io takes 10 MB; ours are far smaller, so more is a file by mistake.
LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"]
METADATA = ["description", "license", "repository", "readme", "keywords", "categories", "rust_version"]

# Tests of docs/, tests that build crates against the checkout, and the generator of proto/: what they need is in no package.
LEFT_OUT = re.compile(r"tests/((documentation|pictures_to_onnx)\.rs|outside/.*)|proto/.*")
# What the root package is made of; the rest of the repository is its surroundings.
OF_ROOT = re.compile(r"(src|examples|tests)/.*|README\.md|CHANGELOG\.md|LICENSE-.*")

USER = """\
//! A user's crate.

use horesnet::{Result, Tensor, candle_core::Device, ho_block};

ho_block!(rk4);
ho_block!("schemes/mine.tab");

/// Takes a step of each for x′ = −x.
pub fn step() -> Result<Tensor> {
    let decay = |x: &Tensor| x.neg();
    let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
    Mine::shared(decay).step(0.1, &Rk4::shared(decay).step(0.1, &x)?)
}
"""

problems = []


def require(condition, problem):
    if not condition:
        problems.append(problem)


def cargo(*arguments, folder=ROOT):
    print("+ cargo", *arguments, flush=True)
    subprocess.run(["cargo", *arguments], cwd=folder, check=True)


def tracked(folder):
    """Returns the files of a folder that git knows, or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return {name for name in listed.stdout.splitlines() if (folder / name).exists()}


def check_metadata(crate):
    for key in METADATA:
        require(crate[key], f"{crate['name']}: Cargo.toml has no {key}")
    if any("proc-macro" in target["kind"] or "lib" in target["kind"] for target in crate["targets"]):
        on_docs_rs = ((crate["metadata"] or {}).get("docs") or {}).get("rs") or {}
        require(on_docs_rs, f"{crate['name']}: Cargo.toml has no [package.metadata.docs.rs]")
        require(not on_docs_rs.get("all-features"), f"{crate['name']}: docs.rs cannot build the feature cuda")


def check_package(crate, archive):
    """Checks the members of a package, and returns its size."""
    name, folder = crate["name"], pathlib.Path(crate["manifest_path"]).parent
    with tarfile.open(archive) as package:
        members = {member.name.split("/", 1)[1]: member for member in package.getmembers()}
        for path, member in members.items():
            require(member.isfile(), f"{name}: {path} is no plain file")
        for licence in LICENCES:
            found = members.get(licence)
            text = package.extractfile(found).read() if found else None
            require(text == (ROOT / licence).read_bytes(), f"{name}: {licence} is not that of the repository")
    require("README.md" in members, f"{name}: no README.md")
    sources = {path for path in tracked(folder) if not LEFT_OUT.fullmatch(path)}
    if folder == ROOT:
        sources = {path for path in sources if OF_ROOT.fullmatch(path)}
    require(sources <= members.keys(), f"{name}: not in the package: {sorted(sources - members.keys())}")
    added = {"Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"}
    require(members.keys() <= sources | added, f"{name}: too much: {sorted(members.keys() - sources - added)}")
    size = archive.stat().st_size
    require(size < LIMIT, f"{name}: the package has {size:,} bytes, more than {LIMIT:,}")
    return size


def check_links(page, repository):
    """Checks that links are absolute, and that those into the repository lead to a file."""
    name, text = page.relative_to(ROOT), page.read_text()
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    written = [r"\]\(([^)\s]+)\)", r"(?m)^\[[^\]]+\]: (\S+)", r'(?:src|href)="([^"]+)"']
    links = [link for pattern in written for link in re.findall(pattern, prose)]
    raw = repository.replace("https://github.com", "https://raw.githubusercontent.com")
    for link in links:
        require(re.match(r"https://|#", link), f"{name}: the link {link} is relative")
        for start in (f"{repository}/blob/main/", f"{repository}/tree/main/", f"{raw}/main/"):
            if link.startswith(start):
                path = link.removeprefix(start).split("#")[0]
                require((ROOT / path).exists(), f"{name}: {link} leads to no file")


def unpack(crates, archives, folder):
    """Makes a workspace of the unpacked packages and a user's crate, with the versions and profiles of the project."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "user" / "src").mkdir(parents=True)
    (folder / "user" / "schemes").mkdir()
    for archive in archives:
        with tarfile.open(archive) as package:
            package.extractall(folder, filter="data")
    # Packages have the same times whatever they hold, and cargo would take changed files for those of an earlier run.
    for path in folder.rglob("*"):
        os.utime(path)
    (folder / "user" / "Cargo.toml").write_text(
        '[package]\nname = "user"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\nhoresnet = "0.1"\n'
    )
    (folder / "user" / "src" / "lib.rs").write_text(USER)
    (folder / "user" / "schemes" / "mine.tab").write_text("0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n")
    unpacked = {crate["name"]: f"{crate['name']}-{crate['version']}" for crate in crates}
    members = ", ".join(f'"{path}"' for path in ["user", *unpacked.values()])
    patches = "".join(f'{name} = {{ path = "{path}" }}\n' for name, path in unpacked.items())
    manifest = (ROOT / "Cargo.toml").read_text()
    profiles = "".join(re.findall(r"^\[profile.*?(?=^\[|\Z)", manifest, flags=re.M | re.S))
    (folder / "Cargo.toml").write_text(
        f'[workspace]\nresolver = "3"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}\n{profiles}'
    )
    shutil.copy(ROOT / "Cargo.lock", folder)


def main():
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    metadata = json.loads(metadata.stdout)
    crates = [crate for crate in metadata["packages"] if crate["publish"] != []]
    target = pathlib.Path(metadata["target_directory"])
    selected = [argument for crate in crates for argument in ("-p", crate["name"])]
    cargo("package", *selected, "--no-verify", "--allow-dirty", "--locked", "--quiet")

    archives = [target / "package" / f"{crate['name']}-{crate['version']}.crate" for crate in crates]
    for crate, archive in zip(crates, archives):
        check_metadata(crate)
        size = check_package(crate, archive)
        check_links(pathlib.Path(crate["manifest_path"]).parent / crate["readme"], crate["repository"])
        print(f"{archive.name}: {size:,} bytes")
    if problems:
        sys.exit("\n".join(f"error: {problem}" for problem in problems))

    # Dependencies have the same versions, features and profiles as in the project, so cargo finds them built.
    folder = target / "packaged"
    unpack(crates, archives, folder)
    cargo("check", "--workspace", "--all-targets", "--target-dir", str(target / "checks"), folder=folder)
    if "--test" in sys.argv[1:]:
        cargo("test", "--workspace", "--target-dir", str(target), folder=folder)


if __name__ == "__main__":
    main()
