#include "system/sysfs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include <charconv>

#include "system/error.h"

namespace ipmp {
namespace {

// By number, so that the addon runs with a C library older than 2.36, which has no names for them.
Descriptor detached_sysfs() {
  const Descriptor context(static_cast<int>(syscall(SYS_fsopen, "sysfs", FSOPEN_CLOEXEC)));
  if (!context) return Descriptor();
  if (syscall(SYS_fsconfig, context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return Descriptor();
  return Descriptor(static_cast<int>(syscall(SYS_fsmount, context.number(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY)));
}

std::optional<std::uint64_t> read_number(const Descriptor& file) {
  char text[24];
  const ssize_t length = pread(file.number(), text, sizeof text, 0);
  std::uint64_t number = 0;
  if (length <= 0 || std::from_chars(text, text + length, number).ec != std::errc{}) return std::nullopt;
  return number;
}

Descriptor open_in(const Descriptor& directory, const std::string& path, int flags) {
  return Descriptor(openat(directory.number(), path.c_str(), flags | O_CLOEXEC));
}

}  // namespace

std::optional<CarrierCounts> CarrierFiles::counts() const {
  const auto down = read_number(down_);
  const auto up = read_number(up_);
  if (!down || !up) return std::nullopt;
  return CarrierCounts{*down, *up};
}

void CarrierFiles::poke() const {
  read_number(carrier_);
}

Sysfs::Sysfs() : root_(detached_sysfs()) {
  if (!root_) root_ = Descriptor(open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root_) fail("opening /sys");
}

// The index is compared because names move between links, and /sys may show another namespace's links.
std::optional<CarrierFiles> Sysfs::carrier_files(const std::string& name, std::uint32_t index) const {
  const Descriptor link = open_in(root_, "class/net/" + name, O_PATH | O_DIRECTORY);
  if (!link || read_number(open_in(link, "ifindex", O_RDONLY)) != index) return std::nullopt;
  CarrierFiles files;
  files.down_ = open_in(link, "carrier_down_count", O_RDONLY);
  files.up_ = open_in(link, "carrier_up_count", O_RDONLY);
  files.carrier_ = open_in(link, "carrier", O_RDONLY);
  if (!files.down_ || !files.up_ || !files.carrier_) return std::nullopt;
  return files;
}

}  // namespace ipmp
