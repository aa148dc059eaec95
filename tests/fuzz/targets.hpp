// What reads files and messages that others wrote, each as one function of bytes: run by libFuzzer, and over kept
// inputs by an ordinary test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuseline::fuzz {

/// Each takes any bytes and ends the program where it finds that a promise is broken; what they promise stands with
/// each in targets/.
void device(std::string_view input);
void expression(std::string_view input);
void gui(std::string_view input);
void kernel_image(std::string_view input);
void kernel_tuner(std::string_view input);
void mcp(std::string_view input);
void npy(std::string_view input);
void problem(std::string_view input);
void protocol(std::string_view input);
void result(std::string_view input);
void t4(std::string_view input);
void variant(std::string_view input);

struct Target {
  const char* name;  ///< Of its folder in corpora and regressions.
  void (*run)(std::string_view input);
  std::vector<std::string> (*seeds)();  ///< Inputs to begin with, made of the tree's own files.
};
[[nodiscard]] const std::vector<Target>& targets();

}  // namespace fuseline::fuzz
