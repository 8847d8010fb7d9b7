// What a build context leaves out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/runtime/docker/pattern.hpp"
#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// The patterns of an ignore file (https://docs.docker.com/build/concepts/context/#dockerignore-files), read as Docker
/// reads it: one a line; a line that begins with # is a comment; blanks around it do not count; with ! before it, it
/// includes again. The last line that applies decides.
///
/// A line applies to what it matches if it changes the verdict of the lines before it, and then to all below. So "d"
/// leaves out all of d, "*" and "!d" include all of it, but "**/x" and "!d" leave d/x out: d itself was never left out,
/// so there is nothing to take back.
///
/// Paths are relative to the context, without a slash at the end. Thread safe once it stands.
class IgnoreList {
 public:
  /// Leaves nothing out.
  IgnoreList() = default;

  /// SH1413 names `file` and the line of a malformed pattern.
  static Result<IgnoreList> parse(std::string_view text, const std::string& file);

  /// Includes this one path, whatever the patterns say.
  void keep(std::string_view path);

  /// What is decided about one path.
  struct Verdict {
    bool excluded = false;
    std::vector<char> applied;  ///< one flag per line
  };

  /// `above` is the verdict on the folder that `path` lies in; Verdict() for the context itself.
  Verdict judge(std::string_view path, const Verdict& above) const;

  /// Whether something below the excluded `folder` may be included again, so that it has to be looked into.
  bool may_include_below(std::string_view folder, const Verdict& verdict) const;

  /// The same as `judge`, for a path whose folders were not judged.
  bool excludes(std::string_view path) const;

 private:
  struct Line {
    Pattern pattern;
    bool includes = false;
  };

  std::vector<Line> lines_;
};

}  // namespace shunt::adapters::docker
