// Workers on other machines by ssh: finding ours there, or carrying this tree there once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

struct RemoteHost {
  std::string name;          ///< As ssh takes it: "gpubox", "me@gpubox", an alias of ~/.ssh/config.
  std::optional<int> count;  ///< Workers; empty: one for every GPU.
};
/// "gpubox", "me@gpubox:4". Errors: no name, one that ssh would read as an option, a count that is none.
[[nodiscard]] Result<RemoteHost> parse_remote_host(const std::string& text);

/// Commands of one worker a GPU on `host`. The worker is the one in the PATH there, where it is of this version, else
/// the tree that was carried there before (~/.cache/fuseline/tree-CHECKSUM), else this program's, which is carried
/// there now. No password is asked for. `tell` hears what takes long.
/// ssh is $FUSELINE_SSH, where that is set. Errors: the host is unknown, does not answer or refuses the key; there is
/// no GPU, or there are fewer; another kind of machine without a worker of its own; nothing here to carry.
[[nodiscard]] Result<std::vector<std::string>> remote_workers(const RemoteHost& host, const std::string& worker_program,
                                                              const std::function<void(const std::string&)>& tell);

}  // namespace fuseline::tuner
