#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/session.hpp"
#include "cli/verbs.hpp"
#include "files/whole_file.hpp"
#include "lua/definitions.hpp"

namespace shunt::cli {

Action declare_types(CLI::App& command) {
  struct Arguments {
    std::string folder = "types";
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("DIR", arguments->folder, "where they are written (./types)")->type_name("");
  return [arguments](Session& session) {
    const std::filesystem::path folder = arguments->folder;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    std::string text;
    for (const auto& file : lua::type_definitions()) {
      const auto path = folder / file.name;
      if (const auto problem = files::write_whole(path, file.text))
        return session.fail(Error("SH1955", Kind::config,
                                  fmt::format("cannot write {}: {}", path.string(), problem.message()),
                                  "name a folder that you may write to"));
      text += path.string() + "\n";
    }
    session.print(text + fmt::format("\nEditors with lua-language-server find them with .luarc.json:\n"
                                     "  {{ \"workspace.library\": [\"{}\"], \"runtime.version\": \"Lua 5.4\" }}\n",
                                     folder.string()));
    return 0;
  };
}

}  // namespace shunt::cli
