#include <algorithm>
#include <map>

#include "cases.hpp"

namespace fuseline::host_cuda {
namespace {

using Shape = std::vector<tuner::Dimension>;

std::vector<Shape> row_shapes() {
  const auto shape = [](std::int64_t n, std::int64_t c, std::int64_t d, std::int64_t h, std::int64_t w) {
    return Shape{{"N", n}, {"C", c}, {"D", d}, {"H", h}, {"W", w}};
  };
  return {shape(2, 3, 5, 7, 1),     shape(3, 5, 7, 9, 3),    shape(2, 3, 5, 7, 33),    shape(2, 3, 5, 7, 63),
          shape(2, 3, 11, 13, 64),  shape(2, 3, 5, 7, 65),   shape(1, 3, 5, 7, 100),   shape(1, 2, 3, 7, 256),
          shape(1, 2, 3, 7, 1000),  shape(1, 1, 3, 7, 1001), shape(1, 1, 1, 11, 1024), shape(1, 1, 1, 5, 4096),
          shape(1, 1, 1, 3, 10000), shape(1, 1, 1, 2, 40004)};
}

/// Those of row_shapes() that fit a warp's registers.
std::vector<Shape> narrow_row_shapes() {
  std::vector<Shape> shapes = row_shapes();
  shapes.erase(
      std::remove_if(shapes.begin(), shapes.end(), [](const Shape& shape) { return shape.back().value > 1024; }),
      shapes.end());
  return shapes;
}

std::vector<Shape> pooled_shapes() {
  const auto shape = [](std::int64_t n, std::int64_t c, std::int64_t d, std::int64_t h, std::int64_t w) {
    return Shape{{"N", n}, {"C", c}, {"D", d}, {"H", h}, {"W", w}};
  };
  return {shape(3, 5, 4, 7, 2),    shape(2, 3, 5, 7, 3),    shape(2, 3, 5, 7, 33),  shape(2, 3, 5, 6, 63),
          shape(2, 3, 8, 13, 64),  shape(1, 3, 5, 7, 65),   shape(1, 3, 5, 7, 100), shape(1, 2, 4, 5, 256),
          shape(1, 2, 4, 5, 1000), shape(1, 1, 2, 3, 1023), shape(1, 1, 4, 5, 1024)};
}

std::vector<Shape> channel_shapes() {
  const auto shape = [](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return Shape{{"N", n}, {"C", c}, {"H", h}, {"W", w}};
  };
  return {shape(3, 2, 5, 7),   shape(2, 8, 33, 33), shape(3, 37, 11, 13), shape(2, 64, 8, 8),   shape(4, 64, 9, 9),
          shape(2, 128, 9, 9), shape(2, 128, 1, 1), shape(3, 130, 6, 5),  shape(1, 1000, 5, 3), shape(2, 1024, 3, 7)};
}

Shape plane_shape(std::int64_t n, std::int64_t c, std::int64_t d, std::int64_t h, std::int64_t w) {
  return {{"N", n}, {"C", c}, {"D", d}, {"H", h}, {"W", w}};
}

/// Planes of W by C with channels last: one channel and `least` positions, odd sizes, tails of both, and teams of one
/// warp and of many.
std::vector<Shape> plane_shapes(std::int64_t least) {
  return {plane_shape(2, 1, 2, 3, least), plane_shape(1, 3, 2, 3, 1000), plane_shape(1, 5, 4, 5, 33),
          plane_shape(1, 64, 2, 5, 64),   plane_shape(1, 100, 2, 2, 50), plane_shape(1, 40, 2, 2, 256),
          plane_shape(1, 8, 2, 2, 1024)};
}

/// The same for gradients, whose second launch has half as many blocks as W: less wide, but for one.
std::vector<Shape> plane_gradient_shapes() {
  return {plane_shape(2, 1, 2, 3, 1),   plane_shape(1, 3, 1, 2, 70),   plane_shape(1, 5, 4, 5, 33),
          plane_shape(1, 64, 2, 5, 64), plane_shape(1, 100, 2, 2, 50), plane_shape(1, 8, 1, 3, 128),
          plane_shape(1, 3, 1, 2, 1024)};
}

/// Pixels with channels last.
std::vector<Shape> pixel_shapes() {
  const auto shape = [](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return Shape{{"N", n}, {"C", c}, {"H", h}, {"W", w}};
  };
  return {shape(3, 1, 5, 7),   shape(2, 2, 9, 5),    shape(3, 37, 11, 13), shape(2, 64, 8, 9),  shape(2, 128, 9, 9),
          shape(1, 130, 6, 5), shape(1, 1000, 5, 3), shape(1, 2047, 1, 3), shape(1, 2048, 3, 1)};
}

/// The same for gradients, whose second launch has half as many blocks as C: fewer channels, but for one.
std::vector<Shape> pixel_gradient_shapes() {
  std::vector<Shape> shapes = pixel_shapes();
  shapes.resize(7);
  return shapes;
}

/// Rows of a matrix: tails in both directions, odd widths, and rows of several blocks.
std::vector<Shape> matrix_shapes() {
  const auto shape = [](std::int64_t rows, std::int64_t w) { return Shape{{"rows", rows}, {"W", w}}; };
  return {shape(5, 1),   shape(7, 3),    shape(37, 33),  shape(6, 64),
          shape(9, 100), shape(5, 1000), shape(3, 2049), shape(9, 4096)};
}

std::vector<Shape> strided_shapes() {
  const auto shape = [](std::int64_t rows, std::int64_t w, std::int64_t stride) {
    return Shape{{"rows", rows}, {"W", w}, {"row_stride", stride}};
  };
  return {shape(37, 1, 3),    shape(21, 33, 40),  shape(50, 64, 64),   shape(50, 64, 65),
          shape(51, 64, 192), shape(9, 100, 102), shape(3, 1000, 1024)};
}

std::vector<Shape> grouped_shapes() {
  const auto shape = [](std::int64_t rows, std::int64_t g, std::int64_t d) {
    return Shape{{"rows", rows}, {"G", g}, {"D", d}};
  };
  return {shape(5, 3, 1),   shape(7, 5, 3),    shape(9, 64, 64), shape(3, 33, 36),
          shape(5, 2, 100), shape(3, 3, 1000), shape(2, 1, 1024)};
}

}  // namespace

std::vector<Shape> shapes_of(const std::string& problem) {
  static const std::map<std::string, std::vector<Shape>> shapes{
      {"layernorm_gelu_scale", row_shapes()},
      {"layernorm_gelu_scale_backward", narrow_row_shapes()},
      {"layernorm_gelu_scale_strided", strided_shapes()},
      {"sum_layernorm", narrow_row_shapes()},
      {"sum_layernorm_avgpool_gelu", pooled_shapes()},
      {"softmax_bias_scale_sigmoid", channel_shapes()},
      {"bias_gelu", matrix_shapes()},
      {"swiglu", matrix_shapes()},
      {"rmsnorm_residual", matrix_shapes()},
      {"groupnorm_silu", grouped_shapes()},
      {"softmax_bias_scale_sigmoid_backward", channel_shapes()},
      {"layernorm_gelu_scale_channels_last", plane_shapes(1)},
      {"layernorm_gelu_scale_channels_last_backward", plane_gradient_shapes()},
      {"sum_layernorm_avgpool_gelu_channels_last", plane_shapes(2)},
      {"softmax_bias_scale_sigmoid_channels_last", pixel_shapes()},
      {"softmax_bias_scale_sigmoid_channels_last_backward", pixel_gradient_shapes()},
  };
  const auto found = shapes.find(problem);
  if (found != shapes.end()) return found->second;
  const auto entry = catalog().find(problem);
  for (const tuner::ShapePreset& preset : (*entry)->problem.shapes) {
    if (preset.name == "small") return {preset.dims};
  }
  return {};
}

}  // namespace fuseline::host_cuda
