# cmake -DGENERATOR=… -DFILE=… -DOUTPUT=… -P expect_generated.cmake
include("${GENERATOR}")
file(READ "${OUTPUT}" generated)
file(READ "${FILE}" kept)
if(NOT generated STREQUAL kept)
  message(FATAL_ERROR "${FILE} differs from ${OUTPUT}, which ${GENERATOR} has written")
endif()
