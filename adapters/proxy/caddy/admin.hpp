// Caddy's admin API: what it runs, and how that is changed without losing what somebody else changes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loop/time_limit.hpp"
#include "shunt/error.hpp"
#include "shunt/http.hpp"
#include "shunt/value.hpp"

namespace shunt::caddy {

/// Where the API answers.
struct Place {
  std::string url;          ///< without a slash at its end
  std::string unix_socket;  ///< "" for TCP
  std::string name;         ///< as people write it
};

/// "http://127.0.0.1:2019", "127.0.0.1:2019", "unix//run/caddy/admin.sock" (as Caddy writes it) or the path alone.
std::optional<Place> parse_place(const std::string& text);

/// A part of the configuration, as it was at one moment.
struct Document {
  Value value;
  std::string etag;  ///< "" where Caddy gave none (before 2.6)
};

/// One connection for each question: Caddy closes all of its API with every change. Failures: SH1501 nobody answers, or
/// it lets nobody in; SH1502 no answer in time; SH1503 anything unexpected; SH1504 the configuration has no such part.
class Admin {
 public:
  Admin(http::Client& http, Place place) : http_(http), place_(std::move(place)) {}

  const std::string& name() const { return place_.name; }

  Task<Result<Document>> read(std::string path, loop::TimeLimit limit) const;

  /// Sets the value at `path`, which `exists` or not; false when the configuration is not that of `etag` any more.
  /// SH1509 when Caddy refuses it.
  Task<Result<bool>> write(std::string path, bool exists, Value value, std::string etag, loop::TimeLimit limit) const;

  Task<Result<std::map<std::string, int>>> requests(loop::TimeLimit limit) const;

  /// Unix ms; 0 where this Caddy does not tell.
  Task<Result<std::int64_t>> started(loop::TimeLimit limit) const;

  /// Caddy's command line; empty where it does not tell.
  Task<Result<std::vector<std::string>>> arguments(loop::TimeLimit limit) const;

 private:
  Task<Result<http::Response>> send(http::Request request, loop::TimeLimit limit) const;
  http::Request request(std::string method, const std::string& path) const;
  Error failed(const Error& reason) const;
  Error refused(const http::Response& response) const;

  http::Client& http_;
  Place place_;
};

}  // namespace shunt::caddy
