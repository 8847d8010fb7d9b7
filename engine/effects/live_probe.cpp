#include <fmt/format.h>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "effects/address.hpp"
#include "effects/live.hpp"
#include "loop/deadline.hpp"

namespace shunt::effects {

namespace {

Outcome verdict(bool ok, Milliseconds latency, const std::string& error, Value more = Value::object()) {
  more["ok"] = ok;
  more["latency"] = double(latency.count()) / 1000.0;
  if (!error.empty()) more["error"] = error;
  return Outcome(std::move(more));
}

http::Request request_of(const Value& args) {
  http::Request request(args.value("url", ""));
  request.method = args.value("method", "GET");
  request.body = args.value("body", "");
  request.timeout = Milliseconds(args.value("timeout_ms", 10'000));
  request.unix_socket = args.value("unix_socket", "");
  request.fresh_connection = args.value("fresh_connection", false);
  return request;
}

std::string status_complaint(const Value& args, const http::Response& response) {
  const int wanted = args.value("status", 0);
  const bool fine = wanted == 0 ? response.status >= 200 && response.status < 400 : response.status == wanted;
  if (!fine)
    return fmt::format("it answered {}, wanted was {}", response.status,
                       wanted == 0 ? "200 to 399" : std::to_string(wanted));
  const std::string contains = args.value("contains", "");
  if (!contains.empty() && response.body.find(contains) == std::string::npos)
    return fmt::format("its answer does not contain '{}'", contains);
  return "";
}

process::Command command_of(const Value& args) {
  process::Command command(args.value("argv", std::vector<std::string>{}));
  command.cwd = args.value("cwd", "");
  command.input = args.value("stdin", "");
  command.timeout = Milliseconds(args.value("timeout_ms", 60'000));
  command.max_output = 200 * 1024;
  return command;
}

std::string tail(const std::string& text) {
  constexpr std::size_t enough = 600;
  return text.size() <= enough ? text : "..." + text.substr(text.size() - enough);
}

Task<bool> connect(std::string host, std::string port) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  asio::ip::tcp::socket socket(executor);
  bool connected = false;
  try {
    auto found = co_await resolver.async_resolve(host, port, asio::use_awaitable);
    for (const auto& entry : found) {
      asio::error_code failed;
      auto token = asio::redirect_error(asio::use_awaitable, failed);
      co_await socket.async_connect(entry.endpoint(), token);
      if (failed == asio::error::operation_aborted) throw asio::system_error(failed);
      if (!failed) {
        connected = true;
        break;
      }
      asio::error_code ignored;
      socket.close(ignored);
    }
  } catch (const asio::system_error& reason) {
    if (reason.code() == asio::error::operation_aborted) throw;
  }
  co_return connected;
}

}  // namespace

// The headers may hold secrets; they are opened here and nowhere else.
Task<Outcome> Live::http_request(Call call) {
  Value headers = call.args.value("headers", Value::object());
  auto opened = co_await fleet_.context().secrets.reveal(std::move(headers));
  if (!opened) {
    Outcome no(opened.error());
    co_return std::move(no);
  }
  http::Request request = request_of(call.args);
  for (const auto& [name, value] : opened->items())
    request.headers.emplace_back(name, value.is_string() ? value.get<std::string>() : to_text(value));
  auto response = co_await fleet_.context().http.send(std::move(request));
  if (!response) {
    Outcome no(response.error());
    co_return std::move(no);
  }
  Value answered = Value::object();
  for (const auto& [name, value] : response->headers) answered[name] = value;
  Outcome outcome(Value::object());
  outcome.value["status"] = response->status;
  outcome.value["headers"] = std::move(answered);
  outcome.value["body"] = std::move(response->body);
  outcome.value["latency"] = double(response->latency.count()) / 1000.0;
  co_return std::move(outcome);
}

Task<Outcome> Live::probe_http(Call call) {
  const Value args = call.args;
  Outcome answer = co_await http_request(std::move(call));
  if (!answer.ok()) {
    Outcome failed = verdict(false, Milliseconds(0), answer.error->message);
    co_return std::move(failed);
  }
  http::Response response;
  response.status = answer.value["status"];
  response.body = answer.value["body"];
  const auto complaint = status_complaint(args, response);
  Value more = {{"status", response.status}};
  if (!complaint.empty()) more["body"] = tail(response.body);
  const Milliseconds latency(std::int64_t(answer.value["latency"].get<double>() * 1000));
  Outcome outcome = verdict(complaint.empty(), latency, complaint, std::move(more));
  co_return std::move(outcome);
}

Task<Outcome> Live::probe_tcp(Call call) {
  if (listeners_) {
    const bool taken = listeners_(call.args.value("address", ""));
    Outcome modelled = verdict(taken, Milliseconds(1), taken ? "" : "the connection was refused");
    co_return std::move(modelled);
  }
  const auto parts = split_address(call.args.value("address", ""));
  const auto began = std::chrono::steady_clock::now();
  const Milliseconds limit(call.args.value("timeout_ms", 5'000));
  Task<bool> attempt = connect(parts.host, parts.port);
  auto connected = co_await loop::with_deadline(std::move(attempt), limit);
  const auto latency = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  std::string error;
  if (!connected) {
    error = fmt::format("no connection within {}", to_text(limit));
  } else if (!*connected) {
    error = "the connection was refused";
  }
  Outcome outcome = verdict(error.empty(), latency, error);
  co_return std::move(outcome);
}

// The environment may hold secrets; they are opened here and nowhere else.
Task<Result<process::Command>> Live::command_for(Value args) {
  Value environment = args.value("env", Value::object());
  auto opened = co_await fleet_.context().secrets.reveal(std::move(environment));
  if (!opened) {
    Result<process::Command> no(opened.error());
    co_return std::move(no);
  }
  Result<process::Command> command(command_of(args));
  for (const auto& [name, value] : opened->items())
    command->env[name] = value.is_string() ? value.get<std::string>() : to_text(value);
  co_return std::move(command);
}

Task<Outcome> Live::probe_command(Call call) {
  auto command = co_await command_for(std::move(call.args));
  if (!command) {
    Outcome no(command.error());
    co_return std::move(no);
  }
  command->observes = true;
  auto finished = co_await fleet_.context().processes.run(*std::move(command));
  if (!finished) {
    Outcome failed = verdict(false, Milliseconds(0), finished.error().message);
    co_return std::move(failed);
  }
  std::string error;
  if (finished->code != 0) {
    const auto& shown = finished->err.empty() ? finished->out : finished->err;
    error = fmt::format("it ended with {}{}{}", finished->code, shown.empty() ? "" : ": ", tail(shown));
  }
  Value more = {{"status", finished->code}, {"stdout", tail(finished->out)}, {"stderr", tail(finished->err)}};
  Outcome outcome = verdict(finished->code == 0, finished->elapsed, error, std::move(more));
  co_return std::move(outcome);
}

Task<Outcome> Live::exec_run(Call call) {
  auto command = co_await command_for(std::move(call.args));
  if (!command) {
    Outcome no(command.error());
    co_return std::move(no);
  }
  auto finished = co_await fleet_.context().processes.run(*std::move(command));
  if (!finished) {
    Outcome no(finished.error());
    co_return std::move(no);
  }
  Outcome outcome(Value{{"code", finished->code},
                        {"stdout", finished->out},
                        {"stderr", finished->err},
                        {"truncated", finished->truncated}});
  co_return std::move(outcome);
}

}  // namespace shunt::effects
