# cmake -DFILES=a;b -DOUT=ui_files.cpp -DHEADER=web/ui_files.h -DFUNCTION=ui_file -P embed.cmake
#   the files as byte arrays, which the function of the header gives by their names.
set(text "#include \"${HEADER}\"\n\nnamespace plimsoll {\nnamespace {\n\n")
set(entries "")
foreach(path IN LISTS FILES)
  get_filename_component(name ${path} NAME)
  string(MAKE_C_IDENTIFIER ${name} symbol)
  file(READ ${path} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${hex}")
  # Short literals, joined by the compiler: one long one is past what the standard promises.
  string(REGEX REPLACE "(................................................................)" "\\1\"\n    \"" lines "${escaped}")
  string(APPEND text "constexpr char ${symbol}[] =\n    \"${lines}\";\n\n")
  string(APPEND entries "  if (name == \"${name}\") return std::string_view{${symbol}, ${bytes}};\n")
endforeach()
string(APPEND text "}  // namespace\n\nstd::optional<std::string_view> ${FUNCTION}(std::string_view name) {\n${entries}  return std::nullopt;\n}\n\n}  // namespace plimsoll\n")
file(WRITE ${OUT} "${text}")
