#pragma once

/// Marks what must keep default visibility when libfloe is built with hidden symbols:
/// exception classes, so that a catch in another shared object finds the same type.
#define FLOE_EXPORT __attribute__((visibility("default")))
