#include "tuner/worker/protocol.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/counters/source_profile_json.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/run/measurement_json.hpp"
#include "tuner/worker/job_json.hpp"

namespace fuseline::tuner {

/// Found by argument-dependent lookup where a list of readings is read.
static Result<void> read_value(const JsonView& view, CounterReading& out) {
  return FieldReader(view)
      .required("id", out.id)
      .optional("values", out.values)
      .optional("reason", out.reason)
      .result();
}

namespace {

using nlohmann::json;

constexpr const char* kSource = "message";

// A worker cuts its compiler's log to 16 KiB itself. These bounds are for one that does not: what is shown and kept
// must not grow with what it says.
constexpr std::size_t kLongestReason = 4096;
constexpr std::size_t kLongestLog = 32768;
constexpr std::size_t kLongestSpanName = 64;

void shorten(std::string& text, std::size_t longest) {
  if (text.size() <= longest) return;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U)
    --longest;  // Not within a character.
  text.resize(longest);
  text += "...";
  text.shrink_to_fit();
}

/// Bytes as "text" where they are UTF-8, else as "base64".
void put_bytes(json& message, const std::string& bytes) {
  const bool text = is_utf8(bytes);
  message[text ? "text" : "base64"] = text ? bytes : to_base64(bytes);
}

Result<void> read_bytes(const JsonView& view, std::string& bytes) {
  if (!view.has("base64")) return FieldReader(view).required("text", bytes).result();
  std::string encoded;
  FUSELINE_CHECK(FieldReader(view).required("base64", encoded).result());
  auto decoded = from_base64(encoded);
  if (!decoded) return member(view, "base64").fail("is no base 64");
  bytes = std::move(*decoded);
  return {};
}

json body(const HelloRequest& request) {
  return {{"type", "hello"}, {"protocol", request.protocol}, {"device", request.device}};
}
json body(const PrepareRequest& request) { return {{"type", "prepare"}, {"job", to_json(request.job)}}; }
json body(const SourceRequest& request) {
  json result = {{"type", "source"}, {"name", request.name}};
  put_bytes(result, request.bytes);
  return result;
}
json body(const EvaluateRequest& request) {
  json result = to_json(request);
  result["type"] = "evaluate";
  return result;
}
json body(const FinalsRequest& request) {
  json finalists = json::array();
  for (const auto& finalist : request.finalists) finalists.push_back(to_json(finalist));
  return {{"type", "finals"},
          {"finalists", std::move(finalists)},
          {"rounds", request.rounds},
          {"first_round", request.first_round}};
}
json body(const CeilingsRequest&) { return {{"type", "ceilings"}}; }
json body(const CountersRequest& request) {
  json configurations = json::array();
  for (const auto& configuration : request.configurations) configurations.push_back(to_json(configuration));
  return {{"type", "counters"}, {"metrics", request.metrics}, {"configurations", std::move(configurations)}};
}
json body(const SourceProfileRequest& request) {
  return {{"type", "source_profile"}, {"configuration", to_json(request.configuration)}};
}
json body(const BuildRequest& request) {
  json result = {{"type", "build"},
                 {"configuration", to_json(request.configuration)},
                 {"headers", request.headers},
                 {"architecture", request.architecture},
                 {"deadline_s", real_json(request.deadline_s)},
                 {"cache_folder", request.cache_folder}};
  put_bytes(result, request.configuration.source ? *request.configuration.source : std::string());
  return result;
}
/// Its bytes follow: see encode_text().
json body(const DataRequest& request) {
  return {{"type", "data"}, {"tensor", request.tensor}, {"offset", request.offset}};
}
json body(const QuitRequest&) { return {{"type", "quit"}}; }

json body(const HelloReply& reply) {
  json devices = json::array();
  for (const auto& device : reply.devices) devices.push_back(to_json(device));
  return {{"type", "hello"},
          {"protocol", reply.protocol},
          {"version", reply.version},
          {"devices", std::move(devices)},
          {"device", reply.device}};
}
json body(const PreparedReply& reply) {
  return {{"type", "prepared"},
          {"copy_gbps", real_json(reply.copy_gbps)},
          {"device_bytes", reply.device_bytes},
          {"buffer_sets", reply.buffer_sets}};
}
json body(const StartedReply& reply) { return {{"type", "started"}, {"id", reply.id}, {"stage", reply.stage}}; }
json body(const OutcomeReply& reply) {
  return {{"type", "outcome"}, {"id", reply.id}, {"measurement", to_json(reply.measurement)}};
}
json body(const FinalsReply& reply) {
  json times = json::array();
  for (const auto& round : reply.rounds_ms) times.push_back(reals_json(round));
  json rounds = json::array();
  for (const FinalRound& round : reply.rounds) rounds.push_back(to_json(round));
  return {{"type", "finals"}, {"ids", reply.ids}, {"rounds_ms", std::move(times)}, {"rounds", std::move(rounds)}};
}
json body(const CeilingsReply& reply) { return {{"type", "ceilings"}, {"ceilings", to_json(reply.ceilings)}}; }
json body(const CountersReply& reply) {
  json readings = json::array();
  for (const auto& reading : reply.readings) {
    readings.push_back({{"id", reading.id}, {"values", reals_json(reading.values)}, {"reason", reading.reason}});
  }
  return {{"type", "counters"},     {"finished", reply.finished},          {"readings", std::move(readings)},
          {"passes", reply.passes}, {"seconds", real_json(reply.seconds)}, {"unavailable", reply.unavailable}};
}
json body(const SourceProfileReply& reply) {
  return {{"type", "source_profile"}, {"id", reply.id}, {"profile", to_json(reply.profile)}};
}
json body(const BuildReply& reply) {
  json result = {{"type", "build"},
                 {"id", reply.id},
                 {"reason", reply.reason},
                 {"form", to_string(reply.form)},
                 {"symbols", reply.symbols},
                 {"registers", reply.registers},
                 {"spill_bytes", reply.spill_bytes},
                 {"source_sha256", reply.source_sha256},
                 {"log", reply.log}};
  put_bytes(result, reply.image);
  return result;
}
json body(const ErrorReply& reply) { return {{"type", "error"}, {"reason", reply.reason}, {"fatal", reply.fatal}}; }
json body(const SpansReply& reply) {
  json spans = json::array();
  for (const Span& span : reply.spans) spans.push_back({span.thread, span.name, span.start_us, span.duration_us});
  return {{"type", "spans"}, {"now_us", reply.now_us}, {"spans", std::move(spans)}};
}
json body(const LogReply& reply) { return {{"type", "log"}, {"level", reply.level}, {"text", reply.text}}; }

Result<void> read_body(const JsonView& view, HelloRequest& out) {
  return FieldReader(view).required("protocol", out.protocol).optional("device", out.device).result();
}
Result<void> read_body(const JsonView& view, PrepareRequest& out) {
  return FieldReader(view).required("job", out.job).result();
}
Result<void> read_body(const JsonView& view, SourceRequest& out) {
  FUSELINE_CHECK(FieldReader(view).required("name", out.name).result());
  return read_bytes(view, out.bytes);
}
Result<void> read_body(const JsonView& view, EvaluateRequest& out) { return read_value(view, out); }
Result<void> read_body(const JsonView& view, FinalsRequest& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("finalists", out.finalists)
                     .required("rounds", out.rounds)
                     .optional("first_round", out.first_round)
                     .result());
  if (out.rounds < 0 || out.rounds > 100'000) return member(view, "rounds").fail("number of rounds out of range");
  return {};
}
Result<void> read_body(const JsonView&, CeilingsRequest&) { return {}; }
Result<void> read_body(const JsonView& view, CountersRequest& out) {
  return FieldReader(view).required("metrics", out.metrics).required("configurations", out.configurations).result();
}
Result<void> read_body(const JsonView& view, SourceProfileRequest& out) {
  return FieldReader(view).required("configuration", out.configuration).result();
}
Result<void> read_body(const JsonView& view, BuildRequest& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("configuration", out.configuration)
                     .optional("headers", out.headers)
                     .required("architecture", out.architecture)
                     .optional("deadline_s", out.deadline_s)
                     .optional("cache_folder", out.cache_folder)
                     .result());
  std::string source;
  FUSELINE_CHECK(read_bytes(view, source));
  out.configuration.source = std::make_shared<const std::string>(std::move(source));
  return {};
}
Result<void> read_body(const JsonView& view, DataRequest& out) {
  FUSELINE_CHECK(FieldReader(view).required("tensor", out.tensor).required("offset", out.offset).result());
  if (out.offset < 0) return member(view, "offset").fail("out of range");
  return {};
}
Result<void> read_body(const JsonView&, QuitRequest&) { return {}; }

