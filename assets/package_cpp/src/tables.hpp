// What a package holds, as tables: operations with their variants, entries and images. operations.cpp, images.cpp and
// sources.cpp are written by Fuseline and define them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "../fuseline_package.hpp"
#include "resolution.hpp"

namespace fuseline_package {
namespace detail {

/// A dimension and the values that it may have.
struct Dim {
  const char* name;
  std::int64_t minimum, maximum;
};

/// A macro that a variant is compiled with where its source or a header names it, and what its value is written as.
struct Macro {
  enum class Kind {
    whole,
    real,
    either,  ///< An integer where it is whole, else a real.
    word,    ///< One of `words`, by its position.
  };
  const char* name;
  Kind kind;
  const char* const* words;
};

struct Variant {
  const char* name;
  /// Works a configuration out; see Resolution.
  void (*resolve)(const Case& given, Resolution& out);
  const Macro* macros;
  std::size_t macro_count;
  const char* const* options;  ///< For the compiler.
  std::size_t option_count;
};

/// A file that a source may include.
struct Header {
  const char* name;
  const char* text;
};

struct Source {
  const char* name;
  const char* text;
};

/// A configuration of a variant.
struct Configuration {
  std::size_t variant;
  const double* parameters;    ///< In the variant's order; of a word, its position.
  const char* text;            ///< Every parameter with its value, for people.
  std::size_t source;          ///< Among the operation's.
  const char* const* kernels;  ///< Name or name expression of each launch's kernel.
};

/// What was tuned for one dtype, shape, set of scalars and device.
struct Entry {
  Dtype dtype;
  const std::int64_t* dims;
  const double* scalars;
  const char* device;  ///< What the driver calls it.
  int capability;      ///< 90 of compute capability 9.0.
  Configuration own;
  const Configuration* untuned;  ///< What shapes run that were not tuned, one of few for all; null: there is none.
};

/// In an image's macros: its source does not name it.
constexpr double kAnyValue = std::numeric_limits<double>::lowest();

/// Bytes of an image, which were made from a variant with these macros.
struct Image {
  const char* file;
  const char* sha256;
  const std::uint64_t* words;
  std::size_t bytes;
  bool cubin;      ///< Else PTX.
  int capability;  ///< Of a cubin its own; of PTX the least that it serves.
  Dtype dtype;
  std::size_t variant;
  std::size_t source;          ///< Among the operation's.
  const double* macros;        ///< Values, in the order of the variant's macros; see kAnyValue.
  const char* const* symbols;  ///< Pairs: a kernel, and its name in the image.
  std::size_t symbol_count;    ///< Pairs.
};

struct Operation {
  const char* name;
  const Dim* dims;
  std::size_t dim_count;
  std::size_t scalar_count;
  const char* const* tensors;  ///< Names: inputs, then outputs.
  std::size_t tensor_count;
  void (*check)(const Case& given, Resolution& out);  ///< Whether sizes go together.
  const Variant* variants;
  const Entry* entries;
  std::size_t entry_count;
  const Image* images;
  std::size_t image_count;
  const Source* sources;
  const Header* headers;
  std::size_t header_count;
};

/// One call's shape. `scalars` may be null where the operation has none.
struct Problem {
  const Operation& operation;
  const std::int64_t* dims;
  const double* scalars;
  Dtype dtype;
};

Status run(const Problem& problem, const void* const* tensors, Stream stream, Workspace workspace) noexcept;
Status prepare(const Problem& problem, Chosen* chosen) noexcept;
Status workspace_bytes(const Problem& problem, std::size_t* bytes) noexcept;

}  // namespace detail
}  // namespace fuseline_package
