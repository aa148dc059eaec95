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

Result<void> ReferenceProgram::start() {
  if (child_ && !child_->poll_exit()) return {};
  read_.clear();
  const std::string script = (data_ / "assets" / "reference" / "run_reference.py").string();
  auto child = ChildProcess::start({user_python(), script});
  if (!child) return bad_input(child.error().reason + "; FUSELINE_PYTHON names another Python");
  child_.emplace(std::move(*child));
  return {};
}

Error ReferenceProgram::ended() {
  const std::string how = child_->wait_exit(5s);
  child_->read_errors();
  const std::string line = last_line(child_->stderr_tail());
  child_.reset();
  return {ErrorKind::bad_input, printable(reference_.file), "",
          fmt::format("{} {}{}", user_python(), how, line.empty() ? "" : ": " + line)};
}

Result<std::string> ReferenceProgram::next_line() {
  const std::string shown = printable(reference_.file);
  const auto end = Clock::now() + reference_.deadline;
  std::size_t line = 0;
  for (bool closed = false; (line = read_.find('\n')) == std::string::npos;) {
    if (closed) return tl::unexpected(ended());
    if (Clock::now() >= end) {
      child_.reset();
      return bad_input(shown, "",
                       fmt::format("it is not done within {} s (--deadline)",
                                   std::chrono::duration<double>(reference_.deadline).count()));
    }
    wait_for_children({{&*child_, false}}, 200ms);
    child_->read_errors();
    auto read = child_->read_output();
    read_ += read.bytes;
    closed = read.closed;
    if (read_.size() > kMostAnswerBytes) {
      child_.reset();
      return bad_input(shown, "", "its model has too many parts");
    }
  }
  std::string text = read_.substr(0, line);
  read_.erase(0, line + 1);
  return text;
}

Result<OrderedJson> ReferenceProgram::answer(const char* question, OrderedJson content, const char* member) {
  // One that is gone has said why, or says it by how it ended.
  static_cast<void>(child_->write(OrderedJson{{question, std::move(content)}}.dump() + "\n", reference_.deadline));
  FUSELINE_TRY(text, next_line());
  const std::string shown = printable(reference_.file);
  FUSELINE_TRY(json, parse_json(text, shown));
  const JsonView view(json, shown);
  if (view.has("error")) {
    FUSELINE_TRY(reason, view.at("error").and_then([](const JsonView& each) { return each.string(); }));
    return bad_input(printable(reason));  // It names the file.
  }
  FUSELINE_CHECK(view.at(member));
  return OrderedJson(json.at(member));
}

Result<Model> ReferenceProgram::describe(const Reference& reference) {
  FUSELINE_CHECK(check_user_file("--reference", reference.file));
  reference_ = reference;
  FUSELINE_CHECK(start());
  FUSELINE_TRY(json, answer("describe", {{"reference", reference.file}, {"seed", reference.seed}}, "model"));
  return read_model(JsonView(json, reference_.file));
}

Result<void> ReferenceProgram::write(const Draft& draft, const std::vector<std::string>& draws,
                                     const std::filesystem::path& folder) {
  OrderedJson request = {{"folder", folder.string()}, {"draws", draws}};
  for (const char* member : {"dtypes", "inputs", "outputs"}) request[member] = OrderedJson::array();
  for (const Dtype dtype : draft.dtypes) request["dtypes"].push_back(to_string(dtype));
  for (const DraftArray& array : draft.arrays)
    request[array.of.output ? "outputs" : "inputs"].push_back(array_json(array));
  FUSELINE_CHECK(answer("write", std::move(request), "written"));
  return {};
}

}  // namespace fuseline::tuner