Result<void> read_body(const JsonView& view, HelloReply& out) {
  return FieldReader(view)
      .required("protocol", out.protocol)
      .optional("version", out.version)
      .required("devices", out.devices)
      .optional("device", out.device)
      .result();
}
Result<void> read_body(const JsonView& view, PreparedReply& out) {
  return FieldReader(view)
      .required("copy_gbps", out.copy_gbps)
      .optional("device_bytes", out.device_bytes)
      .optional("buffer_sets", out.buffer_sets)
      .result();
}
Result<void> read_body(const JsonView& view, StartedReply& out) {
  return FieldReader(view).required("id", out.id).required("stage", out.stage).result();
}
Result<void> read_body(const JsonView& view, OutcomeReply& out) {
  FUSELINE_CHECK(FieldReader(view).required("id", out.id).result());
  if (!view.json().contains("measurement")) return view.fail("member 'measurement' is missing");
  FUSELINE_TRY(measurement, measurement_from_json(member(view, "measurement")));
  out.measurement = std::move(measurement);
  shorten(out.measurement.reason, kLongestReason);
  shorten(out.measurement.compiler_log, kLongestLog);
  return {};
}
Result<void> read_body(const JsonView& view, FinalsReply& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("ids", out.ids)
                     .required("rounds_ms", out.rounds_ms)
                     .required("rounds", out.rounds)
                     .result());
  if (out.rounds.size() != out.rounds_ms.size()) return member(view, "rounds").fail("expected as many as in rounds_ms");
  std::set<std::int64_t> timed(out.ids.begin(), out.ids.end());
  timed.insert(FinalRound::copy);
  for (std::size_t i = 0; i < out.rounds.size(); ++i) {
    if (out.rounds_ms[i].size() != out.ids.size())
      return element(member(view, "rounds_ms"), i).fail("expected one time a finalist");
    // Each finalist and the copy have one turn at most.
    const auto& order = out.rounds[i].order;
    const bool fits = order.size() <= timed.size() &&
                      std::all_of(order.begin(), order.end(), [&](std::int64_t each) { return timed.contains(each); });
    if (!fits) return member(element(member(view, "rounds"), i), "order").fail("expected ids of the finalists");
  }
  return {};
}
Result<void> read_body(const JsonView& view, BuildReply& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("id", out.id)
                     .optional("reason", out.reason)
                     .named("form", out.form, kernel_form_from_string)
                     .optional("symbols", out.symbols)
                     .optional("registers", out.registers)
                     .optional("spill_bytes", out.spill_bytes)
                     .optional("source_sha256", out.source_sha256)
                     .optional("log", out.log)
                     .result());
  shorten(out.reason, kLongestReason);
  shorten(out.log, kLongestLog);
  return read_bytes(view, out.image);
}
Result<void> read_body(const JsonView& view, CeilingsReply& out) {
  FUSELINE_CHECK(FieldReader(view).required("ceilings", out.ceilings).result());
  StreamCounters& streams = out.ceilings.streams;
  if (!streams.known() && streams.missing.empty()) streams.missing = "the worker's version reads no counters of a copy";
  return {};
}
Result<void> read_body(const JsonView& view, CountersReply& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("finished", out.finished)
                     .optional("readings", out.readings)
                     .optional("passes", out.passes)
                     .optional("seconds", out.seconds)
                     .optional("unavailable", out.unavailable)
                     .result());
  shorten(out.unavailable, kLongestReason);
  for (auto& reading : out.readings) shorten(reading.reason, kLongestReason);
  return {};
}
Result<void> read_body(const JsonView& view, SourceProfileReply& out) {
  return FieldReader(view).required("id", out.id).required("profile", out.profile).result();
}
Result<void> read_body(const JsonView& view, ErrorReply& out) {
  FUSELINE_CHECK(FieldReader(view).required("reason", out.reason).optional("fatal", out.fatal).result());
  shorten(out.reason, kLongestReason);
  return {};
}
/// An array of a thread, a name, a start and a duration.
Result<void> read_span(const JsonView& view, Span& out) {
  const auto& values = view.json();
  if (!values.is_array() || values.size() != 4) return view.fail("expected thread, name, start and duration");
  FUSELINE_CHECK(read_value(element(view, 0), out.thread));
  FUSELINE_CHECK(read_value(element(view, 1), out.name));
  FUSELINE_CHECK(read_value(element(view, 2), out.start_us));
  FUSELINE_CHECK(read_value(element(view, 3), out.duration_us));
  if (out.duration_us < 0) return element(view, 3).fail("out of range");
  shorten(out.thread, kLongestSpanName);
  shorten(out.name, kLongestSpanName);
  return {};
}
Result<void> read_body(const JsonView& view, SpansReply& out) {
  FUSELINE_CHECK(FieldReader(view).required("now_us", out.now_us).result());
  if (!view.has("spans") || !view.json()["spans"].is_array()) return view.fail("member 'spans' is no array");
  const JsonView spans = member(view, "spans");
  out.spans.resize(spans.json().size());
  for (std::size_t i = 0; i < out.spans.size(); ++i) FUSELINE_CHECK(read_span(element(spans, i), out.spans[i]));
  return {};
}
Result<void> read_body(const JsonView& view, LogReply& out) {
  FUSELINE_CHECK(FieldReader(view).optional("level", out.level).required("text", out.text).result());
  shorten(out.text, kLongestReason);
  return {};
}

