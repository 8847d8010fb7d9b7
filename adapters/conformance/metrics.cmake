shunt_library(shunt_metrics_suite SOURCES metrics_suite.cpp metrics_model_bench.cpp metrics_prometheus_bench.cpp
              APART metrics_prometheus_bench.cpp
              DEPS shunt_adapters shunt_model shunt_loop shunt_bench shunt_harness shunt_test_main)

shunt_test(metrics_conformance_test SOURCES metrics_suite_test.cpp metrics_prometheus_test.cpp DEPS shunt_metrics_suite
           LABELS conformance)
