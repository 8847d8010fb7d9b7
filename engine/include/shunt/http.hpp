// One HTTP exchange, over TCP, TLS or a unix socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Certificates beside (or in place of) the system's; all are paths of PEM files, "" for none.
struct Tls {
  std::string ca_file;    ///< who may sign the server's certificate, in place of the system's authorities
  std::string cert_file;  ///< the client's own certificate
  std::string key_file;   ///< and its key

  bool empty() const { return ca_file.empty() && cert_file.empty() && key_file.empty(); }
};

struct Request {
  std::string method = "GET";
  std::string url;  ///< http:// or https://; the host part is only a name when `unix_socket` is set
  Headers headers;
  std::string body;
  Milliseconds timeout{10'000};         ///< for the whole exchange
  std::string unix_socket;              ///< path of the socket; empty: TCP
  std::size_t max_bytes = 1024 * 1024;  ///< an answer longer than this is an error (SH1703)
  bool fresh_connection = false;        ///< true: never reuse an idle connection (a proxy's choice must be made anew)
  std::string body_file;    ///< not empty: the body is what this file holds, in place of `body`; read while it is sent
  Milliseconds silence{0};  ///< above 0: also timed out when nothing comes or goes for so long; in whole seconds
  /// Takes the body of an answer of 200 to 299 as it comes, in place of `Response::body` and without `max_bytes`. It
  /// must not throw, and may not start or cancel a request.
  std::function<void(std::string_view)> on_data;
  Tls tls;

  Request() = default;
  explicit Request(std::string url) : url(std::move(url)) {}
};

struct Response {
  int status = 0;
  Headers headers;  ///< names in lower case, in the order received
  std::string body;
  Milliseconds latency{0};

  Response() = default;
  /// The first header of that (lower-case) name, or "".
  const std::string& header(const std::string& name) const;
};

/// Milliseconds of a Retry-After header, which is a number of seconds or a date; at most an hour, 0 when it is neither.
std::int64_t parse_retry_after(std::string_view header, std::int64_t now_ms);

/// Sends requests; redirects are never followed, TLS certificates are always verified.
///
/// Any HTTP answer is success, whatever its status. Failures: SH1701 cannot connect (kind adapter, retryable), SH1702
/// timed out (kind timeout, retryable), SH1703 answer too long, SH1704 anything else that libcurl reports, SH1705 bad
/// URL (kind config). Loop thread only. Cancelling the awaiting task closes the connection.
class Client {
 public:
  virtual ~Client() = default;
  virtual Task<Result<Response>> send(Request request) = 0;
};

}  // namespace shunt::http
