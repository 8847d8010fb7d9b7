// A program that is told things over HTTP, and remembers what it was told.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace shunt::harness {

/// One request.
struct Received {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// "" when there is none of that (lower-case) name.
  std::string header(const std::string& name) const;
};

/// Listens on that port of 127.0.0.1 until its end, and answers one request after the other.
class Receiver {
 public:
  explicit Receiver(int port);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// From now on every answer has this status, these header lines (each ended by CR LF) and this body.
  void answer(int status, std::string header_lines = "", std::string body = "");

  /// From now on nothing is answered, and the connection stays open.
  void hang();

  /// Everything so far, unanswered requests too.
  std::vector<Received> received() const;

 private:
  void serve();
  void handle(int connection);

  int listener_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::vector<int> held_;
  int status_ = 204;  ///< 0: hang
  std::string header_lines_;
  std::string body_;
  std::jthread thread_;
};

}  // namespace shunt::harness
