#include "adapters/runtime/docker/progress.hpp"

#include <doctest/doctest.h>

namespace shunt::adapters::docker {

namespace {

const std::string pulled_digest = "sha256:" + std::string(64, '4');

// Recorded from Docker 20.10, shortened.
const std::string docker_pull =
    R"({"status":"Pulling from shop","id":"v2"})"
    "\r\n"
    R"({"status":"Pulling fs layer","progressDetail":{},"id":"9b1c697f89d0"})"
    "\r\n"
    R"({"status":"Pulling fs layer","progressDetail":{},"id":"8e2341829692"})"
    "\r\n"
    R"({"status":"Already exists","progressDetail":{},"id":"0122439e63c4"})"
    "\r\n"
    R"({"status":"Downloading","progressDetail":{"current":3539456,"total":9000000},"progress":"[===\u003e  ]  3.539MB/9MB","id":"8e2341829692"})"
    "\r\n"
    R"({"status":"Downloading","progressDetail":{"current":12000000,"total":30000001},"progress":"[===\u003e  ]  12MB/30MB","id":"9b1c697f89d0"})"
    "\r\n";
const std::string docker_pull_end =
    R"({"status":"Verifying Checksum","progressDetail":{},"id":"8e2341829692"})"
    "\r\n"
    R"({"status":"Download complete","progressDetail":{},"id":"8e2341829692"})"
    "\r\n"
    R"({"status":"Download complete","progressDetail":{},"id":"9b1c697f89d0"})"
    "\r\n"
    R"({"status":"Extracting","progressDetail":{"current":327680,"total":30000001},"progress":"[\u003e  ]","id":"9b1c697f89d0"})"
    "\r\n"
    R"({"status":"Pull complete","progressDetail":{},"id":"9b1c697f89d0"})"
    "\r\n{\"status\":\"Digest: " +
    pulled_digest +
    "\"}\r\n"
    R"({"status":"Status: Downloaded newer image for localhost:5077/shop:v2"})"
    "\r\n";

/// All lines of a stream that ends well.
std::vector<ProgressLine> read_all(Progress& progress, const std::string& stream) {
  auto lines = progress.take(stream);
  REQUIRE(lines);
  const auto last = progress.finish();
  REQUIRE(last);
  lines->insert(lines->end(), last->begin(), last->end());
  return std::move(*lines);
}

std::string code_of_stream(const std::string& stream) {
  Progress progress("pulling");
  auto lines = progress.take(stream);
  if (lines) lines = progress.finish();
  return lines ? "none" : lines.error().code;
}

TEST_CASE("a pull tells of its layers, and what was pulled") {
  Progress progress("pulling shop:v2");
  CHECK(progress.summary() == "pulling shop:v2");
  const auto lines = read_all(progress, docker_pull);
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].status == "Pulling from shop");
  CHECK(lines[0].id == "v2");
  CHECK(lines[4].status == "Downloading");
  CHECK(lines[4].id == "8e2341829692");
  CHECK(lines[4].current == 3539456);
  CHECK(lines[4].total == 9000000);
  CHECK(progress.summary() == "pulling shop:v2: 1 of 3 layers, 15 of 40 MB");
  read_all(progress, docker_pull_end);
  CHECK(progress.summary() == "pulling shop:v2: 3 of 3 layers, 40 of 40 MB");
  CHECK(progress.digest() == pulled_digest);
  CHECK(progress.error().empty());
}

