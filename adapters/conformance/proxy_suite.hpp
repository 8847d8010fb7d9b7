// What every proxy adapter does, whatever it drives.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "loop/run.hpp"
#include "shunt/duration.hpp"
#include "shunt/proxy.hpp"

namespace shunt::conformance {

/// What a bench is to be like. Blue has all the weight at first, and every server is healthy.
struct ProxySetup {
  PerColour<int> servers{1, 1};
  bool is_checked = true;      ///< the proxy asks its servers for their health
  bool is_persistent = false;  ///< what was applied outlives a restart
  bool is_static = false;      ///< an algorithm that takes no other weights than 0 and 100
  bool has_odd_names = false;  ///< every character in names that the proxy allows
};

/// What is between the adapter and its proxy.
enum class ProxyTrouble {
  none,
  down,
  hang,
  garbage,     ///< another program answers
  half,        ///< the answer to what was only asked ends in its middle
  lost_reply,  ///< it is done, but nothing comes back
  late,        ///< within the timeout
};

/// One adapter with a proxy, and the programs behind it.
class ProxyBench {
 public:
  virtual ~ProxyBench() = default;

  virtual Proxy& proxy() = 0;
  virtual Milliseconds timeout() const = 0;  ///< that the adapter was given

  // What its proxy can tell.
  virtual bool knows_health() const { return true; }      ///< no: its servers are "unchecked" and usable
  virtual bool counts_in_flight() const { return true; }  ///< no: requests in flight are not known
  virtual int step() const { return 1; }                  ///< shares between 0 and 100 are multiples of it

  virtual void make(ProxyTrouble trouble) = 0;
  virtual void set_healthy(Colour color, int server, bool healthy) = 0;

  // What an operator does behind the adapter's back.
  virtual void take_out(Colour color) = 0;
  virtual void set_weights(Weights weights) = 0;

  /// The proxy ends and starts again; returns when it answers.
  virtual void restart() = 0;

  /// A request, or a websocket, that a server of whatever colour is answering until the returned object is gone. The
  /// client's connection stays open, idle.
  virtual std::shared_ptr<void> hold(bool websocket) = 0;

  virtual std::int64_t now() const = 0;                                 ///< ms, by the bench's own time
  virtual bool eventually(const std::function<bool()>& condition) = 0;  ///< for at most 10 s of the bench's own time

  /// Runs a task to its end.
  template <typename T>
  T run(Task<T> task) {
    return loop::run(loop_, std::move(task));
  }

 protected:
  asio::io_context loop_;
};

using MakeProxyBench = std::function<std::unique_ptr<ProxyBench>(ProxySetup setup)>;

/// One way to drive a proxy.
struct ProxyEntry {
  std::string adapter;  ///< name of the adapter; "model" is the one in memory
  MakeProxyBench make;
  std::map<std::string, std::string> left_out = {};  ///< case → why it means nothing there
};

/// By a name for messages: the adapter's, and what is special about it.
const std::map<std::string, ProxyEntry>& proxy_benches();

/// Runs every case that is not left out, each on a fresh bench, with doctest's checks.
void check_proxy(const ProxyEntry& entry);

/// Runs the recorded sequence, and checks that every step ends as it was recorded from a real HAProxy.
void check_proxy_trace(const MakeProxyBench& make_bench);

}  // namespace shunt::conformance
