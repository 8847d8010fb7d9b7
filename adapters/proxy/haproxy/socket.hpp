// One question and its answer over HAProxy's runtime socket.
#pragma once

#include <asio/generic/stream_protocol.hpp>
#include <string>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt::haproxy {

/// Whether `socket` is the path of a unix socket rather than host:port: it has a slash.
bool is_path(const std::string& socket);

/// Sends one line of commands (separated by semicolons, at most `longest_line` bytes) and reads until HAProxy closes.
/// SH1501 cannot be reached (retryable; of kind config where `socket` is no address), SH1502 no complete answer within
/// `limit` (retryable), SH1503 an answer of more than 16 MiB. Cancelling closes the connection.
Task<Result<std::string>> ask(std::string socket, std::string line, Milliseconds limit);

/// HAProxy reads a line into one buffer of 16 KiB (tune.bufsize).
inline constexpr std::size_t longest_line = 8'000;

}  // namespace shunt::haproxy
