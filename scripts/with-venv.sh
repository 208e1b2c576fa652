#!/usr/bin/env bash
# with-venv.sh DIR REQUIREMENTS SCRIPT [ARGUMENT..]: runs a Python script in a throw-away virtual environment,
# which is made on the first call and made again when the requirements change.
set -euo pipefail
dir=$1 requirements=$2
shift 2
if ! cmp -s "$requirements" "$dir/installed"; then
    echo "setup: making $dir with $(tr '\n' ' ' < "$requirements")" >&2
    rm -rf "$dir"
    "${PYTHON:-python3}" -m venv "$dir" || {
        echo "setup: python3 cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    }
    "$dir/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$dir/installed"
fi
exec "$dir/bin/python" "$@"
