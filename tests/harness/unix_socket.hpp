// One exchange with a server on a unix socket.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace shunt::harness {

/// Sends `text`, and returns what comes until the server closes the connection, or says nothing for `silence`. Throws
/// std::runtime_error when nobody listens.
std::string ask_socket(const std::filesystem::path& socket, const std::string& text,
                       std::chrono::milliseconds silence = std::chrono::seconds(5));

}  // namespace shunt::harness
