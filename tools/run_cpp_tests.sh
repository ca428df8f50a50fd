#!/usr/bin/env bash
# Runs the C++ tests of a preset, spread over the cores: run_cpp_tests.sh PRESET [TEXT]
# With TEXT only tests whose name has it, in any case (scan/residual: the part after the slash).
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
filter=${2:-}
# Arrow's own pools hide overflows from AddressSanitizer.
export ARROW_DEFAULT_MEMORY_POOL=system
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:abort_on_error=0
export LSAN_OPTIONS=suppressions=$PWD/tests/cpp/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# Arrow's libraries are not instrumented; tests kill children that were forked beside threads.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:die_after_fork=0
arguments=(--output-on-failure -j "$(nproc)")
if [ -n "$filter" ]; then
  # The name may be one of a Python test only.
  arguments+=(--no-tests=ignore -R "$(sed 's/[a-zA-Z]/[\L&\U&]/g' <<< "${filter##*/}")")
else
  arguments+=(--no-tests=error)
fi
ctest --test-dir "build/$preset" "${arguments[@]}"
