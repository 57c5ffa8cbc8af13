#include "system/file.h"

#include <fcntl.h>

#include <cerrno>

#include "system/descriptor.h"

namespace ipmp {

FileText read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {errno, ""};
  char text[4096];
  const ssize_t length = read(file.number(), text, sizeof text);
  if (length < 0) return {errno, ""};
  std::string content(text, static_cast<std::size_t>(length));
  if (content.ends_with('\n')) content.pop_back();
  return {0, content};
}

int write_file(const std::string& path, const std::string& text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  return write(file.number(), text.data(), text.size()) < 0 ? errno : 0;
}

}  // namespace ipmp
