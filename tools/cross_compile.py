"""Compiles every kernel and every module for processors and systems that are not at hand, with all warnings.

    python tools/cross_compile.py [--zig PYTHON] [--target TARGET ...] [--only WORD]

Clang comes with the package ``ziglang``, in the environment of PYTHON, and with it the headers of C for
each target. Those of Python and NumPy are the ones of this interpreter, with the sizes of types on the
target. Objects are made, nothing is linked. A line tells of each target; the exit status is 1 after a
warning.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "spectrograms" / "_engine"
KERNELS = ENGINE / "kernels"

TARGETS = ("aarch64-macos", "x86_64-macos", "x86_64-windows-gnu")

# What Python's own header for Windows says, as far as its other headers and generated modules ask.
WINDOWS = """
#define MS_WIN64 1
#define MS_WIN32 1
#define MS_WINDOWS 1
#define NT_THREADS 1
#define WITH_THREAD 1
#define HAVE_STDINT_H 1
#define HAVE_STDDEF_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_WCHAR_H 1
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_FLOAT 4
#define SIZEOF_DOUBLE 8
#define SIZEOF_LONG_DOUBLE 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_OFF_T 4
#define SIZEOF_FPOS_T 8
#define SIZEOF_PID_T 4
#define ALIGNOF_SIZE_T 8
#define ALIGNOF_MAX_ALIGN_T 8
"""


@dataclass(frozen=True)
class Target:
    """What differs between targets; sizes in bytes."""

    name: str

    @property
    def windows(self):
        return "windows" in self.name

    @property
    def long(self):
        return 4 if self.windows else 8

    @property
    def long_double(self):
        # As NumPy is built: by Microsoft's compiler on Windows.
        return 8 if self.windows or self.name.startswith("aarch64-macos") else 16


def _strings(name, path=ENGINE / "meson.build"):
    """The texts of a list in a file of Meson, which ends with a line that begins with a bracket."""
    found = re.search(rf"^{name} = (.*?\n[)\]].*?)$", path.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"'([^']*)'", found[1])


def sources():
    """Module of Cython -> level of optimization, in the order of meson.build."""
    rows = re.findall(r"\['(\w+)', '(\w+)', '(\d)'\]", (ENGINE / "meson.build").read_text())
    return {ENGINE / room / f"{module}.pyx": level for room, module, level in rows}


def write_modules(folder):
    """Have Cython write all modules; return path of C -> level of optimization."""
    found = sources()
    command = [sys.executable, "-m", "cython", *_strings("cython_args"), "--output-file", str(folder)]
    done = subprocess.run([*command, *map(str, found)], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return {folder / f"{path.stem}.c": level for path, level in found.items()}


def levels(target):
    """Level -> its options, of those that a processor of the target may have, with Zig's names of them."""
    found = {}
    for line in (KERNELS / "levels.txt").read_text().splitlines():
        name, *words = line.split()
        if not words or target.startswith("x86_64"):
            found[name] = [f"-march={word.replace('-', '_')}" for word in words[:1]]
    return found


def write_levels(folder, target):
    """Write ``levels.h``, as meson.build does."""
    has = {}
    for line in (KERNELS / "levels.txt").read_text().splitlines():
        name, *words = line.split()
        has[name] = " && ".join(f"SG_HAS_{word}" for word in words[1:]) or "1"
    each = " ".join(f"L({name}, {has[name]})" for name in levels(target))
    (folder / "levels.h").write_text(f"#define SG_EACH_LEVEL(L) {each}\n")


def copy_headers(folder, target):
    """Copy the headers of Python and NumPy with the sizes of a target; return the folders to look in."""
    python, numpy = folder / "python", folder / "numpy"
    shutil.copytree(sysconfig.get_path("include"), python)
    shutil.copytree(np.get_include(), numpy)
    if target.windows:
        (python / "pyconfig.h").write_text(WINDOWS)
    sizes = {
        "LONG": target.long,
        "LONGDOUBLE": target.long_double,
        "COMPLEX_LONGDOUBLE": 2 * target.long_double,
    }
    path = numpy / "numpy" / "_numpyconfig.h"
    text = path.read_text()
    for name, size in sizes.items():
        text = re.sub(rf"(#define NPY_SIZEOF_{name}) \d+", rf"\1 {size}", text)
    if "linux" not in target.name:
        text = text.replace("#define NPY_HAVE_ENDIAN_H 1", "")
    path.write_text(text)
    return [python, numpy]


def units(modules, target, headers, generated):
    """What to compile: (name, source, options)."""
    warn = ["-Wall", "-Wextra", "-std=gnu11"]
    kernel = [*warn, *_strings("kernel_args", KERNELS / "meson.build")]
    for level, march in levels(target).items():
        vectors = int(level != "plain")
        defines = [f"-DSG_NAME={level}", f"-DSG_VECTORS={vectors}"]
        yield (
            f"kernels_{level}",
            KERNELS / "kernels.c",
            [*kernel, *march, *defines, "-O3" if vectors else "-O1"],
        )
    own = [KERNELS, ENGINE / "fourier" / "include", ENGINE / "threads", generated]
    include = [f"-I{path}" for path in own] + [word for path in headers for word in ("-isystem", str(path))]
    yield "dispatch", KERNELS / "dispatch.c", [*warn, *include, "-O1"]
    options = [*warn, *_strings("generated_args"), *include]
    for path, level in modules.items():
        yield path.stem, path, [*options, f"-O{level}"]


def compile_all(compiler, modules, target, headers, folder, only=""):
    """Compile for one target; return name of object -> what the compiler said."""
    write_levels(folder, target)
    said = {}
    for name, source, options in units(modules, target, headers, folder):
        if only not in name:
            continue
        command = [*compiler, *options, "-fPIC", "-fvisibility=hidden", "-c", str(source)]
        if "windows" in target:
            command.remove("-fPIC")
        done = subprocess.run([*command, "-o", str(folder / f"{name}.o")], capture_output=True, text=True)
        said[name] = done.stderr + ("" if done.returncode == 0 else f"exit status {done.returncode}\n")
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zig", default=sys.executable, metavar="PYTHON", help="has the package ziglang")
    parser.add_argument("--target", action="append", help=f"as Zig names it; {', '.join(TARGETS)} by default")
    parser.add_argument("--only", default="", metavar="WORD", help="in the name of what is compiled")
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        os.environ.setdefault("ZIG_GLOBAL_CACHE_DIR", str(place / "cache"))
        modules = write_modules(place)
        for name in options.target or TARGETS:
            folder = place / name
            folder.mkdir()
            headers = copy_headers(folder / "include", Target(name))
            compiler = [options.zig, "-m", "ziglang", "cc", "-target", name]
            said = compile_all(compiler, modules, name, headers, folder, options.only)
            spoken = {key: text for key, text in said.items() if text}
            for key, text in spoken.items():
                print(f"--- {name} {key}\n{text}")
            levels_here = ", ".join(levels(name))
            print(
                f"{name}: {len(said)} objects, kernels {levels_here}; {len(spoken)} with warnings", flush=True
            )
            failed = failed or bool(spoken)
    sys.exit(failed)


if __name__ == "__main__":
    main()
