// Small files of /proc/sys: read and written whole.
#pragma once

#include <string>

namespace ipmp {

struct FileText {
  // 0, or the errno of the call that failed.
  int error = 0;
  // Without the trailing line feed.
  std::string text;
};

FileText read_file(const std::string& path);
// One write, never creating a file. 0 or errno.
int write_file(const std::string& path, const std::string& text);

}  // namespace ipmp
