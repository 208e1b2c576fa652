#!/usr/bin/env bash
# Makes sure that `.libtorch` holds libtorch, which the feature `train` is built with: a link to one that is installed, or the CPU libraries out
# of PyTorch's wheels (543 MB to download, 499 MB on disk). The version is the one that the crate `tch` was written for.
# Says nothing when there is nothing to do. Exit status: 0 it is there, 1 it is not.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.11.0
here=.libtorch

say() { printf 'setup: %s\n' "$*" >&2; }
give_up() {
    say "$1"
    say "the feature \`train\` needs libtorch $version. Unpack one and set LIBTORCH to its folder (the one with lib/ and include/),"
    say "or make a Python with torch $version the \`python3\` of your PATH; everything else works without it."
    exit 1
}

# LIBTORCH of the environment is what the build uses, whatever is in .libtorch.
if [ -n "${LIBTORCH:-}" ]; then
    [ -e "$LIBTORCH/lib/libtorch_cpu.so" ] || [ -e "$LIBTORCH/lib/libtorch_cpu.dylib" ] ||
        give_up "LIBTORCH is $LIBTORCH, and there is no libtorch in its folder lib/."
    exit 0
fi
[ "$(cat "$here/build-version" 2>/dev/null)" = "$version" ] && [ -e "$here/lib/libc10.so" ] && exit 0

# A Python that has this version of torch brings libtorch along, with CUDA if it was built with it.
installed=$(python3 - "$version" 2>/dev/null <<'PYTHON' || true
import importlib.metadata, importlib.util, sys
if importlib.metadata.version("torch").split("+")[0] == sys.argv[1]:
    print(importlib.util.find_spec("torch").submodule_search_locations[0])
PYTHON
)
if [ -n "$installed" ] && [ -e "$installed/lib/libtorch_cpu.so" ]; then
    say "using libtorch $version of the Python package in $installed"
    rm -rf "$here"
    mkdir "$here"
    ln -s "$installed/lib" "$here/lib"
    ln -s "$installed/include" "$here/include"
    echo "$version" >"$here/build-version"
    exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] || give_up "there are no wheels with a libtorch for $(uname -sm) that this script knows."
python3 -m pip --version >/dev/null 2>&1 || give_up "no libtorch was found, and there is no pip to download it with (Debian: python3-pip)."
command -v unzip >/dev/null || give_up "no libtorch was found, and there is no unzip to unpack one with (Debian: unzip)."

say "downloading libtorch $version for CPUs out of the wheels of PyTorch (543 MB)"
work=$(mktemp -d -p .)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-cache-dir --no-deps --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
    -d "$work" "torch==$version" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85 ||
    give_up "the wheels could not be downloaded (see above)."
new=$work/libtorch
mkdir -p "$new/lib"
unzip -q "$work"/torch-*.whl 'torch/lib/libtorch.so' 'torch/lib/libtorch_cpu.so' 'torch/lib/libc10.so' 'torch/lib/libgomp.so.1' 'torch/include/*' -d "$work/x"
# libtorch_cpu.so is linked against these two even where no GPU is used.
unzip -q "$work"/nvidia_cuda_runtime-*.whl '*/libcudart.so.13' -d "$work/x"
unzip -q "$work"/nvidia_cuda_cupti-*.whl '*/libcupti.so.13' -d "$work/x"
mv "$work/x/torch/include" "$new/include"
find "$work/x" -name '*.so*' -exec mv {} "$new/lib/" \;
ln -s libgomp.so.1 "$new/lib/libgomp.so"
echo "$version" >"$new/build-version"
rm -rf "$here"
mv "$new" "$here"
say "done: $here"
