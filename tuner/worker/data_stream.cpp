#include "tuner/worker/data_stream.hpp"

#include <algorithm>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {

tl::unexpected<Error> DataStream::changed() const {
  return bad_input(printable(files_[at_].file.string()), "",
                   "is no longer what it was when the sweep began: let it be, and start again");
}

Result<void> DataStream::open() {
  stream_ = std::ifstream(files_[at_].file, std::ios::binary);
  if (!stream_) return io_error(printable(files_[at_].file.string()), "cannot be opened any more");
  digest_.emplace();
  offset_ = 0;
  std::string header(static_cast<std::size_t>(files_[at_].header.data_offset), '\0');
  return read(header);
}

Result<void> DataStream::read(std::string& bytes) {
  if (!stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return changed();
  digest_->add(bytes);
  return {};
}

Result<std::optional<DataRequest>> DataStream::next() {
  if (ended()) return std::optional<DataRequest>();
  if (!digest_) FUSELINE_CHECK(open());
  const TensorFile& file = files_[at_];
  DataRequest piece{file.tensor, offset_, {}};
  const std::int64_t rest = file.header.bytes() - offset_;
  piece.bytes.resize(std::min(kPiece, static_cast<std::size_t>(rest)));
  FUSELINE_CHECK(read(piece.bytes));
  offset_ += static_cast<std::int64_t>(piece.bytes.size());
  if (offset_ < file.header.bytes()) return std::optional(std::move(piece));
  if (!file.sha256.empty() && digest_->hex() != file.sha256) return changed();
  digest_.reset();
  ++at_;
  return std::optional(std::move(piece));
}

}  // namespace fuseline::tuner
