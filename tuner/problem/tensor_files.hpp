// Files of a problem's folder that hold the values of its tensors: inputs, and the reference of outputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/npy.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

struct TensorFile {
  std::string tensor;
  std::filesystem::path file;
  NpyHeader header;
  std::string sha256 = {};  ///< Of the whole file, where that was asked for: see digest_files().
};

/// A name of files as the problem's file has it: within the folder, {shape} and {dtype} stand for the instance's.
/// Errors are placed at `view`; whether there is such a file is found out by tensor_files().
[[nodiscard]] Result<std::string> read_tensor_file_name(const JsonView& view);

/// The files of an instance, in the tensors' order. Their headers are held against the tensors, their values are not
/// read. Empty where every input is generated and a kernel is the reference. Errors: no such file, a link that leads
/// out of the folder, what parse_npy_header() refuses, another number of elements, a type that does not serve the
/// tensor; dimensions or scalars for which the files were not written.
[[nodiscard]] Result<std::vector<TensorFile>> tensor_files(const ProblemInstance& instance);

/// Puts in the digests, for which every file is read once.
[[nodiscard]] Result<void> digest_files(std::vector<TensorFile>& files);

}  // namespace fuseline::tuner
