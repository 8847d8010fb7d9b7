add_executable(runtime_instance runtime_instance.cpp)
target_link_libraries(runtime_instance PRIVATE shunt_flags)
shunt_static_program(runtime_instance_static runtime_instance.cpp)

shunt_library(shunt_runtime_suite SOURCES runtime_suite.cpp runtime_trace.cpp runtime_model_bench.cpp runtime_process_bench.cpp
                                          runtime_docker_bench.cpp
              DEPS shunt_adapters shunt_model shunt_loop shunt_process shunt_bench shunt_harness shunt_test_main)
target_compile_definitions(shunt_runtime_suite PUBLIC SHUNT_HELPERS="$<TARGET_FILE_DIR:shunt-supervise>"
                                                      SHUNT_RUNTIME_INSTANCE="$<TARGET_FILE:runtime_instance>")
add_dependencies(shunt_runtime_suite shunt-supervise runtime_instance)

shunt_test(runtime_process_test SOURCES runtime_process_test.cpp runtime_process_lives_test.cpp DEPS shunt_runtime_suite
           APART runtime_process_lives_test.cpp LABELS conformance)
shunt_test(runtime_docker_test SOURCES runtime_docker_test.cpp runtime_docker_images_test.cpp
           DEPS shunt_runtime_suite LABELS conformance root)
shunt_test(runtime_conformance_test SOURCES runtime_suite_test.cpp DEPS shunt_runtime_suite LABELS conformance root)
