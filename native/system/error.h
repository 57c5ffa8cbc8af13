// The one error of the system layer: which call failed, with which errno, and what the kernel said about it.
#pragma once

#include <stdexcept>
#include <string>

namespace ipmp {

class SystemError : public std::runtime_error {
 public:
  SystemError(std::string operation, int error, std::string text = "");

  // What was being done, in words: "opening a packet socket".
  const std::string operation;
  const int error;
  // The kernel's extended acknowledgement, or "".
  const std::string text;
};

// Throws with the present errno.
[[noreturn]] void fail(const std::string& operation);

}  // namespace ipmp
