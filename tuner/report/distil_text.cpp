#include "tuner/report/distil_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

std::string loss_text(double loss) { return fmt::format("{:.2f} %", 100 * loss); }

std::string of_text(std::size_t part, std::size_t all) { return fmt::format("{} of {}", part, all); }

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string heading(const Distilled& group) {
  const bool replayed = std::all_of(group.shapes.begin(), group.shapes.end(), [](const DistilledShape& shape) {
    return shape.run->info.backend == Backend::replay;
  });
  return printable(fmt::format("{} {} on {}{}: {}, {} that worked in some, {} in all", group.problem,
                               to_string(group.dtype),
                               group.device.empty() ? "a device that the runs do not name" : group.device,
                               replayed ? " (replayed)" : "", plural(group.shapes.size(), "shape"),
                               plural(group.candidates, "configuration"), group.measured_everywhere)) +
         "\n";
}

std::string numbers_text(const RunInfo& info) {
  std::string text;
  for (const Dimension& dim : info.dims) text += fmt::format("{}{}={}", text.empty() ? "" : " ", dim.name, dim.value);
  const Scalars changed = changed_scalars(info);
  return changed.empty() ? text : text + " " + scalars_text(changed);
}

std::string shapes_table(const Distilled& group, bool colour) {
  TextTable table{{"shape", "dimensions", "best ms", "takes", "ms", "loss", ""}, {}};
  for (const DistilledShape& shape : group.shapes) {
    const RunInfo& info = shape.run->info;
    std::vector<std::string> row = {info.shape, numbers_text(info), format_ms(shape.best_ms)};
    if (!shape.chosen) {
      row.insert(row.end(), {"-", "-", "-", "not served: none of the chosen worked in its run"});
    } else {
      const bool best = shape.taken == shape.best;
      row.insert(row.end(), {fmt::format("#{}", *shape.chosen + 1), format_ms(shape.taken_ms), loss_text(shape.loss),
                             best         ? "the best"
                             : shape.tied ? "tied with the best"
                                          : ""});
    }
    table.rows.push_back(std::move(row));
  }
  return table.render(colour);
}

std::string configurations_table(const Distilled& group, bool colour) {
  TextTable table{{"", "serves", "worked in", "best or tied in", "configuration"}, {}};
  const std::size_t all = group.shapes.size();
  for (std::size_t i = 0; i < group.configurations.size(); ++i) {
    const DistilledConfiguration& each = group.configurations[i];
    table.rows.push_back({fmt::format("#{}", i + 1), of_text(each.serves, all), of_text(each.measured_in, all),
                          of_text(each.tied_in, all), each.configuration.key()});
  }
  return table.render(colour);
}

std::string size_text(const DistilledSize& size) {
  return fmt::format("{} lose{} {} on (geometric) average and {} at worst{}",
                     plural(size.configurations, "configuration"), size.configurations == 1 ? "s" : "",
                     loss_text(size.mean_loss), loss_text(size.worst_loss),
                     size.unserved > 0 ? fmt::format(", and leave{} {} unserved", size.configurations == 1 ? "s" : "",
                                                     plural(size.unserved, "shape"))
                                       : "");
}

std::string group_text(const Distilled& group, bool colour) {
  std::string text = heading(group) + shapes_table(group, colour) + "\n" + configurations_table(group, colour) + "\n";
  for (const DistilledSize& size : group.sizes) text += size_text(size) + ".\n";
  text += group.exact ? "Every set was looked at.\n"
                      : "There are too many sets to look at all: chosen greedily and improved by exchange.\n";
  return text;
}

}  // namespace

std::string distil_text(const Distillation& distillation, bool colour) {
  std::string text;
  for (const Distilled& group : distillation.groups) text += (text.empty() ? "" : "\n") + group_text(group, colour);
  return text;
}

}  // namespace fuseline::tuner
