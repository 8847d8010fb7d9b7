// A file that an operator and shunt both write for nginx, what shunt makes of it, and nginx's words.
#include "adapters/proxy/nginx/section.hpp"
#include "adapters/proxy/nginx/view.hpp"
#include "adapters/proxy/nginx/words.hpp"
#include "fuzz/target.hpp"

namespace shunt::fuzz {

namespace {

using namespace nginx;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr const char* name = "shop";

const Announced& announced() {
  static const Announced instances = {{{"127.0.0.1:3000"}, {"127.0.0.1:3001", "127.0.0.1:3003"}}};
  return instances;
}

void check_shares(Weights shares) {
  for (const Colour color : both_colours) expect(shares[color] >= 0 && shares[color] <= 100, "a share is 0 to 100");
}

bool is_ours(std::string_view upstream) {
  return upstream == "shop" || upstream == "shop_blue" || upstream == "shop_green" || upstream == "shop_nobody";
}

std::vector<std::string> others_in(const UpstreamFile& file, std::string_view text) {
  std::vector<std::string> blocks;
  for (const auto& upstream : file.upstreams)
    if (!is_ours(upstream.name)) blocks.emplace_back(text.substr(upstream.begin, upstream.end - upstream.begin));
  return blocks;
}

/// The file with the section, read again: as nginx will read it.
UpstreamFile written(std::string_view text, const UpstreamFile& file, const std::string& section, std::string& after) {
  after = with_section(text, file, name, section);
  auto again = parse_upstreams(after);
  expect(bool(again), "what is written can be read");
  expect(others_in(file, text) == others_in(*again, after), "an operator's blocks stay");
  return std::move(*again);
}

void try_weighted(std::string_view text, const UpstreamFile& file) {
  auto section = read_weighted(file, name, announced());
  check_shares(section.weights);
  check_shares(section.shares());
  view_of(Sight(), section, announced());
  section.known = with_announced(section.known, announced());
  section.before = section.weights;
  section.weights = Weights(100, 50);
  std::string after;
  const auto again = written(text, file, write_weighted(name, section), after);
  const auto read = read_weighted(again, name, announced());
  expect(read.present && !read.by_hand, "shunt knows its own hand");
  expect(read.weights == section.weights && read.before == section.before, "weights come back");
  expect(read.known == section.known, "servers come back");
  expect(write_weighted(name, read) == write_weighted(name, section), "writing twice is the same as once");
}

void try_linked(std::string_view text, const UpstreamFile& file) {
  auto section = read_linked(file, name);
  Sight sight;
  view_of(sight, section, Pointer(), announced());
  section.servers = with_announced(section.servers, announced());
  const auto block = write_linked(name, "$request_id", "/run/shunt/shop", section);
  std::string after;
  const auto again = written(text, file, block, after);
  const auto read = read_linked(again, name);
  expect(read.present && read.first == section.first, "the section is there");
  expect(read.servers == section.servers, "servers come back");
  expect(write_linked(name, "$request_id", "/run/shunt/shop", read) == block, "writing twice is the same as once");
}

void try_words(std::string_view text) {
  const auto reason = reason_in(text);
  expect(reason.size() <= 300 && reason.find('\n') == std::string::npos, "a reason is one short line");
  expect(text.ends_with(tail_of(text)), "a tail is the end of the text");
  if (is_leaving(text)) is_worker(text);
}

}  // namespace

void take(std::string_view input) {
  try_words(input);
  const auto file = parse_upstreams(input);
  if (!file) {
    expect(file.error().code == "SH1508" && file.error().message.starts_with("line "), "the line is told");
    return;
  }
  for (const auto& upstream : file->upstreams)
    expect(upstream.begin < upstream.end && upstream.end <= input.size(), "a block lies in the file");
  try_weighted(input, *file);
  try_linked(input, *file);
}

}  // namespace shunt::fuzz
