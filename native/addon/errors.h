// Errors of the system layer -> JavaScript errors with the fields `operation`, `errno` and `text`.
#pragma once

#include <napi.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "system/error.h"

namespace ipmp {

inline Napi::Error to_javascript_error(Napi::Env env, const SystemError& error) {
  Napi::Error thrown = Napi::Error::New(env, error.what());
  thrown.Set("operation", Napi::String::New(env, error.operation));
  thrown.Set("errno", Napi::Number::New(env, error.error));
  thrown.Set("text", Napi::String::New(env, error.text));
  return thrown;
}

// Runs the body of a method; Napi errors pass as they are.
template <typename Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const SystemError& error) {
    throw to_javascript_error(env, error);
  } catch (const std::system_error& error) {
    throw to_javascript_error(env, SystemError("starting a thread", error.code().value()));
  } catch (const std::bad_alloc&) {
    throw to_javascript_error(env, SystemError("getting memory", ENOMEM));
  } catch (const std::length_error&) {
    throw to_javascript_error(env, SystemError("getting memory", ENOMEM));
  }
}

}  // namespace ipmp
