// Everything that the harness offers, for tests that use several parts of it.
#pragma once

#include "harness/caddy.hpp"
#include "harness/docker.hpp"
#include "harness/eventually.hpp"
#include "harness/folder.hpp"
#include "harness/haproxy.hpp"
#include "harness/http_get.hpp"
#include "harness/image_registry.hpp"
#include "harness/load.hpp"
#include "harness/nginx.hpp"
#include "harness/paths.hpp"
#include "harness/podman.hpp"
#include "harness/ports.hpp"
#include "harness/program.hpp"
#include "harness/prometheus.hpp"
#include "harness/receiver.hpp"
#include "harness/shop.hpp"
