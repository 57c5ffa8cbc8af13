// Just enough JSON to report: objects and arrays of numbers and of plain names.
#pragma once

#include <concepts>
#include <string>

namespace lab {

/// Collects the members of one object or array; `close` ends it.
class JsonWriter {
 public:
  explicit JsonWriter(char open) : text_(1, open), end_(open == '{' ? '}' : ']') {}

  template <std::integral Number>
  JsonWriter& number(const std::string& key, Number value) {
    return raw(key, std::to_string(value));
  }

  JsonWriter& boolean(const std::string& key, bool value) { return raw(key, value ? "true" : "false"); }

  /// Names are ours or the kernel's: nothing in them needs an escape.
  JsonWriter& name(const std::string& key, const std::string& value) { return raw(key, '"' + value + '"'); }

  /// A member that is JSON already.
  JsonWriter& raw(const std::string& key, const std::string& value) {
    if (text_.size() > 1) text_ += ',';
    text_ += '"' + key + "\":" + value;
    return *this;
  }

  /// An element of an array that is JSON already.
  JsonWriter& element(const std::string& value) {
    if (text_.size() > 1) text_ += ',';
    text_ += value;
    return *this;
  }

  std::string close() const { return text_ + end_; }

 private:
  std::string text_;
  char end_;
};

}  // namespace lab
