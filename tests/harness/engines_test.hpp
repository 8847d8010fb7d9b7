// What the tests of container engines look at.
#pragma once

#include <sys/types.h>

#include <string>

#include "harness/container_engine.hpp"

namespace shunt::harness {

/// Starts a container of an image of the shop, with its port 8080 published at `port` of 127.0.0.1.
void run_shop(const ContainerEngine& engine, const std::string& name, int port, const std::string& image = "shop:v1");

/// Whether a shop of that version answers at `port` within five seconds.
bool serves(int port, const std::string& version = "v1");

/// Whether something answers HTTP at port 8080 of an address, at the first attempt.
bool is_reached_at(const std::string& address);

/// Processes in the control groups that a test process's engines made for containers.
int processes_in_containers_of(pid_t test);

/// Control groups that a test process's engines live in and have not removed.
int groups_of(pid_t test);

}  // namespace shunt::harness
