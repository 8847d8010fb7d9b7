#include "http/multi.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http/backend_test.hpp"
#include "loop/all.hpp"
#include "loop/deadline.hpp"
#include "loop/run.hpp"
#include "loop/sleep.hpp"
#include "process/posix.hpp"

using namespace shunt;
using namespace std::chrono_literals;
using namespace std::string_literals;
using http::Backend;
using http::Multi;
using http::ok;
using http::Request;
using http::Response;

namespace {

Result<Response> send(Request request) {
  asio::io_context io;
  Multi client(io);
  return loop::run(io, client.send(std::move(request)));
}

Error failure(Request request) {
  auto result = send(std::move(request));
  REQUIRE_FALSE(result);
  CHECK_FALSE(result.error().remedy.empty());
  return result.error();
}

Request with_timeout(const std::string& url, Milliseconds timeout) {
  Request request(url);
  request.timeout = timeout;
  return request;
}

/// Sends one after the other on the same client.
Task<std::vector<std::string>> send_each(Multi* client, std::vector<Request> requests) {
  std::vector<std::string> bodies;
  for (auto& request : requests) {
    auto result = co_await client->send(std::move(request));
    bodies.push_back(result ? result->body : result.error().code);
  }
  co_return bodies;
}

std::vector<std::string> bodies_of(std::vector<Request> requests) {
  asio::io_context io;
  Multi client(io);
  return loop::run(io, send_each(&client, std::move(requests)));
}

bool eventually(const std::function<bool()>& condition) {
  for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;
       std::this_thread::sleep_for(1ms))
    if (condition()) return true;
  return false;
}

/// A folder that goes with its test.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "shunt-http-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  std::filesystem::path path;
};

/// A variable of the environment for as long as a test runs.
struct Setting {
  Setting(const char* name, const std::string& value) : name(name) { ::setenv(name, value.c_str(), 1); }
  ~Setting() { ::unsetenv(name); }
  Setting(const Setting&) = delete;
  const char* name;
};

}  // namespace

TEST_CASE("an answer has status, headers in lower case, and its body as it is") {
  const auto body = "a\0b\r\n\xff"s;
  const Backend backend([&](const std::string&) {
    return "HTTP/1.1 503 Not Now\r\nContent-Length: " + std::to_string(body.size()) + "\r\nX-Version: V2\r\n\r\n" +
           body;
  });
  const auto result = send(Request(backend.url("/health?full=1")));
  REQUIRE(result);
  CHECK(result->status == 503);
  CHECK(result->header("x-version") == "V2");
  CHECK(result->body == body);
  CHECK(result->latency < 5s);
  const auto request = backend.requests().at(0);
  CHECK(request.starts_with("GET /health?full=1 HTTP/1.1\r\n"));
  CHECK(request.find("Host: " + backend.address() + "\r\n") != std::string::npos);
  CHECK(request.find("User-Agent: shunt\r\n") != std::string::npos);
}

