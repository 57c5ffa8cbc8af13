// Commands from standard input, line by line, without ever waiting for them.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace lab {

class LineReader {
 public:
  /// Takes what is there. False at the end of input: whoever gave the commands is gone.
  bool fill() {
    char buffer[4096];
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
    if (count > 0) text_.append(buffer, static_cast<size_t>(count));
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
  }

  /// The words of the next complete line, if there is one.
  std::optional<std::vector<std::string>> next() {
    const size_t end = text_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::istringstream line(text_.substr(0, end));
    text_.erase(0, end + 1);
    std::vector<std::string> words;
    for (std::string word; line >> word;) words.push_back(word);
    return words;
  }

 private:
  std::string text_;
};

}  // namespace lab
