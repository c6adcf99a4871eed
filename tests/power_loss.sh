#!/bin/sh
# Cuts the power in a landing (power_loss.py): a bounded selection; `make torture` does all.
: "${SRC_DIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BUILD_DIR:=$SRC_DIR}"
command -v python3 >/dev/null 2>&1 || exit 77
command -v strace >/dev/null 2>&1 || exit 77
strace -o /dev/null true 2>/dev/null || exit 77
# A sanitized program cannot be traced.
grep -q -e '-fsanitize=' "$BUILD_DIR/config.status" 2>/dev/null && exit 77
exec python3 "$SRC_DIR/tests/power_loss.py" "$BUILD_DIR/tests/crash_land" "${@:---bounded}"
