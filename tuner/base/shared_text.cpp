#include "tuner/base/shared_text.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace fuseline::tuner {

struct SharedText::Kept {
  explicit Kept(std::string_view of) : text(of) {}
  const std::string text;
  std::atomic<std::size_t> holders{1};
};

/// Who holds a text may copy it without a lock. It is the first and the last holder that need one, so that none is
/// found while it goes.
class TextPool {
 public:
  static TextPool& instance() {
    // Never taken down: texts in other statics may outlive it.
    static auto* const pool = new TextPool;  // NOLINT(cppcoreguidelines-owning-memory)
    return *pool;
  }

  SharedText::Kept* hold(std::string_view text) {
    if (text.empty()) return nullptr;
    const std::scoped_lock lock(mutex_);
    if (const auto found = texts_.find(text); found != texts_.end()) {
      found->second->holders.fetch_add(1, std::memory_order_relaxed);
      return found->second.get();
    }
    auto made = std::make_unique<SharedText::Kept>(text);
    const std::string_view key = made->text;
    return texts_.emplace(key, std::move(made)).first->second.get();
  }

  void release(SharedText::Kept* kept) {
    if (kept == nullptr) return;
    std::size_t holders = kept->holders.load(std::memory_order_relaxed);
    while (holders > 1) {
      if (kept->holders.compare_exchange_weak(holders, holders - 1, std::memory_order_acq_rel)) return;
    }
    const std::scoped_lock lock(mutex_);
    if (kept->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) texts_.erase(std::string_view(kept->text));
  }

  static void hold_too(SharedText::Kept* kept) noexcept {
    if (kept != nullptr) kept->holders.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<SharedText::Kept>> texts_;  ///< Keys point into the values.
};

SharedText::SharedText(std::string_view text) : kept_(TextPool::instance().hold(text)) {}

SharedText::SharedText(const SharedText& other) noexcept : kept_(other.kept_) { TextPool::hold_too(kept_); }

SharedText::~SharedText() { TextPool::instance().release(kept_); }

const std::string& SharedText::str() const {
  static const std::string nothing;
  return kept_ == nullptr ? nothing : kept_->text;
}

}  // namespace fuseline::tuner
