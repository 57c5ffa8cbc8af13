// What the constructors and the status of the addon's classes have in common.
#pragma once

#include <napi.h>

#include <string>

namespace ipmp {

inline std::uint32_t number_option(const Napi::Object& options, const char* name) {
  return options.Get(name).ToNumber().Uint32Value();
}

// `true`, or the reason why not.
inline Napi::Value true_or(Napi::Env env, const std::string& refusal) {
  return refusal.empty() ? Napi::Value(Napi::Boolean::New(env, true)) : Napi::Value(Napi::String::New(env, refusal));
}

}  // namespace ipmp
