# fuseline_embed(SYMBOL INPUT OUTPUT): OUTPUT defines `extern const char SYMBOL[]` with the text of INPUT; made anew when INPUT changes.
function(fuseline_embed symbol input output)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DINPUT=${input} -DOUTPUT=${output} -P ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${input} ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake VERBATIM)
endfunction()
