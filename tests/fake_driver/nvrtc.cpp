// A stand-in for libnvrtc: what it makes is no code, but an image for the stand-in driver that follows from everything
// it is given, so that two programs that ask for the same get the same. Every compilation is written down; see
// record.hpp.
//
// $FUSELINE_FAKE_NVRTC_REFUSES is a text: what has it in an option is not compiled.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/fake_driver/record.hpp"

namespace {

constexpr int kInvalidInput = 3;
constexpr int kCompilation = 6;
constexpr const char* kError = "plain.cu(1): error: the stand-in refuses\n";

struct Program {
  std::string source, name;
  std::uint64_t headers = 0;  // Whatever their order.
  std::vector<std::string> expressions;
  std::string image;
};

Program& program_of(void* handle) { return *static_cast<Program*>(handle); }

bool is_word(char each) { return std::isalnum(static_cast<unsigned char>(each)) != 0 || each == '_'; }

/// Every identifier with a parenthesis behind it: kernels are among them.
std::vector<std::string> called(const std::string& source) {
  std::vector<std::string> names;
  for (std::size_t at = source.find('('); at != std::string::npos; at = source.find('(', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && is_word(source[begin - 1])) --begin;
    if (begin < at) names.push_back(source.substr(begin, at - begin));
  }
  return names;
}

/// An ELF header without sections, the kernels' names, and what they were made from.
std::string image_of(const Program& program, std::uint64_t made_from) {
  std::string names;
  for (const std::string& each : called(program.source)) names += ".text." + each + '\0';
  for (const std::string& each : program.expressions) names += ".text." + each + '\0';
  names += std::to_string(made_from);
  std::string header =
      "\x7f"
      "ELF";
  header.resize(64);
  const std::uint64_t end = header.size() + names.size();
  std::memcpy(&header[0x28], &end, sizeof end);
  return header + names;
}

}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return 0;
}
const char* nvrtcGetErrorString(int code) { return code == 0 ? "NVRTC_SUCCESS" : "NVRTC_ERROR_OF_FAKE"; }
int nvrtcCreateProgram(void** handle, const char* source, const char* name, int count, const char* const* headers,
                       const char* const* names) {
  auto* const program = new Program{source, name, 0, {}, {}};
  for (int i = 0; i < count; ++i) program->headers += fake::checksum_of(std::string(names[i]) + '\0' + headers[i]);
  *handle = program;
  return 0;
}
int nvrtcDestroyProgram(void** handle) {
  delete &program_of(*handle);
  *handle = nullptr;
  return 0;
}
int nvrtcAddNameExpression(void* handle, const char* expression) {
  program_of(handle).expressions.emplace_back(expression);
  return 0;
}
int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
  Program& program = program_of(handle);
  std::string material = program.source + '\0' + std::to_string(program.headers);
  for (const std::string& each : program.expressions) material += '\0' + each;
  const std::vector<std::string> given(options, options + count);
  fake::record_compile(fake::checksum_of(material), program.name, given);
  const char* const refused = std::getenv("FUSELINE_FAKE_NVRTC_REFUSES");
  for (const std::string& each : given) {
    if (refused != nullptr && *refused != '\0' && each.find(refused) != std::string::npos) return kCompilation;
    material += '\0' + each;
  }
  program.image = image_of(program, fake::checksum_of(material));
  return 0;
}
int nvrtcGetCUBINSize(void* handle, std::size_t* bytes) {
  *bytes = program_of(handle).image.size();
  return 0;
}
int nvrtcGetCUBIN(void* handle, char* image) {
  const std::string& made = program_of(handle).image;
  std::copy(made.begin(), made.end(), image);
  return 0;
}
int nvrtcGetProgramLogSize(void*, std::size_t* bytes) {
  *bytes = std::strlen(kError) + 1;
  return 0;
}
int nvrtcGetProgramLog(void*, char* log) {
  std::memcpy(log, kError, std::strlen(kError) + 1);
  return 0;
}
int nvrtcGetLoweredName(void* handle, const char* expression, const char** name) {
  for (const std::string& each : program_of(handle).expressions) {
    if (each != expression) continue;
    *name = each.c_str();
    return 0;
  }
  return kInvalidInput;
}

}  // extern "C"
