// Two threads for what blocks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "loop/suspend.hpp"

namespace shunt::loop {

/// Runs blocking functions away from the loop. The loops of those who await must outlive it.
class Pool {
 public:
  Pool();

  /// Waits for the functions that are running; those not yet begun end as cancelled.
  ~Pool();

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs `work()` on a thread of the pool and goes on with its result, or throws what it threw, on the awaiting loop.
  /// Cancelling takes it back if it has not begun (operation_aborted); what runs cannot be interrupted and is waited
  /// for.
  template <typename F>
  Task<std::invoke_result_t<F&>> run(F work) {
    using R = std::invoke_result_t<F&>;
    // Made here and not in the awaiting expression, so that no caller has to care how its function object is moved.
    auto errand = std::make_shared<Errand<F, R>>(std::move(work));
    auto start = [this, errand = std::move(errand)](const Completion<R>& completion) {
      return enqueue(completion, errand);
    };
    return suspend<R>(std::move(start));
  }

 private:
  /// A function with its result.
  template <typename F, typename R>
  struct Errand {
    explicit Errand(F work) : work(std::move(work)) {}

    void run() {
      try {
        if constexpr (std::is_void_v<R>) {
          (*work)();
          value.emplace();
        } else {
          value.emplace((*work)());
        }
      } catch (...) {
        error = std::current_exception();
      }
    }

    void deliver(const Completion<R>& completion) {
      work.reset();
      if (error)
        completion.fail(std::exchange(error, nullptr));
      else
        completion.succeed(std::move(*value));
    }

    void withdraw(const Completion<R>& completion) {
      work.reset();
      completion.fail(cancellation());
    }

    std::optional<F> work;
    std::optional<detail::Stored<R>> value;
    std::exception_ptr error;
  };

  /// What a thread sees: who claims it first either runs it on the pool and delivers on the loop, or withdraws it
  /// there.
  struct Job {
    explicit Job(asio::any_io_executor loop) : loop(std::move(loop)) {}

    bool claim() { return !claimed.exchange(true); }

    /// Ends it, on the loop. The functions hold the waiting task and the caller's function object: let go of them here.
    void finish(std::function<void()> Job::*how) {
      const auto last = std::exchange(this->*how, nullptr);
      run = deliver = withdraw = nullptr;
      last();
    }

    asio::any_io_executor loop;
    std::function<void()> run;
    std::function<void()> deliver;
    std::function<void()> withdraw;
    std::atomic<bool> claimed = false;
  };

  template <typename F, typename R>
  Abort<R> enqueue(const Completion<R>& completion, const std::shared_ptr<Errand<F, R>>& errand) {
    auto job = std::make_shared<Job>(completion.executor());
    job->run = [errand] { errand->run(); };
    job->deliver = [errand, completion] { errand->deliver(completion); };
    job->withdraw = [errand, completion] { errand->withdraw(completion); };
    add(job);
    return [weak = std::weak_ptr(job)](const Completion<R>&) {
      if (const auto waiting = weak.lock(); waiting && waiting->claim()) waiting->finish(&Job::withdraw);
    };
  }

  void add(const std::shared_ptr<Job>& job);
  void work();
  static void post(std::function<void()> Job::*how, std::shared_ptr<Job> job);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> queue_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace shunt::loop
