// Load generators, on 127.0.0.1 only and bounded in time, and what they saw.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "harness/program.hpp"

namespace shunt::harness {

/// What a load generator counted.
struct LoadResult {
  struct SocketErrors {
    long connect = 0;
    long read = 0;
    long write = 0;
    long timeout = 0;
    bool operator==(const SocketErrors&) const = default;
  };

  long requests = 0;  ///< answers received, whatever their status
  long non_2xx = 0;   ///< answers of 400 and above
  SocketErrors socket_errors{};
  double requests_per_second = 0;

  /// Requests that a user would have missed: socket errors and answers of 400 and above.
  long failed() const;

  /// One line for messages.
  std::string text() const;
};

/// wrk's and hey's text output, read. Throw std::runtime_error, with the text, when it is not such an output.
LoadResult parse_wrk(const std::string& text);
LoadResult parse_hey(const std::string& text);

/// A load generator at work.
class Load {
 public:
  /// Raw keep-alive connections that never try again: wrk.
  static Load wrk(const std::string& url, int connections, std::chrono::seconds longest);

  /// A client that follows RFC 9112 and tries idempotent requests again on a closed idle connection: hey.
  /// `flags` are any other ones of hey: {"-m", "POST", "-disable-keepalive"}.
  static Load hey(const std::string& url, int connections, std::chrono::seconds longest,
                  std::vector<std::string> flags = {});

  /// Waits until its time is over.
  LoadResult finish();

  /// Ends it now, with its report.
  LoadResult stop();

 private:
  Load(Command command, LoadResult (*parse)(const std::string&), std::chrono::seconds longest);

  Program program_;
  LoadResult (*parse_)(const std::string&);
  std::chrono::seconds longest_;
};

/// A whole run of wrk, or of hey.
LoadResult run_wrk(const std::string& url, int connections, std::chrono::seconds duration);
LoadResult run_hey(const std::string& url, int connections, std::chrono::seconds duration);

}  // namespace shunt::harness
