// What every notification channel does, whomever it tells.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loop/run.hpp"
#include "shunt/notify.hpp"

namespace shunt::conformance {

/// What the receiver does with what it is told.
enum class NotifyTrouble {
  none,
  down,
  hang,
  broken,     ///< an error of its own, whose text repeats the channel's secret
  too_busy,   ///< to be asked again after 3 s
  elsewhere,  ///< it sends the sender to another address
  gone,       ///< it wants no more, ever
};

/// What arrived, in the words of the contract.
struct Arrival {
  std::string id;
  std::string event;
  std::string text;
};

/// One adapter with a receiver.
class NotifyBench {
 public:
  virtual ~NotifyBench() = default;

  virtual Notify& channel() = 0;
  virtual std::vector<Arrival> arrivals() = 0;
  virtual std::string secret() const = 0;  ///< that the adapter was given and may never tell
  virtual void make(NotifyTrouble trouble) = 0;

  /// Runs a task to its end.
  template <typename T>
  T run(Task<T> task) {
    return loop::run(loop_, std::move(task));
  }

 protected:
  asio::io_context loop_;
};

using MakeNotifyBench = std::function<std::unique_ptr<NotifyBench>()>;

/// By the adapter's name.
const std::map<std::string, MakeNotifyBench>& notify_benches();

/// One that a deployment could have queued.
Notification sample_notification();

/// Runs every case on one bench, with doctest's checks.
void check_notify(const MakeNotifyBench& make_bench);

}  // namespace shunt::conformance
