#include <algorithm>
#include <cctype>
#include <filesystem>

#include "tuner/base/files.hpp"
#include "tuner/plot/plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kWidth = 1120, kHeight = 680, kPngScale = 2;

std::string ending_of(const std::string& file) {
  std::string ending = std::filesystem::path(file).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

Result<std::unique_ptr<FileCanvas>> canvas_for(const std::string& file) {
  const std::string ending = ending_of(file);
  if (ending == ".svg") return make_svg_canvas(kWidth, kHeight);
  if (ending == ".png") return make_png_canvas(kWidth, kHeight, kPngScale);
  return bad_input(file, "", "plots are written as .svg or .png; name the file accordingly");
}

Result<void> draw(Canvas& canvas, const Run& run, const std::string& kind, Theme theme, Against against) {
  if (kind == "roofline") {
    const RooflineModel model = roofline_model(run);
    if (run.info.compulsory_bytes <= 0 || !(run.info.flops > 0)) return bad_input("the run says nothing of bytes and operations, which a roofline needs; a convergence plot can be drawn");
    if (model.marks.empty()) return bad_input("no configuration of the run worked, so there is nothing to draw");
    draw_roofline(canvas, model, theme);
    return {};
  }
  if (kind == "convergence") {
    const ConvergenceModel model = convergence_model(run, against);
    if (model.samples.empty()) return bad_input("no configuration of the run worked, so there is nothing to draw");
    if (against == Against::seconds && !(model.seconds > 0)) return bad_input("the run does not tell when its evaluations ended; draw it against evaluations");
    draw_convergence(canvas, model, theme);
    return {};
  }
  return bad_input("--kind", "", "unknown kind of plot \"" + kind + "\"; there are roofline and convergence");
}

}  // namespace

Result<void> check_plot_file(const std::string& file) {
  FUSELINE_CHECK(canvas_for(file));
  return check_writable(file);
}

Result<void> plot_to_file(const Run& run, const std::string& kind, const std::string& file, Theme theme, Against against) {
  FUSELINE_TRY(canvas, canvas_for(file));
  FUSELINE_CHECK(draw(*canvas, run, kind, theme, against));
  FUSELINE_TRY(content, canvas->finish());
  return write_file(file, content);
}

}  // namespace fuseline::tuner
