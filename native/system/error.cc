#include "system/error.h"

#include <cerrno>
#include <cstring>

namespace ipmp {

SystemError::SystemError(std::string what_was_done, int number, std::string kernel_text)
    : std::runtime_error(what_was_done + ": " + strerror(number) + (kernel_text.empty() ? "" : ": " + kernel_text)),
      operation(std::move(what_was_done)),
      error(number),
      text(std::move(kernel_text)) {}

void fail(const std::string& operation) {
  throw SystemError(operation, errno);
}

}  // namespace ipmp
