// The first byte says who is speaking and in what pieces the rest of the stream arrives.
// Promises: frames do not depend on the pieces; a message that is read is written and read again as the same.
#include "tuner/worker/protocol.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/worker/framing.hpp"

namespace fuseline::fuzz {
namespace {

constexpr std::size_t kLargestFrame = std::size_t{1} << 16;

struct Stream {
  std::vector<std::string> payloads;
  std::string error;
  bool pending = false;
  friend bool operator==(const Stream&, const Stream&) = default;
};

Stream read_in_pieces(std::string_view bytes, std::size_t piece) {
  tuner::FrameReader reader(kLargestFrame);
  Stream stream;
  for (std::size_t at = 0; at < bytes.size() && stream.error.empty(); at += piece) {
    reader.append(bytes.substr(at, piece));
    while (stream.error.empty()) {
      auto payload = reader.next();
      if (!payload) {
        stream.error = payload.error().reason;
      } else if (!*payload) {
        break;
      } else {
        stream.payloads.push_back(std::move(**payload));
      }
    }
  }
  stream.pending = reader.pending();
  return stream;
}

template <class Decode>
void use_message(const std::string& payload, Decode decode) {
  const auto message = decode(payload);
  if (!message) return require_shown_safely(message.error());
  const std::string written = tuner::encode_text(*message);
  const auto again = decode(written);
  require(again.has_value(), "a message that was written is not read", again ? "" : again.error().message());
  require(tuner::encode_text(*again) == written, "a message changes on its way", written);
}

}  // namespace

void protocol(std::string_view input) {
  if (input.empty()) return;
  const auto first = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  const Stream whole = read_in_pieces(input, input.size() + 1);
  const Stream pieces = read_in_pieces(input, std::size_t{1} + first / 2);
  require(whole.payloads == pieces.payloads && whole.error == pieces.error, "frames depend on how the bytes arrive");
  for (const std::string& payload : whole.payloads) {
    if (first % 2 == 0) {
      use_message(payload, [](const std::string& text) { return tuner::decode_reply(text); });
    } else {
      use_message(payload, [](const std::string& text) { return tuner::decode_request(text); });
    }
  }
}

}  // namespace fuseline::fuzz