template <class Any, class Body>
Result<Any> decode_as(const JsonView& view) {
  Body message;
  FUSELINE_CHECK(read_body(view, message));
  return Any(std::move(message));
}

/// The message's "type", and the document it stands in.
Result<std::string> type_of(const JsonView& view) {
  std::string type;
  FUSELINE_CHECK(FieldReader(view).required("type", type).result());
  return type;
}

tl::unexpected<Error> unknown_type(const JsonView& view, const std::string& type) {
  return member(view, "type").fail("unknown message type '" + printable(type.substr(0, 64)) + "'");
}

}  // namespace

json encode(const Request& request) {
  return std::visit([](const auto& message) { return body(message); }, request);
}

json encode(const Reply& reply) {
  return std::visit([](const auto& message) { return body(message); }, reply);
}

std::string encode_text(const Request& request) {
  std::string text = dump_line(encode(request));
  const auto* data = std::get_if<DataRequest>(&request);
  text += data == nullptr ? "\n" : '\0' + data->bytes;
  return text;
}
std::string encode_text(const Reply& reply) { return dump_line(encode(reply)) + '\n'; }

Result<Request> decode_request(std::string_view text) {
  // No JSON has a zero byte.
  const std::size_t end = std::min(text.find('\0'), text.size());
  FUSELINE_TRY(document, parse_json(text.substr(0, end), kSource));
  const JsonView view(document, kSource);
  FUSELINE_TRY(type, type_of(view));
  if (type == "data") {
    if (end == text.size()) return view.fail("no bytes follow");
    DataRequest data;
    FUSELINE_CHECK(read_body(view, data));
    data.bytes = text.substr(end + 1);
    return Request(std::move(data));
  }
  if (end < text.size()) return view.fail("bytes follow a message that takes none");
  if (type == "hello") return decode_as<Request, HelloRequest>(view);
  if (type == "prepare") return decode_as<Request, PrepareRequest>(view);
  if (type == "source") return decode_as<Request, SourceRequest>(view);
  if (type == "evaluate") return decode_as<Request, EvaluateRequest>(view);
  if (type == "finals") return decode_as<Request, FinalsRequest>(view);
  if (type == "ceilings") return decode_as<Request, CeilingsRequest>(view);
  if (type == "counters") return decode_as<Request, CountersRequest>(view);
  if (type == "source_profile") return decode_as<Request, SourceProfileRequest>(view);
  if (type == "build") return decode_as<Request, BuildRequest>(view);
  if (type == "quit") return decode_as<Request, QuitRequest>(view);
  return unknown_type(view, type);
}

Result<Reply> decode_reply(std::string_view text) {
  FUSELINE_TRY(document, parse_json(text, kSource));
  const JsonView view(document, kSource);
  FUSELINE_TRY(type, type_of(view));
  if (type == "hello") return decode_as<Reply, HelloReply>(view);
  if (type == "prepared") return decode_as<Reply, PreparedReply>(view);
  if (type == "started") return decode_as<Reply, StartedReply>(view);
  if (type == "outcome") return decode_as<Reply, OutcomeReply>(view);
  if (type == "finals") return decode_as<Reply, FinalsReply>(view);
  if (type == "ceilings") return decode_as<Reply, CeilingsReply>(view);
  if (type == "counters") return decode_as<Reply, CountersReply>(view);
  if (type == "source_profile") return decode_as<Reply, SourceProfileReply>(view);
  if (type == "build") return decode_as<Reply, BuildReply>(view);
  if (type == "error") return decode_as<Reply, ErrorReply>(view);
  if (type == "log") return decode_as<Reply, LogReply>(view);
  if (type == "spans") return decode_as<Reply, SpansReply>(view);
  return unknown_type(view, type);
}

}  // namespace fuseline::tuner
