# The program, and what it prints of itself, where Debian puts such things: manual page and completions.
install(TARGETS casemate RUNTIME DESTINATION bin)
install(CODE "
  set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  function(printed folder name)
    file(MAKE_DIRECTORY \${root}/\${folder})
    execute_process(COMMAND $<TARGET_FILE:casemate> \${ARGN}
                    OUTPUT_FILE \${root}/\${folder}/\${name} COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${root}/\${folder}/\${name}\")
  endfunction()
  printed(share/man/man1 casemate.1 help --man)
  printed(share/bash-completion/completions casemate completion bash)
  printed(share/zsh/site-functions _casemate completion zsh)
  printed(share/fish/vendor_completions.d casemate.fish completion fish)
")
