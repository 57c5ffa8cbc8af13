// JavaScript values -> requests, announcements, plans and probe paths. A value of the wrong shape throws a TypeError that names it.
#pragma once

#include <napi.h>

#include "codec/frames.h"
#include "codec/objects.h"
#include "engine/plan_book.h"
#include "prober/plan.h"

namespace ipmp {

std::vector<std::uint32_t> indexes_from(const Napi::Value& list);
std::vector<std::string> texts_from(const Napi::Value& list);
MessageBatch requests_from(const Napi::Value& list);
std::vector<Frame> frames_from(const Napi::Value& announcements);
Plans plans_from(const Napi::Value& list);
std::vector<PathPlan> paths_from(const Napi::Value& list);

}  // namespace ipmp
