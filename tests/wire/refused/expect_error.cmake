# cmake -DCOMPILER=… -DROOT=… -DSNIPPET=… -DTYPE=… -DREASON=… -P expect_error.cmake
#
# The snippet must fail with one error, whose lines match the regular expression TYPE and hold the text REASON.
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -I${ROOT} -I${ROOT}/include ${SNIPPET} ERROR_VARIABLE errors RESULT_VARIABLE failed)
if(NOT failed)
  message(FATAL_ERROR "${SNIPPET} compiles, though it must not")
endif()
string(REGEX MATCHALL " error: " all "${errors}")
list(LENGTH all count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "${SNIPPET} fails with ${count} errors instead of one:\n${errors}")
endif()
string(FIND "${errors}" "${REASON}" found)
if(found EQUAL -1 OR NOT errors MATCHES "${TYPE}")
  message(FATAL_ERROR "${SNIPPET} fails without saying '${TYPE}' and '${REASON}':\n${errors}")
endif()
