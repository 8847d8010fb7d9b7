// One exchange on one libcurl handle.
#pragma once

#include <curl/curl.h>
#include <array>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loop/suspend.hpp"
#include "shunt/http.hpp"

namespace shunt::http {

/// Why a request cannot be sent (SH1705), or nothing.
std::optional<Error> malformed(const Request& request);

/// "127.0.0.1:3000", "example.org", "/run/app.sock": whom a request is for, in messages. Never more of the URL than
/// this, because paths and queries hold secrets.
std::string peer_of(const Request& request);

/// Lives in one place from `prepare` until libcurl has let go of the handle: libcurl keeps pointers into it, and the
/// handle's CURLOPT_PRIVATE is its address.
class Transfer {
 public:
  using Answered = loop::Completion<Result<Response>>;

  explicit Transfer(Request request) : request_(std::move(request)) {}
  ~Transfer() { curl_slist_free_all(lines_); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const Request& request() const { return request_; }

  /// Sets what is the same for every request, once on each handle.
  static void prepare_handle(CURL* easy);

  /// Whether the handle would keep something that no later request unsets.
  bool spoils_handle() const { return !request_.tls.empty(); }

  /// Sets everything that the request says, and unsets what an earlier one said: a handle is used again without a
  /// reset, which would cost more than the rest.
  void prepare(CURL* easy, Answered completion);

  /// Takes back what the handle holds of this transfer.
  void release(CURL* easy) const;

  /// The answer, or the error that libcurl's result means; the transfer is over.
  Result<Response> outcome(CURL* easy, CURLcode code);

  /// Where its owner keeps it.
  std::size_t place = 0;

  /// Who waits for it; after `prepare`.
  const Answered& completion() const { return *completion_; }

 private:
  void set_method(CURL* easy);
  void set_headers(CURL* easy);
  void set_peer(CURL* easy) const;
  void set_tls(CURL* easy) const;
  void set_limits(CURL* easy) const;
  void set_body_of_file(CURL* easy);
  Error failure(CURL* easy, CURLcode code) const;

  static std::size_t on_body(char* data, std::size_t unit, std::size_t count, void* self);
  static std::size_t on_read(char* data, std::size_t unit, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t unit, std::size_t count, void* self);

  Request request_;
  Response response_;
  std::optional<Answered> completion_;
  curl_slist* lines_ = nullptr;
  std::size_t head_size_ = 0;
  bool too_long_ = false;
  bool streams_ = false;                                       ///< the body goes to `on_data`
  std::ifstream file_;                                         ///< the body, where it is a file
  std::unique_ptr<std::array<char, CURL_ERROR_SIZE>> reason_;  ///< for TLS alone, whose failures no number explains
};

}  // namespace shunt::http
