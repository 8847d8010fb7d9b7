#include "loop/pool.hpp"

namespace shunt::loop {

namespace {
constexpr int thread_count = 2;
}

Pool::Pool() {
  threads_.reserve(thread_count);
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  std::deque<std::shared_ptr<Job>> left;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    left.swap(queue_);
  }
  wake_.notify_all();
  for (auto& job : left)
    if (job->claim()) post(&Job::withdraw, std::move(job));
  for (auto& thread : threads_) thread.join();
}

void Pool::add(const std::shared_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(job);
  }
  wake_.notify_one();
}

void Pool::work() {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (closing_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!job->claim()) continue;
    job->run();
    post(&Job::deliver, std::move(job));
  }
}

void Pool::post(std::function<void()> Job::*how, std::shared_ptr<Job> job) {
  const auto loop = job->loop;
  asio::post(loop, [how, job = std::move(job)] { job->finish(how); });
}

}  // namespace shunt::loop
