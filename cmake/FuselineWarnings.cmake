# Warnings and sanitizers live in one private interface target, so that nothing leaks into what includes us.
add_library(fuseline_warnings INTERFACE)
target_compile_options(fuseline_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
                                                   -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
                       # g++ 12 takes ordinary std::string arithmetic for overlapping copies once it is inlined (GCC bug 105651), and
                       # members of tl::expected for uninitialised.
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized>)
if(CMAKE_UNITY_BUILD)
  # A source that is included for such a build looks like a header to g++, which then minds members of types that no other file sees.
  target_compile_options(fuseline_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
option(FUSELINE_WARNINGS_ARE_ERRORS "Treat warnings as errors" OFF)
if(FUSELINE_WARNINGS_ARE_ERRORS)
  target_compile_options(fuseline_warnings INTERFACE -Werror)
endif()
if(FUSELINE_SANITIZE)
  add_compile_options(-fsanitize=${FUSELINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FUSELINE_SANITIZE})
endif()
