#include "profiler/host/job.hpp"

#include <cstdlib>
#include <istream>

namespace fuseline::host_cuda {
namespace {

class Reader {
 public:
  explicit Reader(std::istream& in) : in_(in) {}

  std::optional<std::vector<JobCase>> read() {
    if (word() != "fuseline-host" || whole() != 2 || word() != "folder") return std::nullopt;
    in_ >> std::ws;
    std::getline(in_, folder_);
    std::vector<JobCase> cases;
    std::string what = word();
    for (; what == "case"; what = word()) {
      cases.push_back(read_case());
      if (!in_ || !good_) return std::nullopt;
    }
    if (what != "end") return std::nullopt;
    return cases;
  }

 private:
  std::string word() {
    std::string text;
    in_ >> text;
    return text;
  }
  std::int64_t whole() {
    std::int64_t number = 0;
    in_ >> number;
    return number;
  }
  std::size_t size() { return static_cast<std::size_t>(whole()); }
  unsigned extent() { return static_cast<unsigned>(whole()); }
  /// Streams do not read the hexadecimal form that keeps every bit.
  double real() { return std::strtod(word().c_str(), nullptr); }

  JobCase read_case() {
    JobCase one;
    one.number = size();
    one.is_reference = word() == "reference";
    one.absolute = real();
    one.relative = real();
    one.plan.buffers.resize(size());
    for (PlanBuffer& buffer : one.plan.buffers) read_buffer(buffer);
    one.plan.launches.resize(size());
    for (PlanLaunch& launch : one.plan.launches) read_launch(launch, one.plan.buffers.size());
    return one;
  }

  void read_buffer(PlanBuffer& buffer) {
    const std::string role = word();
    buffer.role = role == "input" ? Role::input : role == "output" ? Role::output : Role::workspace;
    buffer.zeroed = role == "zeroed";
    const auto element = element_from_string(word());
    good_ = good_ && element.has_value();
    buffer.element = element.value_or(Element::f32);
    buffer.elements = size();
    buffer.name = word();
    const std::string file = word();
    if (file != "-") buffer.file = folder_ + "/" + file;
    if (buffer.role == Role::output) buffer.of_largest = real();
  }

  void read_launch(PlanLaunch& launch, std::size_t buffers) {
    launch.kernel = word();
    for (dim3* const extents : {&launch.geometry.grid, &launch.geometry.block}) {
      const unsigned x = extent(), y = extent();
      *extents = {x, y, extent()};
    }
    launch.geometry.shared_bytes = size();
    launch.args.resize(size());
    for (PlanArgument& argument : launch.args) {
      const std::string kind = word();
      argument.kind = kind.empty() ? '?' : kind.front();
      switch (argument.kind) {
        case 'p':
          argument.buffer = size();
          good_ = good_ && argument.buffer < buffers;
          break;
        case 'i':
        case 'l':
          argument.integer = whole();
          break;
        default:
          argument.real = real();
      }
    }
  }

  std::istream& in_;
  std::string folder_;
  bool good_ = true;
};

}  // namespace

std::optional<std::vector<JobCase>> read_job(std::istream& in) { return Reader(in).read(); }

}  // namespace fuseline::host_cuda
