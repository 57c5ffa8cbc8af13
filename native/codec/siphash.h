// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): a keyed 64-bit tag that nobody without the key can forge.
#pragma once

#include <array>

#include "codec/bytes.h"

namespace ipmp {

using SipKey = std::array<std::uint64_t, 2>;

std::uint64_t siphash(const SipKey& key, ByteView message);

}  // namespace ipmp
