# Tests of the whole program and of the tree. A script that exits with 77 was skipped and says why.
add_test(NAME layers COMMAND ${CMAKE_SOURCE_DIR}/tools/check-layers ${CMAKE_SOURCE_DIR}/src)
add_test(NAME names COMMAND ${CMAKE_SOURCE_DIR}/tools/check-names ${CMAKE_BINARY_DIR})

# script(name label seconds file args...): runs file with the program's path first.
function(script name label seconds file)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/tests/${file})
    message(FATAL_ERROR "tests/${file} is not there")
  endif()
  add_test(NAME ${name} COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/${file} $<TARGET_FILE:casemate> ${ARGN}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${seconds} SKIP_RETURN_CODE 77)
endfunction()
script(pss_conformance conformance 600 conformance/pss.py)
add_test(NAME policies COMMAND casemate policy test policies WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(policies PROPERTIES LABELS policies TIMEOUT 120)