TEST_CASE("a push tells the digest; a layer may be larger than was thought") {
  Progress progress("pushing shop:v2");
  read_all(progress, R"({"status":"The push refers to repository [localhost:5077/shop]"}
{"status":"Preparing","progressDetail":{},"id":"7ab03be01ab4"}
{"status":"Pushing","progressDetail":{"current":2048,"total":3},"progress":"[==]  2.048kB","id":"7ab03be01ab4"}
{"status":"Pushing","progressDetail":{"current":512},"id":"7ab03be01ab4"}
)");
  CHECK(progress.summary() == "pushing shop:v2: 0 of 1 layer, 1 of 1 kB");
  read_all(progress, R"({"status":"Pushed","progressDetail":{},"id":"7ab03be01ab4"}
{"status":"Layer already exists","progressDetail":{},"id":"a8cf5df42166"}
{"status":"Mounted from team/other","progressDetail":{},"id":"9fcd8de348b9"}
{"status":"v2: digest: sha256:4e4c size: 947"}
)");
  CHECK(progress.summary() == "pushing shop:v2: 3 of 3 layers, 1 of 1 kB");
  CHECK(progress.digest() == "sha256:4e4c");  // all that Podman tells of it
  read_all(progress, R"({"progressDetail":{},"aux":{"Tag":"v2","Digest":"sha256:4e4d","Size":947}}
)");
  CHECK(progress.digest() == "sha256:4e4d");
}

