#include "tuner/check/trivial_answers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "tuner/problem/npy_values.hpp"
#include "tuner/problem/tensor_files.hpp"

namespace fuseline::tuner {
namespace {

/// Elements of a file as doubles, some at a time.
class Values {
 public:
  explicit Values(const TensorFile& file) : file_(file), stream_(file.file, std::ios::binary) {
    stream_.seekg(file.header.data_offset);
  }
  /// Up to kAtOnce more; none at the end.
  Result<std::vector<double>> next() {
    const std::int64_t count = std::min(kAtOnce, file_.header.elements - taken_);
    std::string bytes(static_cast<std::size_t>(count * npy_type_bytes(file_.header.type)), '\0');
    stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream_) return io_error(file_.file.string(), "cannot be read to its end");
    FUSELINE_TRY(numbers, converted(bytes, file_.header.type, Dtype::f64));
    std::vector<double> values(static_cast<std::size_t>(count));
    std::memcpy(values.data(), numbers.data(), numbers.size());
    taken_ += count;
    return values;
  }

 private:
  static constexpr std::int64_t kAtOnce = std::int64_t{1} << 16;
  const TensorFile& file_;
  std::ifstream stream_;
  std::int64_t taken_ = 0;
};

double allowed(double reference, const Tolerance& tolerance) {
  return tolerance.absolute + tolerance.relative * std::abs(reference);
}

/// Whether `got` passes where `wanted` is right, as kernels' outputs are compared.
bool passes(double got, double wanted, const Tolerance& tolerance) {
  return got == wanted || std::abs(got - wanted) <= allowed(wanted, tolerance);
}

/// The numbers that pass in every element: empty where `low` is over `high`.
Result<std::pair<double, double>> passing_constants(const TensorFile& reference, const Tolerance& tolerance) {
  double low = -std::numeric_limits<double>::infinity(), high = -low;
  Values values(reference);
  for (std::int64_t done = 0; done < reference.header.elements && low <= high;) {
    FUSELINE_TRY(piece, values.next());
    done += static_cast<std::int64_t>(piece.size());
    for (const double value : piece) {
      if (!std::isfinite(value)) return std::pair(1.0, 0.0);
      low = std::max(low, value - allowed(value, tolerance));
      high = std::min(high, value + allowed(value, tolerance));
    }
  }
  return std::pair(low, high);
}

Result<bool> copy_passes(const TensorFile& input, const TensorFile& reference, const Tolerance& tolerance) {
  if (input.header.elements != reference.header.elements) return false;
  Values inputs(input), references(reference);
  for (std::int64_t done = 0; done < reference.header.elements;) {
    FUSELINE_TRY(given, inputs.next());
    FUSELINE_TRY(wanted, references.next());
    done += static_cast<std::int64_t>(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!passes(given[i], wanted[i], tolerance)) return false;
    }
  }
  return true;
}

Result<double> mean_of(const TensorFile& file) {
  double sum = 0;
  Values values(file);
  for (std::int64_t done = 0; done < file.header.elements;) {
    FUSELINE_TRY(piece, values.next());
    done += static_cast<std::int64_t>(piece.size());
    sum = std::accumulate(piece.begin(), piece.end(), sum);
  }
  return sum / static_cast<double>(std::max<std::int64_t>(file.header.elements, 1));
}

/// What stands in for an output, and how much of it passed so far.
struct StandIn {
  std::string name;
  double constant = 0;
  std::optional<Values> values = std::nullopt;  ///< In the constant's place.
  std::int64_t passed = 0;
};

