#include "profiler/compile/read_only_view.hpp"

#if defined(__linux__) && __has_include(<linux/landlock.h>)

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace fuseline::profiler {
namespace {

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// All that the first version of the interface knows; what is handled and not allowed is refused.
constexpr std::uint64_t kHandled =
    kRead | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/// What is not there is passed over.
bool allow(int rules, const std::string& path) {
  const int opened = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (opened < 0) return true;
  struct stat about {};
  const bool folder = fstat(opened, &about) == 0 && S_ISDIR(about.st_mode);
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = folder ? kRead : LANDLOCK_ACCESS_FS_READ_FILE;
  beneath.parent_fd = opened;
  const bool added = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
  close(opened);
  return added;
}

}  // namespace

bool see_only(const std::vector<std::string>& paths) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kHandled;
  const int rules = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0));
  if (rules < 0) return false;
  bool done = true;
  for (const std::string& path : paths) done = done && allow(rules, path);
  done = done && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(rules);
  return done;
}

}  // namespace fuseline::profiler

#else

namespace fuseline::profiler {

bool see_only(const std::vector<std::string>&) { return false; }

}  // namespace fuseline::profiler

#endif
