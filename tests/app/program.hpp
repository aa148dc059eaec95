// Runs the built command line as a child, in a folder of its own.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"

namespace fuseline::app {

struct Finished {
  int code = -1;  ///< Exit code; 128 + signal where one ended it.
  std::string out, err;
};

class Program {
 public:
  Program() {
    environment_ =
        "env -u FUSELINE_PATH -u NO_COLOR XDG_DATA_HOME=" + path("data") + " XDG_CACHE_HOME=" + path("cache");
  }

  /// `arguments` as a shell takes them. `prefix`: environment, or a program such as timeout.
  [[nodiscard]] Finished run(const std::string& arguments, const std::string& prefix = "") const {
    const std::string command = "cd " + path("") + " && " + environment_ + " " + prefix +
                                " " FUSELINE_BIN_DIR "/fuseline " + arguments + " >" + path("out") + " 2>" +
                                path("err") + " </dev/null";
    const int status = std::system(command.c_str());
    Finished finished;
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    finished.out = read("out");
    finished.err = read("err");
    return finished;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] std::string read(const std::string& name) const {
    return tuner::read_file(folder_.path() / name).value_or("");
  }
  std::string write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content).string();
  }

 private:
  TemporaryFolder folder_;
  std::string environment_;
};

}  // namespace fuseline::app
