#include "tuner/session/remote_host.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "tuner/base/digest.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/session/finished_child.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Tell = std::function<void(const std::string&)>;
constexpr auto kProbeAllowed = 120s;
constexpr auto kCarryAllowed = 600s;
constexpr std::string_view kProbeMark = "fuseline-probe\n";
constexpr int kMostWorkers = 1024;

tl::unexpected<Error> host_error(const RemoteHost& host, const std::string& reason) {
  return bad_input("--host", "", fmt::format("{}: {}", printable(host.name), reason));
}

/// No terminal, no questions, and an end where the other side no longer answers.
std::string ssh_command(const RemoteHost& host, const std::string& there) {
  const char* chosen = std::getenv("FUSELINE_SSH");
  const std::string ssh = chosen != nullptr && *chosen != '\0' ? chosen : "ssh";
  return fmt::format("{} -T -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 {} {}", ssh,
                     shell_quoted(host.name), shell_quoted(there));
}

/// What ssh writes ends its lines as a terminal's do.
std::string on_one_line(std::string text) {
  std::string line;
  std::erase(text, '\r');
  for (const auto& each : split(text, '\n')) {
    if (!trimmed(each).empty()) line += (line.empty() ? "" : " | ") + std::string(trimmed(each));
  }
  return printable(line);
}

/// What ssh itself says: its status is then 255.
tl::unexpected<Error> unreachable(const RemoteHost& host, const FinishedChild& ssh) {
  const auto said = [&](const char* words) { return ssh.errors.find(words) != std::string::npos; };
  const std::string errors = on_one_line(ssh.errors);
  if (said("Could not resolve hostname")) return host_error(host, "ssh knows no such host: " + errors);
  if (said("Host key verification failed"))
    return host_error(host, fmt::format("its key is not known here: connect once by hand, ssh {} ({})",
                                        printable(host.name), errors));
  if (said("Permission denied"))
    return host_error(host, fmt::format("it refuses your key, and no password can be asked for: ssh-copy-id {} ({})",
                                        printable(host.name), errors));
  return host_error(host, "ssh cannot reach it: " + (errors.empty() ? ssh.status : errors));
}

/// The part of this tree that a worker needs: itself, and the libraries that it brings.
struct Tree {
  fs::path root;
  std::vector<std::string> names;  ///< Of what is carried, below the root.
  std::string checksum;
  std::uintmax_t bytes = 0;
};

Result<Tree> own_tree(const std::string& worker_program) {
  FUSELINE_CHECK(own_worker_command(worker_program, 0));
  const fs::path worker = worker_program.empty() ? executable_folder() / "fuseline-worker" : fs::path(worker_program);
  Tree tree;
  tree.root = fs::absolute(worker).lexically_normal().parent_path().parent_path();
  tree.names = {"bin/fuseline-worker"};
  const fs::path libraries = fs::path(FUSELINE_LIBRARY_FOLDER).lexically_normal();
  std::vector<fs::path> files = {worker};
  std::error_code failed;
  if (fs::is_directory(tree.root / libraries, failed)) {
    tree.names.push_back(libraries.string());
    for (const auto& each : fs::recursive_directory_iterator(tree.root / libraries, failed)) {
      if (each.is_regular_file(failed)) files.push_back(each.path());
    }
  }
  std::sort(files.begin() + 1, files.end());
  std::string list;
  for (const auto& file : files) {
    FUSELINE_TRY(digest, file_sha256(file));
    list += file.filename().string() + " " + digest + "\n";
    tree.bytes += fs::file_size(file, failed);
  }
  tree.checksum = sha256_hex(list).substr(0, 16);
  return tree;
}

/// What is there: printed behind a mark, since a login shell may print before it.
std::string probe_script(const std::string& checksum) {
  return fmt::format(
      "printf 'fuseline-probe\\n%s\\n' \"$(uname -sm)\"\n"
      "worker= ; tree=$HOME/.cache/fuseline/tree-{}/bin/fuseline-worker\n"
      "there=$(command -v fuseline-worker) && version=$(\"$there\" --version </dev/null 2>&1)\n"
      "if [ \"$version\" = 'fuseline-worker {}' ]; then worker=$there; elif [ -x \"$tree\" ]; then worker=$tree; fi\n"
      "printf '%s\\n%s\\n' \"$worker\" \"$version\" | head -n 2\n"
      "[ -z \"$worker\" ] && exit 0\n"
      "list=$(\"$worker\" --list </dev/null 2>&1); printf '%s\\n%s' \"$?\" \"$list\"\n",
      checksum, FUSELINE_VERSION);
}

struct Probe {
  std::string machine;  ///< "Linux x86_64"
  std::string worker;   ///< Empty: none of ours.
  std::string other;    ///< What a worker of another version calls itself.
  int status = 0;       ///< Of listing the GPUs.
  std::string list;     ///< JSON, or why there is none.
};

Result<Probe> probe(const RemoteHost& host, const std::string& checksum) {
  FUSELINE_TRY(ssh, run_to_end(ssh_command(host, "sh -s"), probe_script(checksum), kProbeAllowed));
  const auto begin = ssh.output.find(kProbeMark);
  if (ssh.status == "exited with status 255" && begin == std::string::npos) return unreachable(host, ssh);
  if (begin == std::string::npos)
    return host_error(host, fmt::format("its shell did not run what it was sent: {}",
                                        on_one_line(ssh.errors.empty() ? ssh.output.substr(0, 400) : ssh.errors)));
  auto lines = split(ssh.output.substr(begin + kProbeMark.size()), '\n');
  lines.resize(std::max<std::size_t>(lines.size(), 4));
  Probe found{lines[0], lines[1], lines[2], std::atoi(lines[3].c_str()), ""};
  for (std::size_t i = 4; i < lines.size(); ++i) found.list += lines[i] + "\n";
  return found;
}

