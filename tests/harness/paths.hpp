// Where the build put the programs under test.
#pragma once

#include <filesystem>

namespace shunt::harness {

/// The `shunt` program of this build.
std::filesystem::path shunt_program();

/// The test service (tests/service).
std::filesystem::path shop_program();

/// The same, and the program that instances run in tests of runtimes (adapters/conformance), linked statically: they
/// run in an image with nothing else in it.
std::filesystem::path shop_static_program();
std::filesystem::path instance_static_program();

/// The top folder of the sources.
std::filesystem::path source_folder();

}  // namespace shunt::harness
