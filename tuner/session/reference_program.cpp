#include "tuner/session/reference_program.hpp"

#include <fmt/format.h>

#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/session/reference_options.hpp"

namespace fuseline::tuner {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
constexpr std::size_t kMostAnswerBytes = std::size_t{16} << 20;

/// The last line of what a program wrote to stderr.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of("\r\n ") + 1);
  return printable(text.substr(text.rfind('\n') + 1));
}

OrderedJson array_json(const DraftArray& array) {
  return {{"of", array.of.tensor.name}, {"held", array.of.held}, {"file", array.file}, {"dtype", array.dtype}};
}

}  // namespace

Result<ReferenceProgram> ReferenceProgram::start(const Options& options, const std::filesystem::path& data) {
  FUSELINE_CHECK(check_user_file("--reference", options.file));
  const OrderedJson request = {{"reference", options.file}, {"seed", options.seed}};
  const std::string script = (data / "assets" / "reference" / "run_reference.py").string();
  auto child = ChildProcess::start({user_python(), script, request.dump()});
  if (!child) return bad_input(child.error().reason + "; FUSELINE_PYTHON names another Python");
  return ReferenceProgram(std::move(*child), options);
}

Error ReferenceProgram::ended() {
  const std::string how = child_.wait_exit(5s);
  child_.read_errors();
  const std::string line = last_line(child_.stderr_tail());
  return {ErrorKind::bad_input, printable(options_.file), "",
          fmt::format("{} {}{}", user_python(), how, line.empty() ? "" : ": " + line)};
}

Result<OrderedJson> ReferenceProgram::answer(const char* member) {
  const std::string shown = printable(options_.file);
  const auto end = Clock::now() + options_.deadline;
  std::size_t line = 0;
  for (bool closed = false; (line = read_.find('\n')) == std::string::npos;) {
    if (closed) return tl::unexpected(ended());
    if (Clock::now() >= end) {
      child_.kill();
      return bad_input(shown, "",
                       fmt::format("it is not done within {} s (--deadline)",
                                   std::chrono::duration<double>(options_.deadline).count()));
    }
    wait_for_children({{&child_, false}}, 200ms);
    child_.read_errors();
    auto read = child_.read_output();
    read_ += read.bytes;
    closed = read.closed;
    if (read_.size() > kMostAnswerBytes) return bad_input(shown, "", "its model has too many parts");
  }
  const std::string text = read_.substr(0, line);
  read_.erase(0, line + 1);
  FUSELINE_TRY(json, parse_json(text, shown));
  const JsonView view(json, shown);
  if (view.has("error")) {
    FUSELINE_TRY(reason, view.at("error").and_then([](const JsonView& each) { return each.string(); }));
    return bad_input(printable(reason));  // It names the file.
  }
  FUSELINE_CHECK(view.at(member));
  return OrderedJson(json.at(member));
}

Result<Model> ReferenceProgram::describe() {
  FUSELINE_TRY(json, answer("model"));
  return read_model(JsonView(json, options_.file));
}

Result<void> ReferenceProgram::write(const Draft& draft, const std::vector<std::string>& draws,
                                     const std::filesystem::path& folder) {
  OrderedJson request = {{"folder", folder.string()}, {"draws", draws}};
  for (const char* member : {"dtypes", "inputs", "outputs"}) request[member] = OrderedJson::array();
  for (const Dtype dtype : draft.dtypes) request["dtypes"].push_back(to_string(dtype));
  for (const DraftArray& array : draft.arrays)
    request[array.of.output ? "outputs" : "inputs"].push_back(array_json(array));
  // One that is gone has said why, or says it by how it ended.
  static_cast<void>(child_.write(request.dump() + "\n", options_.deadline));
  FUSELINE_CHECK(answer("written"));
  return {};
}

}  // namespace fuseline::tuner
