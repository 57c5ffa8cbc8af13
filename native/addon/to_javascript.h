// Kernel objects -> JavaScript values, in the shapes of src/core/kernel-state/kernel-objects.ts and, for routes of
// others, of src/kernel/native.ts.
//
// Plain C API throughout: these run inside callbacks from the event loop too, where every call may fail because the
// environment is being torn down, and where node-addon-api would abort the process. nullptr means exactly that.
#pragma once

#include <node_api.h>

#include "codec/objects.h"
#include "codec/walk.h"

namespace ipmp {

napi_value to_javascript(napi_env env, const Link& link);
napi_value to_javascript(napi_env env, const InterfaceAddress& address);
napi_value to_javascript(napi_env env, const NextHop& hop);
napi_value to_javascript(napi_env env, const Route& route);
napi_value to_javascript(napi_env env, const OtherRoute& route);
// null where all went well, else { errno, text }.
napi_value to_javascript(napi_env env, const Acknowledgement& answer);

// A notice from a record of the ring. False, and no value, for a record that says nothing to us.
bool notice_from(napi_env env, ByteView record, napi_value* notice);

}  // namespace ipmp
