// Feeds a target every file of its corpus, one after the other; the last name printed is that of the file it fell over.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t fewest_files = 15;
constexpr std::chrono::seconds most_time{10};  ///< for one input, as in script/fuzz

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_quick(const fs::path& path) {
  const auto begin = std::chrono::steady_clock::now();
  shunt::fuzz::take(text_of(path));
  return std::chrono::steady_clock::now() - begin < most_time;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
    return 2;
  }
  const auto files = files_of(arguments[1]);
  int slow = 0;
  for (const auto& file : files) {
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    if (is_quick(file)) continue;
    std::printf("  takes longer than %d s\n", static_cast<int>(most_time.count()));
    ++slow;
  }
  const bool enough = files.size() >= fewest_files;
  std::printf("%zu inputs%s, %d too slow\n", files.size(), enough ? "" : ", which are too few", slow);
  return enough && slow == 0 ? 0 : 1;
}