std::string own_machine() {
  utsname names{};
  static_cast<void>(uname(&names));
  return fmt::format("{} {}", names.sysname, names.machine);
}

Result<void> carry(const RemoteHost& host, const Tree& tree, const Tell& tell) {
  const std::string place = "~/.cache/fuseline/tree-" + tree.checksum;
  tell(fmt::format("carrying this worker ({:.0f} MB) to {}:{}", static_cast<double>(tree.bytes) / 1e6,
                   printable(host.name), place));
  // Renamed once it is whole, so that nobody starts half of it.
  const std::string there = fmt::format(
      "d=$HOME/.cache/fuseline; t=$d/tree-{0}; mkdir -p \"$t.$$\" && tar -C \"$t.$$\" -xf - && "
      "if [ -d \"$t\" ]; then rm -rf \"$t.$$\"; else mv \"$t.$$\" \"$t\"; fi",
      tree.checksum);
  std::string names;
  for (const auto& name : tree.names) names += " " + shell_quoted(name);
  FUSELINE_TRY(done, run_to_end(fmt::format("tar -C {} -chf -{} | {}", shell_quoted(tree.root.string()), names,
                                            ssh_command(host, "sh -c " + shell_quoted(there))),
                                "", kCarryAllowed));
  if (done.succeeded()) return {};
  return host_error(host, fmt::format("this worker could not be carried to {}: {}", place,
                                      done.errors.empty() ? done.status : on_one_line(done.errors)));
}

/// A worker of ours that is there, and the GPUs that it sees.
Result<Probe> find_worker(const RemoteHost& host, const std::string& worker_program, const Tell& tell) {
  const auto tree = own_tree(worker_program);
  FUSELINE_TRY(found, probe(host, tree ? tree->checksum : "none"));
  if (!found.worker.empty()) return found;
  const std::string other =
      found.other.empty() ? "" : fmt::format(" (in the PATH there is '{}')", printable(found.other));
  if (found.machine != own_machine()) {
    return host_error(host, fmt::format("it is {}, this machine {}: install Fuseline {} there, so that "
                                        "fuseline-worker is in the PATH{}",
                                        printable(found.machine), own_machine(), FUSELINE_VERSION, other));
  }
  if (!tree)
    return host_error(host,
                      fmt::format("there is no fuseline-worker {} in the PATH there{}, and none here to carry: {}",
                                  FUSELINE_VERSION, other, tree.error().message()));
  FUSELINE_CHECK(carry(host, *tree, tell));
  FUSELINE_TRY(now, probe(host, tree->checksum));
  if (now.worker.empty()) return host_error(host, "the worker that was carried there cannot be run");
  return now;
}

Result<int> count_gpus(const RemoteHost& host, const Probe& found) {
  if (found.status != 0)
    return host_error(host, fmt::format("{} finds no GPU: {}", printable(found.worker), on_one_line(found.list)));
  const auto list = parse_json(found.list.substr(std::min(found.list.find('['), found.list.size())), "list of GPUs");
  if (!list || !list->is_array() || list->empty())
    return host_error(host, fmt::format("{} lists no GPU: {}", printable(found.worker), on_one_line(found.list)));
  return static_cast<int>(std::min<std::size_t>(list->size(), kMostWorkers));
}

}  // namespace

Result<RemoteHost> parse_remote_host(const std::string& text) {
  RemoteHost host{text, {}};
  const auto colon = text.rfind(':');
  // An address of IPv6 has more of them, and no count.
  if (colon != std::string::npos && text.find(':') == colon) {
    int count = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, count);
    if (error != std::errc() || at != end || count < 1 || count > kMostWorkers)
      return bad_input(
          "--host", "",
          fmt::format("'{}' is no host with a number of workers: write gpubox or gpubox:4", printable(text)));
    host = {text.substr(0, colon), count};
  }
  if (host.name.empty() || host.name.front() == '-' || host.name.find_first_of(" \t\n") != std::string::npos)
    return bad_input("--host", "", fmt::format("'{}' names no host: write gpubox or me@gpubox:4", printable(text)));
  return host;
}

Result<std::vector<std::string>> remote_workers(const RemoteHost& host, const std::string& worker_program,
                                                const Tell& tell) {
  FUSELINE_TRY(found, find_worker(host, worker_program, tell));
  FUSELINE_TRY(gpus, count_gpus(host, found));
  const int count = host.count.value_or(gpus);
  if (count > gpus)
    return host_error(host,
                      fmt::format("{} workers were asked for, and it has {} GPU{}", count, gpus, gpus == 1 ? "" : "s"));
  std::vector<std::string> commands;
  commands.reserve(static_cast<std::size_t>(count));
  for (int device = 0; device < count; ++device)
    commands.push_back(ssh_command(host, fmt::format("exec {} --device {}", shell_quoted(found.worker), device)));
  return commands;
}

}  // namespace fuseline::tuner
