// Values that are sent, as a real device takes them: inputs in every dtype, references of every width.
#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "tests/gpu/fixture.hpp"

namespace fuseline::gpu {
namespace {

using tuner::Dtype;
using tuner::NpyType;
using tuner::Outcome;

constexpr std::int64_t kFileElements = (std::int64_t{1} << 20) + 3;

/// The values as elements of From.
template <class From>
std::string stored(const std::vector<double>& values) {
  const std::vector<From> elements(values.begin(), values.end());
  std::string bytes(elements.size() * sizeof(From), '\0');
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

class FilesOnGpu : public GpuTest, public ::testing::WithParamInterface<Dtype> {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    // Quarters that every dtype holds, and so their doubles.
    for (std::int64_t i = 0; i < kFileElements; ++i) x_.push_back(0.25 * static_cast<double>(i * 37 % 255 - 127));
    for (const double value : x_) out_.push_back(2 * value);
  }
  void send(const std::string& tensor, const std::string& bytes) {
    constexpr std::size_t piece = std::size_t{1} << 18;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      worker_.send(tuner::DataRequest{tensor, static_cast<std::int64_t>(at), bytes.substr(at, piece)});
  }
  /// Prepares out = 2 x with x as floats and, where there is one, a reference of doubles.
  void prepare_from_files(bool with_reference) {
    job_ = twice_job(kFileElements, GetParam());
    job_.tensors[0].stored = NpyType::f4;
    tuner::Job job = job_;
    if (with_reference) {
      job.tensors[1].stored = NpyType::f8;
      job.reference_source.clear();
      job.reference_launches.clear();
    }
    worker_.send(tuner::PrepareRequest{job});
    send("x", stored<float>(x_));
    if (with_reference) send("out", stored<double>(out_));
    prepared_ = worker_.expect<tuner::PreparedReply>();
    ASSERT_TRUE(prepared_.has_value()) << worker_.last_error << worker_.why_not();
  }
  using GpuTest::evaluate;

  std::vector<double> x_, out_;
};

TEST_P(FilesOnGpu, AnInputAndAReferenceFromFilesAreRightToTheBit) {
  prepare_from_files(true);
  const auto good = evaluate(kGood);
  ASSERT_EQ(good.outcome, Outcome::ok) << good.reason;
  EXPECT_EQ(good.verification->max_absolute_error, 0);
  const auto wrong = evaluate("out[i] = (T)((i == 4711 ? 3.0f : 2.0f) * (float)x[i]);");
  EXPECT_EQ(wrong.outcome, Outcome::incorrect);
  EXPECT_EQ(wrong.verification->worst_index, 4711);
  EXPECT_EQ(evaluate("x[i] = (T)0.0f; out[i] = (T)0.0f;").outcome, Outcome::incorrect);
  EXPECT_EQ(evaluate(kGood).outcome, Outcome::ok) << "the inputs are as they were sent";
}

TEST_P(FilesOnGpu, AReferenceIsRunOnAnInputFromAFile) {
  prepare_from_files(false);
  const auto good = evaluate(kGood);
  ASSERT_EQ(good.outcome, Outcome::ok) << good.reason;
  EXPECT_EQ(good.verification->max_absolute_error, 0);
}

TEST_P(FilesOnGpu, OneWrongElementOfTheReferenceIsFound) {
  out_.back() += 64;
  prepare_from_files(true);
  const auto result = evaluate(kGood);
  EXPECT_EQ(result.outcome, Outcome::incorrect);
  EXPECT_EQ(result.verification->mismatches, 1);
  EXPECT_EQ(result.verification->worst_index, kFileElements - 1);
}

INSTANTIATE_TEST_SUITE_P(Dtypes, FilesOnGpu, ::testing::Values(Dtype::f32, Dtype::f16, Dtype::bf16),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace fuseline::gpu
