// How a kernel's text goes from its block's place to what it works on, as far as plain statements show it.
#pragma once

#include <string>

namespace fuseline::tuner {

/// Of one axis of the grid.
struct BlockIndex {
  enum class Kind {
    none,    ///< The text does not use blockIdx there.
    thread,  ///< blockIdx * threads + threadIdx: a thread an item.
    block,   ///< blockIdx by itself: a block an item.
  } kind = Kind::none;
  std::string threads = {};  ///< What blockIdx is multiplied with: "blockDim.x", "BLOCK", "256"; empty: nothing.
  std::string factor = {};   ///< thread: items a thread, where the sum is multiplied once more: "4"; empty: one.
  bool warps = false;        ///< thread: the sum is divided by 32: a warp an item.
  /// What the index is held against ("i < n", "row >= rows"), where that is made of names, numbers and * / + - ( ).
  std::string bound = {};
};

/// `body`: KernelSignature::body. `axis`: x, y or z. The first statement that uses it is looked at.
[[nodiscard]] BlockIndex read_block_index(const std::string& body, char axis);

}  // namespace fuseline::tuner
