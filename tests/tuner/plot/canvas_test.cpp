#include "tuner/plot/canvas.hpp"

#include <gmock/gmock.h>

#include <array>
#include <functional>

#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/plot/xml.hpp"
#include "tuner/base/text.hpp"
#include "tuner/plot/text_metrics.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr Colour kInk{10, 20, 30, 255};

std::string svg_of(const std::function<void(Canvas&)>& draw) {
  const auto canvas = make_svg_canvas(1120, 680);
  draw(*canvas);
  const auto text = canvas->finish();
  return text ? *text : "";
}

TEST(SvgCanvas, EscapesTextAndTooltips) {
  const std::string svg = svg_of([](Canvas& canvas) {
    canvas.begin_item("a < b & \"c\"");
    canvas.text({10, 20}, "<script>alert('x')</script> \x01\xff\x1b[31m", 12, kInk);
    canvas.end_item();
  });
  EXPECT_EQ(xml_fault(svg), "") << svg;
  EXPECT_THAT(svg, HasSubstr("<title>a &lt; b &amp; &quot;c&quot;</title>"));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
}

TEST(SvgCanvas, DrawsEveryKindOfThing) {
  const std::string svg = svg_of([](Canvas& canvas) {
    const std::array<Vec2, 3> points = {Vec2{0, 0}, Vec2{10.126, 5}, Vec2{20, -0.001}};
    canvas.push_clip({0, 0, 50, 50});
    canvas.polyline(points, {kInk, 2, true});
    canvas.fill_polygon(points, {255, 0, 0, 128});
    canvas.pop_clip();
    canvas.text({5, 5}, "turned", 10, kInk, Anchor::middle, 90, true);
  });
  EXPECT_EQ(xml_fault(svg), "");
  EXPECT_THAT(svg, HasSubstr("points=\"0,0 10.13,5 20,0\""));
  EXPECT_THAT(svg, HasSubstr("stroke-dasharray"));
  EXPECT_THAT(svg, HasSubstr("fill=\"#ff0000\" fill-opacity=\"0.5\""));
  EXPECT_THAT(svg, HasSubstr("transform=\"rotate(-90 5 5)\""));
  EXPECT_THAT(svg, HasSubstr("clip-path=\"url(#clip1)\""));
}

TEST(SvgCanvas, TheSameDrawingGivesTheSameBytes) {
  const auto once = svg_of([](Canvas& canvas) { draw_roofline(canvas, samples::roofline(), Theme::light); });
  const auto again = svg_of([](Canvas& canvas) { draw_roofline(canvas, samples::roofline(), Theme::light); });
  EXPECT_EQ(once, again);
  EXPECT_GT(once.size(), 1000U);
}

TEST(XmlFault, FindsFaults) {
  EXPECT_EQ(xml_fault("<?xml version=\"1.0\"?>\n<a x=\"1\"><b/>t</a>\n"), "");
  EXPECT_NE(xml_fault("<a><b></a>"), "");
  EXPECT_NE(xml_fault("<a>&nothing;</a>"), "");
  EXPECT_NE(xml_fault("<a x=1/>"), "");
  EXPECT_NE(xml_fault("<a/><b/>"), "");
  EXPECT_NE(xml_fault("<a>\x01</a>"), "");
}

TEST(PngCanvas, WritesAPictureOfTheSizeAskedFor) {
  auto canvas = make_png_canvas(100, 50, 2);
  ASSERT_TRUE(canvas) << canvas.error().message();
  (*canvas)->fill_rect({0, 0, 100, 50}, {255, 255, 255, 255});
  (*canvas)->text({10, 30}, "text \xff\xfe", 12, kInk);
  const auto bytes = (*canvas)->finish();
  ASSERT_TRUE(bytes) << bytes.error().message();
  EXPECT_THAT(*bytes, StartsWith("\x89PNG\r\n"));
  const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>((*bytes)[at])); };
  EXPECT_EQ(byte(18) * 256 + byte(19), 200U);
  EXPECT_EQ(byte(22) * 256 + byte(23), 100U);
}

TEST(PngCanvas, RefusesSizesThatNoPictureHas) {
  EXPECT_FALSE(make_png_canvas(1e6, 1e6, 1));
  EXPECT_FALSE(make_png_canvas(0, 10, 1));
  EXPECT_FALSE(make_png_canvas(10, 10, -1));
}

TEST(PngCanvas, MeasuresTextAsTheTableOfWidthsDoes) {
  auto canvas = make_png_canvas(10, 10, 1);
  ASSERT_TRUE(canvas);
  for (const char* text : {"H200 copy 4.25 TB/s (measured)", "0.5063 ms", "block=256 lanes=16", "a \u00b7 b"}) {
    for (const bool bold : {false, true})
      EXPECT_NEAR((*canvas)->text_width(text, 100, bold), plot_text_width(text, 100, bold), 2) << text;
  }
}

TEST(DrawableText, ReplacesWhatIsNoText) {
  EXPECT_EQ(drawable_text("a\nb\x7f"), "a b ");
  EXPECT_EQ(drawable_text("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(drawable_text("\xc0\x80"), "??") << "overlong";
  EXPECT_EQ(drawable_text("\xed\xa0\x80"), "???") << "a surrogate";
  EXPECT_EQ(drawable_text("\xe2\x82"), "??") << "cut short";
  EXPECT_EQ(drawable_text("\xef\xbf\xbe"), "???") << "no character of XML";
  EXPECT_EQ(drawable_text("20\xef\xbb\xbf"
                          "25\xe2\x80\xae"
                          "-11\xc2\x9b"),
            "20 25 -11 ")
      << "a byte-order mark, an override of direction and a C1 control";
}

}  // namespace
}  // namespace fuseline::tuner
