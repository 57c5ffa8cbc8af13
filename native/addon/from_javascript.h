// JavaScript values -> requests, announcements and plans. A value of the wrong shape throws a TypeError that names it.
#pragma once

#include <napi.h>

#include "codec/frames.h"
#include "codec/objects.h"
#include "engine/plan_book.h"

namespace ipmp {

std::vector<std::uint32_t> indexes_from(const Napi::Value& list);
std::vector<std::string> texts_from(const Napi::Value& list);
MessageBatch requests_from(const Napi::Value& list);
std::vector<Frame> frames_from(const Napi::Value& announcements);
Plans plans_from(const Napi::Value& list);

}  // namespace ipmp
