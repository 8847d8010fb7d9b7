// A blocking HTTP client without any of the engine's code in it: what a test sees is what the server said.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace shunt::harness {

/// What came back. `status` is 0 when there was no answer, and `error` says why.
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string error;

  /// The value of a header (name in lower case); "" when it is absent.
  std::string header(const std::string& name) const;
};

using HttpHeaders = std::map<std::string, std::string>;

/// GET on 127.0.0.1:`port`, one connection, closed after it unless `headers` has "Connection"; no redirects; `timeout`
/// is for the whole exchange. Never throws for what the peer does.
HttpAnswer http_get(int port, const std::string& path, const HttpHeaders& headers = {},
                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// The same for "http://127.0.0.1:PORT/PATH". Throws std::invalid_argument for any other form of URL.
HttpAnswer http_get(const std::string& url, const HttpHeaders& headers = {},
                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace shunt::harness