Result<PassingShares> shares_of(const TensorFile& reference, const std::vector<const TensorFile*>& inputs,
                                const Tolerance& tolerance) {
  FUSELINE_TRY(mean, mean_of(reference));
  std::vector<StandIn> all;
  all.push_back({"zeros"});
  all.push_back({"its mean", mean});
  for (const TensorFile* input : inputs) {
    if (input->header.elements == reference.header.elements) all.push_back({input->tensor, 0, Values(*input)});
  }
  Values wanted(reference);
  for (std::int64_t done = 0; done < reference.header.elements;) {
    FUSELINE_TRY(right, wanted.next());
    done += static_cast<std::int64_t>(right.size());
    for (StandIn& each : all) {
      std::vector<double> given;
      if (each.values) {
        FUSELINE_TRY(read, each.values->next());
        given = std::move(read);
      }
      for (std::size_t i = 0; i < right.size(); ++i)
        each.passed += passes(each.values ? given[i] : each.constant, right[i], tolerance) ? 1 : 0;
    }
  }
  PassingShares found{reference.tensor, {}};
  const auto elements = static_cast<double>(std::max<std::int64_t>(reference.header.elements, 1));
  for (const StandIn& each : all) found.shares.emplace_back(each.name, static_cast<double>(each.passed) / elements);
  return found;
}

bool is_output(const ProblemInstance& instance, const std::string& tensor) {
  return std::any_of(instance.tensors.begin(), instance.tensors.end(),
                     [&](const Tensor& each) { return each.name == tensor && each.role == TensorRole::output; });
}

/// What holds for the output whose reference this is.
Result<Tolerance> tolerance_of(const ProblemInstance& instance, const TensorFile& reference) {
  const auto tensor = std::find_if(instance.tensors.begin(), instance.tensors.end(),
                                   [&](const Tensor& each) { return each.name == reference.tensor; });
  if (tensor == instance.tensors.end() || tensor->absolute_of_largest <= 0) return instance.tolerance;
  double largest = 0;
  Values values(reference);
  for (std::int64_t done = 0; done < reference.header.elements;) {
    FUSELINE_TRY(piece, values.next());
    done += static_cast<std::int64_t>(piece.size());
    for (const double value : piece) {
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
  }
  return instance.tolerance.with_share_of(tensor->absolute_of_largest, largest);
}

}  // namespace

Result<std::vector<TrivialAnswer>> trivial_answers(const ProblemInstance& instance) {
  std::vector<TrivialAnswer> answers;
  if (!instance.problem->reference_from_files()) return answers;
  FUSELINE_TRY(files, tensor_files(instance));
  for (const TensorFile& reference : files) {
    if (!is_output(instance, reference.tensor)) continue;
    TrivialAnswer answer;
    answer.output = reference.tensor;
    FUSELINE_TRY(tolerance, tolerance_of(instance, reference));
    FUSELINE_TRY(range, passing_constants(reference, tolerance));
    answer.constant = range.first <= range.second;
    answer.zeros = answer.constant && range.first <= 0 && range.second >= 0;
    for (const TensorFile& input : files) {
      if (is_output(instance, input.tensor) || is_integer(input.header.type)) continue;
      FUSELINE_TRY(alike, copy_passes(input, reference, tolerance));
      if (alike) answer.inputs.push_back(input.tensor);
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

Result<std::vector<PassingShares>> passing_shares(const ProblemInstance& instance) {
  std::vector<PassingShares> outputs;
  if (!instance.problem->reference_from_files()) return outputs;
  FUSELINE_TRY(files, tensor_files(instance));
  std::vector<const TensorFile*> inputs;
  for (const TensorFile& file : files) {
    if (!is_output(instance, file.tensor) && !is_integer(file.header.type)) inputs.push_back(&file);
  }
  for (const TensorFile& reference : files) {
    if (!is_output(instance, reference.tensor) || is_integer(reference.header.type)) continue;
    FUSELINE_TRY(tolerance, tolerance_of(instance, reference));
    FUSELINE_TRY(shares, shares_of(reference, inputs, tolerance));
    outputs.push_back(std::move(shares));
  }
  return outputs;
}

bool is_vacuous(const std::vector<TrivialAnswer>& answers) {
  return !answers.empty() &&
         std::all_of(answers.begin(), answers.end(), [](const TrivialAnswer& answer) { return answer.any(); });
}

}  // namespace fuseline::tuner
