// Workflow commands of GitHub Actions around plain lines.
#pragma once

#include <string>

#include "cli/report/plain.hpp"
#include "shunt/error.hpp"

namespace shunt::cli {

/// Folds the lines of a deployment into groups and makes annotations of warnings.
class Github : public Reporter {
 public:
  explicit Github(Write write) : plain_(write), write_(std::move(write)) {}
  void report(const Event& event) override;

 private:
  void open(const std::string& title);
  void close();

  Plain plain_;
  Write write_;
  bool open_ = false;
};

/// "::error file=deploy.lua,line=12,title=SH1611::message" with its line break.
std::string error_annotation(const Error& error);

/// `text` as the data of a workflow command: no part of it can end the command or begin another.
std::string command_data(const std::string& text);

}  // namespace shunt::cli
