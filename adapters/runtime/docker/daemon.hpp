// The Engine API (https://docs.docker.com/engine/api/) of one container engine, over its socket or TLS.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/runtime/docker/host.hpp"
#include "shunt/http.hpp"
#include "shunt/task.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

/// One question. `path` begins with a slash and has no version; `query` is encoded here.
struct Ask {
  std::string method = "GET";
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  Value body;             ///< JSON; null: none
  std::string body_file;  ///< a tar, in place of `body`
  http::Headers headers;
  Milliseconds timeout{30'000};
  Milliseconds silence{0};
  std::function<void(std::string_view)> on_data;  ///< takes the body of a good answer as it comes

  Ask() = default;
  Ask(std::string method, std::string path) : method(std::move(method)), path(std::move(path)) {}
};

struct Answer {
  int status = 0;
  Value json;             ///< null where the body is none
  std::string text;       ///< the body as it came
  std::string complaint;  ///< what the engine says is wrong, of a status above 399

  Answer() = default;
  bool good() const { return status < 400; }
};

/// Any answer of the engine is success, whatever its status. Failures: SH1431 cannot be reached (retryable), SH1432 did
/// not answer in time (timeout, retryable), SH1433 what answers is no container engine. Loop thread only.
class Daemon {
 public:
  Daemon(http::Client& client, Host host) : client_(client), host_(std::move(host)) {}

  Task<Result<Answer>> ask(Ask ask);

  const Host& host() const { return host_; }

  /// Whether it is Podman's; known after the first answer.
  bool is_podman() const { return is_podman_; }

 private:
  Task<Result<void>> agree();
  Task<Result<http::Response>> exchange(Ask ask, std::string target);

  http::Client& client_;
  Host host_;
  bool is_podman_ = false;
  std::string version_;  ///< "/v1.41", the newest that it speaks; "" before the first answer
};

/// The error of an answer that is not good: `what` was wanted ("cannot start shop-web-blue-0"), and what the engine
/// says.
Error refusal(const std::string& code, const std::string& what, const Answer& answer, std::string remedy);

/// What to do about `says`, the words of an engine: make room, where its disk is full, and `otherwise` where it is not.
std::string remedy_for(const std::string& says, std::string otherwise);

/// `text` as it stands in a path or query (RFC 3986, unreserved).
std::string escaped(std::string_view text);

}  // namespace shunt::adapters::docker
