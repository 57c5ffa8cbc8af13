// The whole test framework: a named check that tells where it failed, and one exit code.
#pragma once

#include <iostream>

namespace ipmp::test {

inline int failures = 0;

inline void check(bool held, const char* what, const char* file, int line) {
  if (held) return;
  ++failures;
  std::cerr << file << ":" << line << ": " << what << "\n";
}

inline int result() { return failures == 0 ? 0 : 1; }

}  // namespace ipmp::test

#define CHECK(expression) ipmp::test::check(static_cast<bool>(expression), #expression, __FILE__, __LINE__)
