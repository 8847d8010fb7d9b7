shunt_library(shunt_bench SOURCES peer.cpp bench_context.cpp
              DEPS shunt_core shunt_http shunt_process)
target_include_directories(shunt_bench PUBLIC ${PROJECT_SOURCE_DIR})

shunt_library(shunt_proxy_suite SOURCES proxy_suite.cpp proxy_model_bench.cpp proxy_haproxy_bench.cpp
                                        proxy_nginx_bench.cpp proxy_caddy_bench.cpp held_server.cpp
              DEPS shunt_adapters shunt_model shunt_loop shunt_bench shunt_harness shunt_test_main)

shunt_test(proxy_conformance_test SOURCES proxy_suite_test.cpp proxy_haproxy_test.cpp DEPS shunt_proxy_suite LABELS conformance
           TIMEOUT 300)
shunt_test(proxy_nginx_test SOURCES proxy_nginx_test.cpp DEPS shunt_proxy_suite LABELS conformance)
shunt_test(proxy_caddy_test SOURCES proxy_caddy_test.cpp DEPS shunt_proxy_suite LABELS conformance)

add_executable(bench_proxies EXCLUDE_FROM_ALL bench_proxies.cpp)
target_link_libraries(bench_proxies PRIVATE shunt_proxy_suite shunt_measures)
