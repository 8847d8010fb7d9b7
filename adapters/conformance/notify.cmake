shunt_library(shunt_notify_suite SOURCES notify_suite.cpp notify_webhook_bench.cpp
              DEPS shunt_adapters shunt_loop shunt_bench shunt_harness shunt_test_main)

shunt_test(notify_conformance_test SOURCES notify_suite_test.cpp notify_webhook_test.cpp DEPS shunt_notify_suite
           LABELS conformance)
