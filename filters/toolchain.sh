#!/usr/bin/env bash
# Which Rust builds the guests? Prints one word:
#   rustup   the ordinary toolchain has the target wasm32-unknown-unknown, or
#            rustup could just add it
#   debian   it has not (no rustup, or no way to its downloads): Debian's rustc-web
#            builds the standard library from source first
# With --explain it prints that as words. NARROWGATE_GUEST_TOOLCHAIN=rustup|debian
# overrides. That rustup failed is remembered in .cache/no-rustup-target: remove the
# file to have it tried again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=wasm32-unknown-unknown
failed=.cache/no-rustup-target

has_target() {
    local sysroot
    sysroot=$(rustc --print sysroot 2>/dev/null) && [ -d "$sysroot/lib/rustlib/$target/lib" ]
}

add_target() {
    [ ! -e "$failed" ] && command -v rustup >/dev/null || return 1
    timeout 60 rustup target add "$target" </dev/null >/dev/null 2>&1 && has_target && return
    mkdir -p .cache
    echo "rustup target add $target failed" >"$failed"
    return 1
}

pick() {
    case ${NARROWGATE_GUEST_TOOLCHAIN:-} in
        rustup | debian) echo "$NARROWGATE_GUEST_TOOLCHAIN" ;;
        '') if has_target || add_target; then echo rustup; else echo debian; fi ;;
        *)
            echo "NARROWGATE_GUEST_TOOLCHAIN: rustup or debian is wanted" >&2
            exit 2
            ;;
    esac
}

way=$(pick)
case "${1:-} $way" in
    "--explain rustup") echo "rustup's Rust, which has the target $target" ;;
    "--explain debian") echo "Debian's rustc-web, as rustup has no target $target here" ;;
    *) echo "$way" ;;
esac
