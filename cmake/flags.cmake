# Every compiler flag of the project, with the reason where the name does not give it.
include(CheckCCompilerFlag)
add_library(flags INTERFACE)
target_compile_definitions(flags INTERFACE _GNU_SOURCE)
target_compile_options(flags INTERFACE -g -fno-common -fvisibility=hidden)
target_compile_options(flags INTERFACE $<$<COMPILE_LANGUAGE:C>:-std=c17;-pedantic> $<$<COMPILE_LANGUAGE:CXX>:-std=c++17>)

option(WERROR "warnings stop the build (on in every preset, off for packagers)" OFF)
option(FUZZ "build the fuzz targets (clang)" OFF)
option(LTO "link-time optimisation" OFF)
set(SAN "" CACHE STRING "sanitizers, as -fsanitize= takes them")

set(wanted
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla -Wcast-qual
  -Wcast-align -Wwrite-strings -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes
  -Wmissing-declarations -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough -Wpointer-arith
  -Walloca -Warith-conversion -Wduplicated-cond -Wduplicated-branches -Wlogical-op
  -Wtrampolines -Wbidi-chars=any -Wcomma -Wunreachable-code
  -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion
  -Werror=format-security -Werror=return-type)
set(harden
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  -mbranch-protection=standard -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
  -fstrict-flex-arrays=3 -fno-delete-null-pointer-checks -fno-strict-overflow -fPIE)
foreach(f ${wanted} ${harden})
  string(MAKE_C_IDENTIFIER "HAVE${f}" v)
  check_c_compiler_flag("-Werror ${f}" ${v})   # -Werror: clang only warns about a flag it lacks
  if(${v})
    target_compile_options(flags INTERFACE $<$<COMPILE_LANGUAGE:C>:${f}>)
  endif()
endforeach()
if(WERROR)
  target_compile_options(flags INTERFACE -Werror)
endif()
if(SAN)
  target_compile_options(flags INTERFACE -fsanitize=${SAN} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(flags INTERFACE -fsanitize=${SAN})
  if(FUZZ)
    target_compile_options(flags INTERFACE -fsanitize=fuzzer-no-link)
  endif()
else()
  target_compile_options(flags INTERFACE -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(LTO)
  target_compile_options(flags INTERFACE -flto=auto)
  target_link_options(flags INTERFACE -flto=auto)
endif()
set(HARDEN_LINK -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,-z,separate-code -Wl,--as-needed)
