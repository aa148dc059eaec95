#include "profiler/compile/compile_codec.hpp"

#include <nlohmann/json.hpp>

namespace fuseline::profiler {
namespace {

using nlohmann::json;

json binary(const std::string& bytes) { return json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end())); }

/// Text travels as binary too: sources and logs need not be UTF-8.
std::string bytes_of(const json& value) {
  const auto& raw = value.get_binary();
  return {raw.begin(), raw.end()};
}

std::string packed(const json& value) {
  std::string bytes;
  json::to_cbor(value, bytes);
  return bytes;
}

/// Empty where the number is no form.
std::optional<tuner::KernelForm> form_of(const json& value) {
  const int form = value.get<int>();
  if (form < 0 || form > static_cast<int>(tuner::KernelForm::cubin)) return std::nullopt;
  return static_cast<tuner::KernelForm>(form);
}

json parse(std::string_view bytes) { return json::from_cbor(bytes, true, false); }

}  // namespace

std::string encode(const CompileRequest& request) {
  json headers = json::array();
  for (const auto& [name, text] : request.headers) headers.push_back({binary(name), binary(text)});
  json options = json::array();
  for (const std::string& option : request.options) options.push_back(binary(option));
  json expressions = json::array();
  for (const std::string& expression : request.name_expressions) expressions.push_back(binary(expression));
  return packed({binary(request.name), binary(request.source), headers, options, request.architecture, expressions,
                 static_cast<int>(request.form)});
}

std::string encode(const CompileResult& result) {
  json kernels = json::array();
  for (const KernelResources& each : result.kernels) {
    kernels.push_back({each.name, each.registers, each.stack_bytes, each.spill_store_bytes, each.spill_load_bytes,
                       each.static_shared_bytes});
  }
  json names = json::array();
  for (const auto& [expression, lowered] : result.lowered_names) names.push_back({binary(expression), binary(lowered)});
  return packed({static_cast<int>(result.status), binary(result.reason), binary(result.image), binary(result.log),
                 kernels, result.compile_ms, names, static_cast<int>(result.form)});
}

std::optional<CompileRequest> decode_compile_request(std::string_view bytes) {
  try {
    const json value = parse(bytes);
    CompileRequest request;
    request.name = bytes_of(value.at(0));
    request.source = bytes_of(value.at(1));
    for (const json& header : value.at(2)) request.headers[bytes_of(header.at(0))] = bytes_of(header.at(1));
    for (const json& option : value.at(3)) request.options.push_back(bytes_of(option));
    request.architecture = value.at(4).get<std::string>();
    for (const json& expression : value.at(5)) request.name_expressions.push_back(bytes_of(expression));
    const auto form = form_of(value.at(6));
    if (!form) return std::nullopt;
    request.form = *form;
    return request;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<CompileResult> decode_compile_result(std::string_view bytes) {
  try {
    const json value = parse(bytes);
    CompileResult result;
    const int status = value.at(0).get<int>();
    if (status < 0 || status > static_cast<int>(CompileResult::Status::timeout)) return std::nullopt;
    result.status = static_cast<CompileResult::Status>(status);
    result.reason = bytes_of(value.at(1));
    result.image = bytes_of(value.at(2));
    result.log = bytes_of(value.at(3));
    for (const json& each : value.at(4)) {
      result.kernels.push_back({each.at(0).get<std::string>(), each.at(1).get<int>(), each.at(2).get<std::int64_t>(),
                                each.at(3).get<std::int64_t>(), each.at(4).get<std::int64_t>(),
                                each.at(5).get<std::int64_t>()});
    }
    result.compile_ms = value.at(5).get<double>();
    for (const json& each : value.at(6)) result.lowered_names[bytes_of(each.at(0))] = bytes_of(each.at(1));
    const auto form = form_of(value.at(7));
    if (!form) return std::nullopt;
    result.form = *form;
    return result;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace fuseline::profiler
