// Writes what the fuzzers begin with: FOLDER/TARGET/seed_N.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/targets.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  for (const auto& target : fuseline::fuzz::targets()) {
    const auto folder = std::filesystem::path(argv[1]) / target.name;
    std::filesystem::create_directories(folder);
    int count = 0;
    for (const auto& seed : target.seeds()) {
      std::ofstream file(folder / ("seed_" + std::to_string(count++)), std::ios::binary);
      file.write(seed.data(), static_cast<std::streamsize>(seed.size()));
      if (!file) {
        std::fprintf(stderr, "%s: cannot be written\n", folder.c_str());
        return 1;
      }
    }
  }
  return 0;
}
