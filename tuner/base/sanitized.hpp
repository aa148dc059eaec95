// Whether this build is a sanitized one: what takes a second else takes ten there, and address space without end.
#pragma once

#if defined(__has_feature)  // Clang; g++ defines macros instead.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FUSELINE_SANITIZED_BUILD
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FUSELINE_SANITIZED_BUILD
#endif

namespace fuseline::tuner {

#ifdef FUSELINE_SANITIZED_BUILD
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace fuseline::tuner
