add_library(shunt_bench STATIC peer.cpp bench_context.cpp)
target_link_libraries(shunt_bench PUBLIC shunt_core shunt_http shunt_process)
target_include_directories(shunt_bench PUBLIC ${PROJECT_SOURCE_DIR})

add_library(shunt_proxy_suite STATIC proxy_suite.cpp proxy_model_bench.cpp proxy_haproxy_bench.cpp)
target_link_libraries(shunt_proxy_suite PUBLIC shunt_adapters shunt_model shunt_loop shunt_bench shunt_harness shunt_test_main)

shunt_test(proxy_conformance_test SOURCES proxy_suite_test.cpp proxy_haproxy_test.cpp DEPS shunt_proxy_suite LABELS conformance)
