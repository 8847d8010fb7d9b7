#include "http/multi.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "http/transfer.hpp"
#include "loop/signals.hpp"

namespace shunt::http {

namespace {

using Clock = std::chrono::steady_clock;

/// libcurl's own start, once per program.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

}  // namespace

/// libcurl says which sockets to watch and when to wake it. The sockets are watched by an epoll set of their own, which
/// is one descriptor in Asio's: no object per socket, and libcurl may close a socket whenever it likes.
class Multi::Engine : public std::enable_shared_from_this<Multi::Engine> {
 public:
  explicit Engine(asio::any_io_executor executor)
      : executor_(std::move(executor)), sockets_(executor_), timer_(executor_) {}
  ~Engine();

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void begin(std::shared_ptr<Transfer> transfer, const Transfer::Answered& completion);
  void cancel(const Transfer& cancelled);
  void shut_down();

 private:
  struct Running {
    CURL* easy;
    std::shared_ptr<Transfer> transfer;
  };

  void open();
  CURL* take_handle();
  std::shared_ptr<Transfer> detach(const Transfer& ending);
  void watch();
  void on_ready();
  void wake_at(Clock::time_point when);
  void wake_soon();
  void on_time();
  void act(curl_socket_t socket, int events);
  void collect();
  void rest_if_idle();

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long milliseconds, void* self);

  asio::any_io_executor executor_;
  asio::posix::stream_descriptor sockets_;
  asio::steady_timer timer_;
  std::optional<Clock::time_point> wanted_;  ///< when libcurl wants to be woken
  std::optional<Clock::time_point> armed_;   ///< when the timer fires; never later than wanted
  CURLM* multi_ = nullptr;
  std::vector<Running> running_;
  std::vector<CURL*> spare_;  ///< handles that wait to be used again, as many as were once in use together
  bool watching_ = false;
  bool waking_ = false;
};

Multi::Engine::~Engine() {
  for (const auto& one : running_) {
    curl_multi_remove_handle(multi_, one.easy);
    curl_easy_cleanup(one.easy);
  }
  for (CURL* easy : spare_) curl_easy_cleanup(easy);
  if (!multi_) return;
  // Idle connections are closed now; the set that watched them may be gone.
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

void Multi::Engine::open() {
  if (multi_) return;
  start_libcurl();
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  sockets_.assign(set);
  multi_ = curl_multi_init();
  if (!multi_) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

void Multi::Engine::begin(std::shared_ptr<Transfer> transfer, const Transfer::Answered& completion) {
  open();
  CURL* easy = take_handle();
  Transfer& placed = *transfer;
  placed.place = running_.size();
  running_.push_back({easy, std::move(transfer)});
  try {
    placed.prepare(easy, completion);
  } catch (...) {
    detach(placed);
    throw;
  }
  curl_multi_add_handle(multi_, easy);
  watch();
}

void Multi::Engine::cancel(const Transfer& cancelled) {
  const auto transfer = detach(cancelled);
  transfer->completion().fail(loop::cancellation());
  rest_if_idle();
}

void Multi::Engine::shut_down() {
  while (!running_.empty()) cancel(*running_.back().transfer);
}

CURL* Multi::Engine::take_handle() {
  if (spare_.empty()) {
    CURL* made = curl_easy_init();
    if (!made) throw std::bad_alloc();
    Transfer::prepare_handle(made);
    return made;
  }
  CURL* easy = spare_.back();
  spare_.pop_back();
  return easy;
}

/// Takes a transfer from libcurl; an unfinished one loses its connection by that.
std::shared_ptr<Transfer> Multi::Engine::detach(const Transfer& ending) {
  const std::size_t place = ending.place;
  auto [easy, transfer] = std::exchange(running_.at(place), std::move(running_.back()));
  running_.pop_back();
  if (place < running_.size()) running_.at(place).transfer->place = place;
  curl_multi_remove_handle(multi_, easy);
  transfer->release(easy);
  if (transfer->spoils_handle()) {
    curl_easy_cleanup(easy);
  } else {
    spare_.push_back(easy);
  }
  return std::move(transfer);
}

void Multi::Engine::watch() {
  if (watching_ || running_.empty()) return;
  watching_ = true;
  sockets_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const asio::error_code& error) {
                        self->watching_ = false;
                        if (!error) self->on_ready();
                        self->watch();
                      });
}

