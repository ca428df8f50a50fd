#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/thrown.h"

namespace floe::testing {

/// The message of the error of that class which `call` is expected to throw.
inline std::string MessageOf(const std::string& class_name, const std::function<void()>& call) {
  const Thrown thrown = WhatThrows(call);
  EXPECT_EQ(thrown.class_name, class_name);
  return thrown.message;
}

}  // namespace floe::testing
