# The program, its manual page and the completions, where Debian puts such things.
install(TARGETS casemate RUNTIME DESTINATION bin)
install(CODE "
  set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  foreach(row
      \"bash|share/bash-completion/completions|casemate\"
      \"zsh|share/zsh/site-functions|_casemate\"
      \"fish|share/fish/vendor_completions.d|casemate.fish\")
    string(REPLACE \"|\" \";\" row \"\${row}\")
    list(GET row 0 words)
    separate_arguments(words)
    list(GET row 1 folder)
    list(GET row 2 name)
    file(MAKE_DIRECTORY \${root}/\${folder})
    execute_process(COMMAND $<TARGET_FILE:casemate> \${words}
                    OUTPUT_FILE \${root}/\${folder}/\${name} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
")
