add_library(shunt_metrics_suite STATIC metrics_suite.cpp metrics_model_bench.cpp metrics_prometheus_bench.cpp)
target_link_libraries(shunt_metrics_suite PUBLIC shunt_adapters shunt_model shunt_loop shunt_bench shunt_harness shunt_test_main)

shunt_test(metrics_conformance_test SOURCES metrics_suite_test.cpp metrics_prometheus_test.cpp DEPS shunt_metrics_suite
           LABELS conformance)