void Multi::Engine::on_ready() {
  std::array<epoll_event, 64> ready;  // then the loop's other work gets its turn
  const int count = ::epoll_wait(sockets_.native_handle(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = ready.at(static_cast<std::size_t>(i));
    const bool in = (event.events & (EPOLLIN | EPOLLHUP)) != 0;
    const bool out = (event.events & EPOLLOUT) != 0;
    const bool broken = (event.events & EPOLLERR) != 0;
    act(event.data.fd, (in ? CURL_CSELECT_IN : 0) | (out ? CURL_CSELECT_OUT : 0) | (broken ? CURL_CSELECT_ERR : 0));
  }
  collect();
}

void Multi::Engine::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void Multi::Engine::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* ended = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
    auto result = ended->outcome(message->easy_handle, message->data.result);
    const auto transfer = detach(*ended);
    transfer->completion().succeed(std::move(result));
  }
  rest_if_idle();
}

/// Without a transfer nothing may keep the loop running.
void Multi::Engine::rest_if_idle() {
  if (!running_.empty()) return;
  if (watching_) sockets_.cancel();
  timer_.cancel();
  wanted_.reset();
  armed_.reset();
}

int Multi::Engine::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto& engine = *static_cast<Engine*>(self);
  const int set = engine.sockets_.native_handle();
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(set, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.fd = socket;
  const int failed = ::epoll_ctl(set, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  if (failed == 0 && !known) curl_multi_assign(engine.multi_, socket, self);
  return failed;
}

int Multi::Engine::on_timer(CURLM*, long milliseconds, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  if (milliseconds < 0) {
    engine.wanted_.reset();
  } else if (milliseconds == 0) {
    engine.wake_soon();
  } else {
    engine.wanted_ = Clock::now() + Milliseconds(milliseconds);
    engine.wake_at(*engine.wanted_);
  }
  return 0;
}

/// libcurl moves its time forth and back with every step of a transfer; a timer that fires too early costs less than
/// setting it anew each time.
void Multi::Engine::wake_at(Clock::time_point when) {
  if (armed_ && *armed_ <= when) return;
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (!error) self->on_time();
  });
}

/// Many transfers that begin together are begun by one call.
void Multi::Engine::wake_soon() {
  if (std::exchange(waking_, true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->waking_ = false;
    if (self->running_.empty()) return;
    self->act(CURL_SOCKET_TIMEOUT, 0);
    self->collect();
  });
}

void Multi::Engine::on_time() {
  armed_.reset();
  if (!wanted_ || running_.empty()) return;
  if (Clock::now() < *wanted_) return wake_at(*wanted_);
  wanted_.reset();
  act(CURL_SOCKET_TIMEOUT, 0);
  collect();
}

Multi::Multi(asio::any_io_executor executor) : engine_(std::make_shared<Engine>(std::move(executor))) {
  loop::ignore_broken_pipes();
}

Multi::Multi(asio::io_context& loop) : Multi(asio::any_io_executor(loop.get_executor())) {}

Multi::~Multi() {
  engine_->shut_down();
}

Task<Result<Response>> Multi::send(Request request) {
  auto transfer = std::make_shared<Transfer>(std::move(request));
  auto start = [engine = engine_, transfer](const Transfer::Answered& completion) {
    loop::Abort<Result<Response>> abort;
    if (auto error = malformed(transfer->request())) {
      completion.succeed(std::move(*error));
      return abort;
    }
    engine->begin(transfer, completion);
    // The engine settles every transfer before it ends, so an abort finds both.
    abort = [raw = engine.get(), running = transfer.get()](const Transfer::Answered&) { raw->cancel(*running); };
    return abort;
  };
  transfer.reset();
  return loop::suspend<Result<Response>>(std::move(start));
}

}  // namespace shunt::http
