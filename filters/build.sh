#!/usr/bin/env bash
# Builds every guest of this repository for wasm32-unknown-unknown and makes
# components of them:
#   filters/NAME, examples/filters/NAME  →  target/filters/NAME.wasm
#   tests/guests/NAME                    →  target/filters/hostile/NAME.wasm
# A folder with a Cargo.toml in one of these places is a guest: a member of the
# workspace with crate-type "cdylib". Only what changed is built again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=wasm32-unknown-unknown
modules=target/guests/$target/guest
out=target/filters

package() { # FOLDER: its package's name
    sed -n 's/^name *= *"\(.*\)"/\1/p;/^name/q' "$1/Cargo.toml"
}

folders=()
packages=()
for manifest in filters/*/Cargo.toml examples/filters/*/Cargo.toml tests/guests/*/Cargo.toml; do
    [ -e "$manifest" ] || continue
    folders+=("${manifest%/Cargo.toml}")
    packages+=(--package "$(package "${manifest%/Cargo.toml}")")
done

echo "guests: ${#folders[@]}, built with $(filters/toolchain.sh --explain)"
build=(cargo build --quiet --profile guest --target "$target" --target-dir target/guests --lib)
if [ "$(filters/toolchain.sh)" = debian ]; then
    # The standard library comes from source and wants RUSTC_BOOTSTRAP; Debian's
    # linker for Wasm goes by another name than rustc expects.
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld-19
    build+=(-Zbuild-std=std,panic_abort)
fi
"${build[@]}" "${packages[@]}"
unset RUSTC RUSTC_BOOTSTRAP

cargo build --quiet --package narrowgate-componentize
componentize=${CARGO_TARGET_DIR:-target}/debug/narrowgate-componentize

mkdir -p "$out/hostile"
made=0
for folder in "${folders[@]}"; do
    name=${folder##*/}
    crate=$(package "$folder")
    module=$modules/${crate//-/_}.wasm
    component=$out/$name.wasm
    case $folder in tests/*) component=$out/hostile/$name.wasm ;; esac
    if [ "$module" -nt "$component" ] || [ "$componentize" -nt "$component" ]; then
        "$componentize" "$module" "$component"
        made=$((made + 1))
    fi
done
echo "guests: $made of ${#folders[@]} components made anew in $out"
