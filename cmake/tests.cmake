# Tests of the whole program and of the tree. A script that exits with 77 was skipped and says why.
add_test(NAME layers COMMAND ${CMAKE_SOURCE_DIR}/tools/check-layers ${CMAKE_SOURCE_DIR}/src)
add_test(NAME names COMMAND ${CMAKE_SOURCE_DIR}/tools/check-names ${CMAKE_BINARY_DIR})

# The jail forbids what the leak check needs (/proc); unit tests, which are not jailed, keep it.
function(no_leak_check name)
  if(SAN)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
  endif()
endfunction()

# script(name label seconds file args...): runs file with the program's path first.
function(script name label seconds file)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/tests/${file})
    message(FATAL_ERROR "tests/${file} is not there")
  endif()
  add_test(NAME ${name} COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/${file} $<TARGET_FILE:casemate> ${ARGN}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT ${seconds} SKIP_RETURN_CODE 77)
  no_leak_check(${name})
endfunction()

script(pss_conformance conformance 600 conformance/pss.py)
add_test(NAME policies COMMAND casemate policy test policies WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(policies PROPERTIES LABELS policies TIMEOUT 120)
no_leak_check(policies)
add_executable(json_check ${CMAKE_SOURCE_DIR}/tests/conformance/json_check.c)
target_link_libraries(json_check doc)
script(cel_spec conformance 120 conformance/cel_spec.py)
script(json_suite conformance 60 conformance/json_suite.py $<TARGET_FILE:json_check>)
script(api_objects conformance 120 conformance/api_objects.py)
script(hostile_read hostile 300 hostile/read.py)
script(hostile_scan hostile 600 hostile/scan.py)
script(hostile_bypass hostile 120 hostile/bypass.py)
script(read_differential "conformance;oracle" 900 oracle/read.py)
script(yaml_suite "conformance;oracle" 600 conformance/yaml_suite.py)
# oracle/cel.py is not a test yet: quantities still differ (docs/cel-differential.md).
script(report_formats report 120 report/formats.py)
script(report_sarif "report;oracle" 120 report/sarif.py)
script(golden golden 120 golden/run.py)
