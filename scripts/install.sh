#!/bin/sh
# Make .venv hold exactly what requirements-dev.txt lists. PYTHON= chooses the interpreter. Done already, it is quick.
set -eu
cd "$(dirname "$0")/.."
venv=.venv/bin/python

version() { # of $1, or nothing where it does not run
    "$1" -c 'import sys; print("Python %d.%d.%d" % sys.version_info[:3])' 2>/dev/null || true
}

usable() { # whether $1 runs, is new enough and can make an environment (a pyenv shim may exist and do none of these)
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

refuse() { # one line: make adds the second
    echo "$1" >&2
    exit 1
}
how="Install Python 3.11, 3.12 or 3.13 (on Debian also python3-venv), or name one: make install PYTHON=/path/to/python3"

room() { # stops where the packages would not fit; a full disk would end in pages of errors half-way
    free=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge 700 ] || refuse "The disk of $PWD has $free MB left; the packages need 700. Make room there."
    [ -w . ] || refuse "Nothing can be written to $PWD. Clone into a folder of your own."
}

# An environment is kept while it runs, lies where it was made (its scripts hold the path) and is what PYTHON asks for.
house="$(version $venv) in $PWD"
pins=$(cksum <requirements-dev.txt)
if [ "$(sed -n 1p .venv/made-from 2>/dev/null)" = "$house" ] &&
    { [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON")" = "$(version $venv)" ]; }; then
    [ "$(sed -n 2p .venv/made-from)" != "$pins" ] || exit 0
    room
else
    room
    chosen=${PYTHON:-}
    for candidate in python3.13 python3.12 python3.11 python3; do
        if [ -z "$chosen" ] && usable "$candidate"; then chosen=$candidate; fi
    done
    found=$(version "${chosen:-python3}")
    [ -n "$chosen" ] || refuse "Tidemark needs Python 3.11 or newer with venv; python3 here is ${found:-missing}. $how"
    usable "$chosen" || refuse "Tidemark needs Python 3.11 or newer with venv; $chosen is ${found:-no Python that runs}. $how"
    echo "Making .venv with $found"
    "$chosen" -m venv --clear .venv
fi
rm -f .venv/made-from

# uv first, by its own hashed lines, then uv installs the rest; where uv cannot be had pip does it all, more slowly.
echo "Installing what requirements-dev.txt lists"
pip="$venv -m pip install --quiet --disable-pip-version-check --require-hashes"
sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ /p;}' requirements-dev.txt >.venv/uv.txt
if ! $pip --no-deps -r .venv/uv.txt || ! .venv/bin/uv pip sync --quiet --python $venv --require-hashes requirements-dev.txt; then
    echo "uv is not to be had; pip takes about a minute"
    $pip -r requirements-dev.txt
fi
printf '%s\n%s\n' "$(version $venv) in $PWD" "$pins" >.venv/made-from