TEST_CASE("a build tells its steps, its output and the image's ID") {
  Progress progress("building shop:v2");
  auto lines = read_all(progress, R"({"stream":"Step 1/3 : FROM scratch"}
{"stream":"\n"}
{"stream":"Step 2/3 : COPY . /\n"}
{"stream":" ---\u003e d4c70cd9b44b\n"}
{"aux":"CgsIARoHc29tZXRoaW5n","id":"moby.buildkit.trace"}
)");
  CHECK(progress.summary() == "building shop:v2: step 2/3: COPY . /");
  REQUIRE(lines.size() == 5);
  CHECK(lines[1].stream == "\n");
  CHECK(lines[3].stream == " ---> d4c70cd9b44b\n");
  lines = read_all(progress, R"({"stream":"\u001b[91mno \u001b[1;32mluck\u001b[0m \u001b[2J\u001b[\u001b[0"})"
                             "\n");
  CHECK(lines[0].stream == "no luck \x1b[2J\x1b[\x1b[0");
  lines = read_all(progress, R"({"aux":{"ID":"sha256:2bc7"}})"
                             "\r\n");
  CHECK(lines[0].image == "sha256:2bc7");
  CHECK(progress.image() == "sha256:2bc7");
  read_all(progress, "{\"stream\":\"STEP 3/3: RUN echo \xe2\x82\xac" + std::string(100, 'x') + "\\n\"}\n");
  CHECK(progress.summary() == "building shop:v2: step 3/3: RUN echo \xe2\x82\xac" + std::string(68, 'x'));
  read_all(progress, "{\"stream\":\"STEP 3/3: " + std::string(79, 'x') + "\xe2\x82\xac\"}");
  CHECK(progress.summary() == "building shop:v2: step 3/3: " + std::string(79, 'x'));
}

TEST_CASE("an error in the stream is kept, the first one") {
  Progress progress("building");
  const auto lines = read_all(progress, R"({"errorDetail":{"code":1,"message":"COPY failed"},"error":"something"}
{"error":"second\n"}
)");
  CHECK(lines[0].error == "COPY failed");
  CHECK(lines[1].error == "second");
  CHECK(progress.error() == "COPY failed");
}

TEST_CASE("what Podman tells of a pull is understood") {
  Progress progress("pulling shop");
  read_all(progress, R"({"status":"Pulling fs layer","progressDetail":{},"id":"0122439e63c4"}
{"status":"Download complete","progressDetail":{},"id":"0122439e63c4"}
{"status":"Pulling fs layer","progressDetail":{},"id":"9b1c697f89d0"}
)");
  CHECK(progress.summary() == "pulling shop: 1 of 2 layers");
}

TEST_CASE("lines come in any pieces") {
  const auto stream = docker_pull + docker_pull_end;
  for (const std::size_t size : {1U, 2U, 7U, 100U, 1000U}) {
    Progress progress("pulling shop:v2");
    std::size_t lines = 0;
    for (std::size_t at = 0; at < stream.size(); at += size) lines += progress.take(stream.substr(at, size))->size();
    REQUIRE(progress.finish());
    CHECK(lines == 13);
    CHECK(progress.summary() == "pulling shop:v2: 3 of 3 layers, 40 of 40 MB");
  }
}

TEST_CASE("the last line needs no end, blank lines say nothing") {
  Progress progress("pulling");
  CHECK(read_all(progress, "\r\n\n  \n{\"error\":\"no such image\"}").size() == 1);
  CHECK(progress.error() == "no such image");
}

TEST_CASE("values of other types are passed over") {
  Progress progress("pulling");
  const auto lines =
      read_all(progress, R"({"status":7,"id":[],"stream":{},"progressDetail":[1],"aux":null,"errorDetail":"x"}
{"status":"Downloading","id":"a","progressDetail":{"current":1.5,"total":"many"},"error":{}}
{"status":"Downloading","id":"b","progressDetail":{"current":-5,"total":18446744073709551615}}
{}
)");
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].total == 0);
  CHECK(lines[2].current == 0);
  CHECK(lines[2].total > 0);
  CHECK(progress.error().empty());
}

TEST_CASE("what is no progress is an error") {
  for (const char* stream :
       {"not found\n", "[]\n", "7\n", "{\"a\":\n", "{} {}\n", "{\"status\":\"\xff\"}\n", "{\"status\""})
    CHECK_MESSAGE(code_of_stream(stream) == "SH1415", std::string(stream));
  CHECK(code_of_stream(std::string(100, '[')) == "SH1415");
  CHECK(code_of_stream("") == "none");
}

TEST_CASE("a line that is too long is an error, before it is read to its end") {
  const auto line = [](std::size_t size) { return R"({"stream":")" + std::string(size - 13, 'x') + "\"}"; };
  const std::size_t most = 1024 * 1024;
  CHECK(code_of_stream(line(most) + "\n") == "none");
  CHECK(code_of_stream(line(most + 1) + "\n") == "SH1415");
  Progress progress("building");
  bool refused = false;
  for (std::size_t sent = 0; sent <= most && !refused; sent += 1024) refused = !progress.take(std::string(1024, 'x'));
  CHECK(refused);
}

TEST_CASE("memory is bounded, however many layers there are") {
  Progress progress("pulling");
  for (int i = 0; i < 2000; ++i)
    REQUIRE(progress.take("{\"status\":\"Waiting\",\"id\":\"" + std::to_string(i) + "\"}\n"));
  REQUIRE(progress.take("{\"status\":\"Waiting\",\"id\":\"" + std::string(1000, 'x') + "\"}\n"));
  CHECK(progress.summary() == "pulling: 0 of 1000 layers");
  REQUIRE(progress.take("{\"status\":\"Pull complete\",\"id\":\"7\"}\n"));
  CHECK(progress.summary() == "pulling: 1 of 1000 layers");
}

TEST_CASE("people are told at most once a second, and nothing twice") {
  Progress progress("pulling shop");
  CHECK(progress.news(Milliseconds(5'000)) == "pulling shop");
  REQUIRE(progress.take("{\"status\":\"Waiting\",\"id\":\"a\"}\n"));
  CHECK(!progress.news(Milliseconds(5'999)));
  CHECK(progress.news(Milliseconds(6'000)) == "pulling shop: 0 of 1 layer");
  CHECK(!progress.news(Milliseconds(60'000)));
  REQUIRE(progress.take("{\"status\":\"Pull complete\",\"id\":\"a\"}\n"));
  CHECK(progress.news(Milliseconds(60'001)) == "pulling shop: 1 of 1 layer");
}

TEST_CASE("each step of a build is told as it begins, for nothing may come for long") {
  Progress progress("building shop");
  REQUIRE(progress.take("{\"stream\":\"Step 1/2 : FROM scratch\\n\"}\n"));
  CHECK(progress.news(Milliseconds(5'000)) == "building shop: step 1/2: FROM scratch");
  REQUIRE(progress.take("{\"stream\":\"Step 2/2 : RUN make\\n\"}\n"));
  CHECK(progress.news(Milliseconds(5'001)) == "building shop: step 2/2: RUN make");
  REQUIRE(progress.take("{\"stream\":\"cc -c a.c\\n\"}\n"));
  CHECK(!progress.news(Milliseconds(60'000)));
}

}  // namespace

}  // namespace shunt::adapters::docker