TEST_CASE("a request sends its method, headers and body, and nothing of libcurl's own making") {
  const Backend backend([](const std::string&) { return ok("done"); });
  Request post(backend.url());
  post.method = "POST";
  post.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"User-Agent", "test"}};
  post.body = "a\0b"s + std::string(2'000'000, 'x');
  Request empty_post(backend.url());
  empty_post.method = "POST";
  Request patch(backend.url());
  patch.method = "PATCH";
  patch.body = "{}";
  patch.headers = {{"Content-Type", "application/json"}};
  Request remove(backend.url());
  remove.method = "DELETE";
  CHECK(bodies_of({post, empty_post, patch, remove}) == std::vector(4, "done"s));

  const auto requests = backend.requests();
  CHECK(requests.at(0).starts_with("POST / HTTP/1.1\r\n"));
  CHECK(requests.at(0).find("\r\nX-One: 1\r\n") != std::string::npos);
  CHECK(requests.at(0).find("\r\nX-Empty:\r\n") != std::string::npos);
  CHECK(requests.at(0).find("\r\nUser-Agent: test\r\n") != std::string::npos);
  CHECK(requests.at(0).find("Content-Type") == std::string::npos);
  CHECK(requests.at(0).find("Expect") == std::string::npos);
  CHECK(requests.at(0).ends_with(post.body));
  CHECK(requests.at(1).find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(requests.at(2).starts_with("PATCH / HTTP/1.1\r\n"));
  CHECK(requests.at(2).find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(requests.at(3).starts_with("DELETE / HTTP/1.1\r\n"));
}

TEST_CASE("nothing of one request is left in the next on the same client") {
  const Folder folder;
  const auto path = (folder.path / "app.sock").string();
  const Backend backend([](const std::string& request) { return request.starts_with("HEAD") ? ok("") : ok("tcp"); });
  const Backend by_socket(path, [](const std::string&) { return ok("socket"); });
  Request full("http://user:hunter2@" + backend.address() + "/");
  full.method = "PATCH";
  full.headers = {{"X-One", "1"}, {"User-Agent", "test"}};
  full.body = "body";
  full.fresh_connection = true;
  Request socket("http://app/");
  socket.unix_socket = path;
  Request head(backend.url());
  head.method = "HEAD";
  const Request plain(backend.url());
  CHECK(bodies_of({full, plain, head, plain, socket, plain, full}) ==
        std::vector{"tcp"s, "tcp"s, ""s, "tcp"s, "socket"s, "tcp"s, "tcp"s});

  const auto expected = "GET / HTTP/1.1\r\nHost: " + backend.address() + "\r\nUser-Agent: shunt\r\nAccept: */*\r\n\r\n";
  const auto seen = backend.requests();
  CHECK(seen.at(0) == seen.at(5));
  CHECK(seen.at(1) == expected);
  CHECK(seen.at(2) == "HEAD" + expected.substr(3));
  CHECK(seen.at(3) == expected);
  CHECK(seen.at(4) == expected);
  CHECK(backend.opened == 3);
}

TEST_CASE("HEAD does not wait for a body") {
  const Backend backend([](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"s; });
  auto request = with_timeout(backend.url(), 5s);
  request.method = "HEAD";
  const auto result = send(request);
  REQUIRE(result);
  CHECK(result->status == 200);
  CHECK(result->body.empty());
}

TEST_CASE("a redirect is an answer like others") {
  const Backend backend(
      [](const std::string&) { return "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"s; });
  const auto result = send(Request(backend.url()));
  REQUIRE(result);
  CHECK(result->status == 302);
  CHECK(result->header("location") == "/other");
  CHECK(backend.requests().size() == 1);
}

TEST_CASE("interim answers are passed over; chunks and bodies without a length are read") {
  const Backend hints(
      [](const std::string&) { return "HTTP/1.1 103 Early Hints\r\nX-A: wrong\r\n\r\n" + ok("x", "X-B: right\r\n"); });
  const auto result = send(Request(hints.url()));
  REQUIRE(result);
  CHECK(result->header("x-a").empty());
  CHECK(result->header("x-b") == "right");

  const Backend chunked([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"s;
  });
  CHECK(send(Request(chunked.url()))->body == "abcde");
  const Backend closing([](const std::string&) { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"s; });
  CHECK(send(Request(closing.url()))->body == "to the end");
}

TEST_CASE("a body comes from a file, whole and as it is, and the next request has none of it") {
  const Folder folder;
  const auto file = (folder.path / "body").string();
  const auto bytes = "a\0b"s + std::string(3'000'000, 'x') + "end";
  std::ofstream(file, std::ios::binary) << bytes;
  const Backend backend([](const std::string& request) { return ok(request.starts_with("POST") ? "took" : "gave"); });
  Request upload(backend.url());
  upload.method = "POST";
  upload.body_file = file;
  upload.headers = {{"Content-Type", "application/x-tar"}};
  Request put = upload;
  put.method = "PUT";
  Request post(backend.url());
  post.method = "POST";
  post.body = "short";
  CHECK(bodies_of({upload, Request(backend.url()), put, post}) ==
        std::vector<std::string>{"took", "gave", "gave", "took"});
  const auto requests = backend.requests();
  CHECK(requests.at(0).ends_with("\r\n\r\n" + bytes));
  CHECK(requests.at(0).find("Content-Type: application/x-tar\r\n") != std::string::npos);
  CHECK(requests.at(1).find("Content-Length") == std::string::npos);
  CHECK(requests.at(2).starts_with("PUT "));
  CHECK(requests.at(2).ends_with(bytes));
  CHECK(requests.at(3).ends_with("\r\n\r\nshort"));

  upload.body_file = (folder.path / "none").string();
  const auto gone = failure(upload);
  CHECK(gone.code == "SH1705");
  CHECK(gone.message.find("none") != std::string::npos);
}

TEST_CASE("a good answer's body is handed on as it comes, another's is kept") {
  const Backend backend([](const std::string& request) {
    if (request.starts_with("GET /bad")) return "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone"s;
    return ok(std::string(3'000'000, 'y'));
  });
  std::size_t taken = 0;
  std::size_t pieces = 0;
  Request request(backend.url());
  request.max_bytes = 1000;
  request.on_data = [&](std::string_view data) {
    taken += data.size();
    ++pieces;
  };
  const auto good = send(request);
  REQUIRE(good);
  CHECK(good->body.empty());
  CHECK(taken == 3'000'000);
  CHECK(pieces > 1);
  request.url = backend.url("/bad");
  const auto bad = send(request);
  REQUIRE(bad);
  CHECK(bad->status == 404);
  CHECK(bad->body == "none");
  CHECK(taken == 3'000'000);
}

TEST_CASE("a peer that goes silent is given up before the time is over; a slow one is not") {
  const Backend backend([](const std::string& request) {
    if (request.starts_with("GET /slow")) std::this_thread::sleep_for(300ms);
    return request.starts_with("GET /slow") ? ok("late") : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"s;
  });
  auto request = with_timeout(backend.url(), 60s);
  request.silence = 1s;
  const auto began = std::chrono::steady_clock::now();
  const auto silent = failure(request);
  CHECK(silent.code == "SH1702");
  CHECK(silent.message.find("has said nothing for 1s") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began < 30s);
  request.url = backend.url("/slow");
  CHECK(bodies_of({request, Request(backend.url("/slow"))}) == std::vector<std::string>{"late", "late"});
}

TEST_CASE("a unix socket serves like an address") {
  const Folder folder;
  const auto path = (folder.path / "app.sock").string();
  Request request("http://docker/version");
  request.unix_socket = path;
  CHECK(failure(request).message == "cannot connect to " + path + ": No such file or directory");
  {
    const Backend backend(path, [](const std::string&) { return ok("by socket"); });
    CHECK(send(request)->body == "by socket");
    CHECK(backend.requests().at(0).find("Host: docker\r\n") != std::string::npos);
  }
  CHECK(failure(request).message == "cannot connect to " + path + ": Connection refused");
  request.unix_socket = std::string(200, 'x');
  CHECK(failure(request).code == "SH1705");
}

TEST_CASE("nobody listens: an error that may be retried") {
  std::string url;
  {
    const Backend gone([](const std::string&) { return ""s; });
    url = gone.url("/secret-path?token=1");
  }
  const auto error = failure(Request(url));
  CHECK(error.code == "SH1701");
  CHECK(error.kind == Kind::adapter);
  CHECK(error.retryable);
  CHECK(error.message.ends_with(": Connection refused"));
  CHECK(error.message.find("secret") == std::string::npos);
}

TEST_CASE("a name that does not exist is an error too, and does not hold up the loop") {
  const auto begin = std::chrono::steady_clock::now();
  const auto error = failure(with_timeout("http://no-such-host.invalid/", 3s));
  CHECK(std::chrono::steady_clock::now() - begin < 6s);
  CHECK((error.code == "SH1701" || error.code == "SH1702"));
  CHECK(error.retryable);
}

TEST_CASE("a peer that does not answer in time") {
  const Backend silent([](const std::string&) { return Backend::hang; });
  const auto begin = std::chrono::steady_clock::now();
  const auto error = failure(with_timeout(silent.url(), 100ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 95ms);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(error.code == "SH1702");
  CHECK(error.kind == Kind::timeout);
  CHECK(error.retryable);
  CHECK(error.message == silent.address() + " did not answer within 100ms");
  CHECK(eventually([&] { return silent.closed == 1; }));

  const Backend halting([](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"s; });
  CHECK(failure(with_timeout(halting.url(), 100ms)).code == "SH1702");
}

TEST_CASE("an answer longer than allowed is an error, one of just that length is not") {
  const Backend backend([](const std::string&) { return ok(std::string(1000, 'x')); });
  Request request(backend.url());
  request.max_bytes = 1000;
  CHECK(send(request)->body.size() == 1000);
  request.max_bytes = 999;
  const auto error = failure(request);
  CHECK(error.code == "SH1703");
  CHECK(error.message == "the answer of " + backend.address() + " is longer than 999 bytes");

  const Backend talkative([](const std::string&) {
    std::string headers;
    for (int i = 0; i < 300; ++i) headers += "X-A: " + std::string(1000, 'x') + "\r\n";
    return ok("", headers);
  });
  CHECK(failure(Request(talkative.url())).code == "SH1703");
}

TEST_CASE("what is no HTTP answer is an error") {
  const Backend closing([](const std::string&) { return ""s; });
  CHECK(failure(Request(closing.url())).message == closing.address() + " closed the connection without an answer");
  const Backend garbage([](const std::string&) { return "SSH-2.0-OpenSSH\r\nConnection: close\r\n"s; });
  CHECK(failure(Request(garbage.url())).code == "SH1704");
  const Backend cut(
      [](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf"s; });
  const auto error = failure(Request(cut.url()));
  CHECK(error.code == "SH1704");
  CHECK(error.kind == Kind::adapter);
}

TEST_CASE("a request that HTTP does not know is refused before anything is sent") {
  const Backend backend([](const std::string&) { return ok(""); });
  for (const auto& url : {""s, "127.0.0.1:80/"s, "ftp://127.0.0.1/"s, "file:///etc/passwd"s, "http://"s,
                          "http:///path"s, "http://127.0.0.1/a b"s, "http://127.0.0.1/a\r\nX: y"s,
                          "http://127.0.0.1/a\0b"s, "http://127.0.0.1:99999/"s, "http://[::1/"s}) {
    CAPTURE(url);
    const auto error = failure(Request(url));
    CHECK(error.code == "SH1705");
    CHECK(error.kind == Kind::config);
    CHECK_FALSE(error.retryable);
  }
  Request request(backend.url());
  request.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET";
  CHECK(failure(request).code == "SH1705");
  request.method = "GET";
  request.headers = {{"X-A", "b\r\nX-C: d"}};
  CHECK(failure(request).code == "SH1705");
  request.headers = {{"X-A: b\r\nX-C", "d"}};
  CHECK(failure(request).code == "SH1705");
  CHECK(backend.opened == 0);
}

TEST_CASE("names and passwords in a URL are used and not shown") {
  const Backend backend([](const std::string&) { return ""s; });
  const auto error = failure(Request("http://user:hunter2@" + backend.address() + "/"));
  CHECK(error.message == backend.address() + " closed the connection without an answer");
  CHECK(backend.requests().at(0).find("Authorization: Basic") != std::string::npos);
}

TEST_CASE("idle connections are used again, unless a fresh one is asked for or the request may not be repeated") {
  const Backend backend([](const std::string&) { return ok("x"); });
  const Request plain(backend.url());
  CHECK(bodies_of({plain, plain, plain}).size() == 3);
  CHECK(backend.opened == 1);

  Request fresh(backend.url());
  fresh.fresh_connection = true;
  CHECK(bodies_of({plain, fresh, fresh, plain}).size() == 4);
  CHECK(backend.opened == 4);
  CHECK(eventually([&] { return backend.closed == 4; }));

  Request post(backend.url());
  post.method = "POST";
  CHECK(bodies_of({plain, post}).size() == 2);
  CHECK(backend.opened == 6);
}

TEST_CASE("a dead idle connection: a GET is repeated, a POST is never sent twice") {
  int count = 0;
  // Answers the first request on each connection and drops the second, as a server does that closes idle connections.
  const Backend backend([&count](const std::string&) { return ++count % 2 == 1 ? ok("x") : ""s; });
  const Request get(backend.url());
  Request post(backend.url());
  post.method = "POST";
  CHECK(bodies_of({get, get}) == std::vector{"x"s, "x"s});
  CHECK(backend.requests().size() == 3);
  CHECK(bodies_of({post}) == std::vector{"SH1704"s});
  CHECK(backend.requests().size() == 4);
}

TEST_CASE("cancelling closes the connection, and the client goes on") {
  const Backend backend(
      [](const std::string& request) { return request.starts_with("GET /hang") ? Backend::hang : ok("x"); });
  asio::io_context io;
  Multi client(io);
  auto both = [](Multi* sender, std::string hanging, std::string plain) -> Task<std::string> {
    Request first(hanging);
    auto none = co_await loop::with_deadline(sender->send(std::move(first)), 50ms);
    Request second(plain);
    auto result = co_await sender->send(std::move(second));
    co_return none ? "answered" : result->body;
  };
  CHECK(loop::run(io, both(&client, backend.url("/hang"), backend.url())) == "x");
  CHECK(eventually([&] { return backend.closed == 1; }));
}

TEST_CASE("an idle client does not keep the loop running, and starts again") {
  const Backend backend([](const std::string&) { return ok("x"); });
  asio::io_context io;
  Multi client(io);
  for (int i = 0; i < 3; ++i) CHECK(loop::run(io, client.send(Request(backend.url())))->body == "x");
  CHECK(backend.opened == 1);
}

TEST_CASE("exchanges that go on when the client ends are cancelled") {
  const Backend silent([](const std::string&) { return Backend::hang; });
  asio::io_context io;
  auto client = std::make_unique<Multi>(io);
  const auto waiting = std::make_shared<loop::Child<Result<Response>>>(client->send(Request(silent.url())));
  waiting->start(io.get_executor(), [] {});
  while (silent.requests().empty()) io.run_for(1ms);
  client.reset();
  io.restart();
  io.run_for(5s);
  CHECK(loop::is_cancellation(waiting->error()));
  CHECK(eventually([&] { return silent.closed == 1; }));
}

TEST_CASE("a loop that is torn down in the middle of exchanges leaks nothing") {
  const Backend silent([](const std::string&) { return Backend::hang; });
  {
    asio::io_context io;
    Multi client(io);
    for (int i = 0; i < 10; ++i)
      std::make_shared<loop::Child<Result<Response>>>(client.send(Request(silent.url())))->start(io.get_executor(), [] {
      });
    while (silent.requests().size() < 10) io.run_for(1ms);
  }
  CHECK(eventually([&] { return silent.closed == 10; }));
}

TEST_CASE("hundreds at once: answers, refusals, time-outs and cancellations, each to its own") {
  const Backend backend([](const std::string& request) -> std::string {
    if (request.starts_with("GET /hang")) return Backend::hang;
    return ok(request.substr(0, request.find(" HTTP")));
  });
  auto one = [](Multi* client, std::string url, int number) -> Task<bool> {
    const std::string path = (number % 3 == 0 ? "/hang" : "/n") + std::to_string(number);
    auto request = with_timeout(url + path, number % 2 == 0 ? 10s : 300ms);
    auto result = co_await loop::with_deadline(client->send(std::move(request)), 1s);
    if (number % 3 != 0) co_return result&&* result && (*result)->body == "GET " + path;
    if (number % 2 == 0) co_return !result;
    co_return result && !*result && result->error().code == "SH1702";
  };
  asio::io_context io;
  Multi client(io);
  std::vector<Task<bool>> tasks;
  for (int i = 0; i < 600; ++i) tasks.push_back(one(&client, backend.url(""), i));
  CHECK(loop::run(io, loop::all(std::move(tasks))) == std::vector<bool>(600, true));
}

TEST_CASE("http_proxy is obeyed, but never for this machine") {
  const Backend proxy([](const std::string&) { return ok("proxy"); });
  const Backend backend([](const std::string&) { return ok("direct"); });
  const Setting setting("http_proxy", proxy.url());
  CHECK(send(Request(backend.url()))->body == "direct");
  CHECK(send(Request("http://example.invalid/"))->body == "proxy");
}

TEST_CASE("a certificate that nobody vouches for is refused, a trusted one is not") {
  const Folder folder;
  asio::io_context io;
  process::Posix spawner;
  const auto key = (folder.path / "key.pem").string();
  const auto certificate = (folder.path / "cert.pem").string();
  const auto made = loop::run(
      io, spawner.run(
              process::Command({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate})));
  REQUIRE(made);
  REQUIRE(made->code == 0);

  auto serve =
      process::Command({"openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www"});
  serve.input = "";
  // Its port is known from what it prints, so its output goes to a file that can be read meanwhile.
  const auto log = (folder.path / "log").string();
  serve.argv = {"/bin/sh", "-c", "exec \"$@\" > " + log + " 2>&1", "sh"};
  for (const auto* word : {"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-key"})
    serve.argv.emplace_back(word);
  serve.argv.insert(serve.argv.end(), {key, "-cert", certificate});

  auto exchange = [](std::string log_file, bool trusted, std::string cert, http::Tls tls) -> Task<std::string> {
    std::string port;
    for (int i = 0; i < 5'000 && port.empty(); ++i) {
      co_await loop::sleep(1ms);
      std::ifstream file(log_file);
      for (std::string line; std::getline(file, line);)
        if (line.starts_with("ACCEPT ")) port = line.substr(line.rfind(':') + 1);
    }
    std::optional<Setting> trust;
    if (trusted) trust.emplace("SSL_CERT_FILE", cert);
    auto executor = co_await asio::this_coro::executor;
    Multi client(executor);
    Request request("https://127.0.0.1:" + port + "/");
    request.tls = std::move(tls);
    auto result = co_await client.send(std::move(request));
    co_return result ? std::to_string(result->status) : result.error().message;
  };
  auto both = [](process::Posix* runner, process::Command server, Task<std::string> client) -> Task<std::string> {
    const auto child = std::make_shared<loop::Child<Result<process::Finished>>>(runner->run(std::move(server)));
    auto executor = co_await asio::this_coro::executor;
    child->start(executor, [] {});
    auto text = co_await std::move(client);
    child->cancel();
    co_return text;
  };
  CHECK(loop::run(io, both(&spawner, serve, exchange(log, true, certificate, {}))) == "200");
  std::filesystem::remove(log);
  const auto refused = loop::run(io, both(&spawner, serve, exchange(log, false, certificate, {})));
  CHECK(refused.find("certificate") != std::string::npos);

  // A server that lets nobody in without a certificate of its own authority.
  serve.argv.insert(serve.argv.end(), {"-Verify", "1", "-verify_return_error", "-CAfile", certificate});
  const http::Tls own{certificate, certificate, key};
  std::filesystem::remove(log);
  CHECK(loop::run(io, both(&spawner, serve, exchange(log, false, certificate, own))) == "200");
  std::filesystem::remove(log);
  const http::Tls authority{certificate, "", ""};
  CHECK(loop::run(io, both(&spawner, serve, exchange(log, false, certificate, authority))) != "200");
}
