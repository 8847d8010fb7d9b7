// The HTTP client of this program.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <memory>

#include "shunt/http.hpp"

namespace shunt::http {

/// Any number of exchanges at once on one loop, by libcurl's multi interface. Idle connections are kept and used again.
/// The first `send` pays for libcurl's start, not the constructor. An idle client does not keep the loop running.
/// Ignores SIGPIPE in this program if nobody has decided about it.
///
/// HTTP/1.1. A request that may not be repeated (POST, PATCH …) always gets a connection of its own: on a reused one
/// that turns out to be dead libcurl would send it twice. `http_proxy` and the like are obeyed except for loopback
/// addresses and unix sockets; `SSL_CERT_FILE` and `SSL_CERT_DIR` name other certificates to trust than the system's.
class Multi : public Client {
 public:
  explicit Multi(asio::any_io_executor executor);
  explicit Multi(asio::io_context& loop);

  /// Exchanges that are still going on end as cancelled.
  ~Multi() override;

  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  Task<Result<Response>> send(Request request) override;

 private:
  class Engine;
  std::shared_ptr<Engine> engine_;
};

}  // namespace shunt::http
