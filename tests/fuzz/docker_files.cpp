// What people and Docker's own client write about images: references, config.json with the answers of its helpers,
// ignore files, Dockerfiles. Every reader gets the whole input; an ignore file may be followed by "-- file: paths" and
// the paths, one a line, that it is asked about.
#include "adapters/runtime/docker/base64.hpp"
#include "adapters/runtime/docker/base_images.hpp"
#include "adapters/runtime/docker/credentials.hpp"
#include "adapters/runtime/docker/ignore.hpp"
#include "adapters/runtime/docker/reference.hpp"
#include "fuzz/target.hpp"

namespace shunt::fuzz {

namespace {

using namespace adapters::docker;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr std::size_t longest_path = 100;

void check_refusal(const Error& error, std::string_view code) {
  expect(error.code == code, "a refusal has its code");
  expect(!error.message.empty() && !error.remedy.empty(), "a refusal says what to do");
  expect(!to_paragraph(error).empty() && !to_text(to_value(error)).empty(), "a refusal can be printed");
}

void try_reference(std::string_view text) {
  const auto reference = parse_reference(text);
  if (!reference) return check_refusal(reference.error(), "SH1410");
  const auto full = full_name(*reference);
  for (const auto& again : {full, familiar(*reference)}) {
    const auto same = parse_reference(again);
    expect(same && full_name(*same) == full, "both forms of a reference mean the same");
  }
  expect(!reference->tag.empty() || !reference->digest.empty(), "a reference has a version");
}

void try_login(const Result<Login>& login, std::string_view code) {
  if (!login) return check_refusal(login.error(), code);
  const auto header = registry_auth_header(*login, "docker.io");
  expect(header.find_first_of("+/\r\n ") == std::string::npos, "a header is one word");
  expect(login->empty() == (header == "e30="), "nobody is an empty object");
}

void try_configuration(std::string_view text) {
  for (const char* registry : {"ghcr.io", "localhost:5000", "https://index.docker.io/v1/"}) {
    const auto source = find_login(text, registry, "config.json");
    if (!source) {
      check_refusal(source.error(), "SH1411");
      continue;
    }
    expect(source->helper.empty() || source->login.empty(), "one of two knows the login");
    expect(source->helper.find('/') == std::string::npos, "a helper is found in PATH alone");
    try_login(source->login, "");
  }
  try_login(parse_helper_answer(text, "pass"), "SH1412");
  from_base64(text);
}

/// A path as a walk through a folder gives it. Long ones take long by themselves, as each folder above is judged, too.
bool is_walked(std::string_view path) {
  return !path.empty() && path.size() <= longest_path && !path.starts_with('/') && !path.ends_with('/') &&
         path.find("//") == std::string_view::npos;
}

void try_path(const IgnoreList& list, const std::string& path) {
  IgnoreList::Verdict verdict;
  bool looked_into = true;
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const auto here = path.substr(0, end);
    verdict = list.judge(here, verdict);
    expect(looked_into || verdict.excluded, "what is not looked into has nothing that is included");
    looked_into = looked_into && (!verdict.excluded || list.may_include_below(here, verdict));
  }
  expect(verdict.excluded == list.excludes(path), "a path is judged like the folders on the way to it");
  auto keeping = list;
  keeping.keep(path);
  expect(!keeping.excludes(path), "what has to be there is kept");
}

void try_patterns(std::string_view input) {
  const auto files = files_in(input, ".dockerignore");
  const auto list = IgnoreList::parse(files.at(".dockerignore"), ".dockerignore");
  if (!list) {
    check_refusal(list.error(), "SH1413");
    expect(list.error().where.line >= 1, "a malformed line is named");
    return;
  }
  const auto paths = files.find("paths");
  if (paths == files.end()) return;
  for (const auto& path : lines_of(paths->second))
    if (is_walked(path)) try_path(*list, path);
}

void try_dockerfile(std::string_view text) {
  for (const auto& base : base_images(text, {{"BASE", "alpine"}, {"TAG", "3${TAG}"}})) {
    const auto again = parse_reference(full_name(base.name));
    expect(again && full_name(*again) == full_name(base.name), "a base image is a reference");
  }
}

}  // namespace

void take(std::string_view input) {
  try_reference(input);
  try_configuration(input);
  try_patterns(input);
  try_dockerfile(input);
}

}  // namespace shunt::fuzz
