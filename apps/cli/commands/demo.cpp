// SPDX-License-Identifier: Apache-2.0
// demo: the whole path on real input. Installs a shipped skill into a throw-away root, asks it
// about texts it was never trained on, and prints its answers beside the truth.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "input.h"
#include "style.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t sample_bytes_max = 1u << 20;
constexpr size_t input_columns = 44;

// A root that is deleted when the demo ends.
class ThrowAwayRoot {
public:
    ThrowAwayRoot() {
        std::string pattern = (fs::temp_directory_path() / "skillet-demo-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw Failure{SKL_E_IO,
                          "cannot make a temporary directory",
                          pattern,
                          "set TMPDIR to a directory you can write to",
                          {}};
        }
        path_ = pattern;
    }
    ~ThrowAwayRoot() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    ThrowAwayRoot(const ThrowAwayRoot &) = delete;
    ThrowAwayRoot &operator=(const ThrowAwayRoot &) = delete;
    [[nodiscard]] const std::string &path() const { return path_; }

private:
    std::string path_;
};

std::vector<std::string> files_in(const fs::path &directory, const char *extension) {
    std::vector<std::string> paths;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory, error)) {
        if (entry.path().extension() == extension) paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

// The skill that was installed with this program, wherever both were moved to.
fs::path default_directory() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    return (program.parent_path() / SKILLET_SKILLS_FROM_PROGRAM / "spam-filter").lexically_normal();
}

Json ask(Session &session, const skl::Module &module, const Json &input) {
    const skl::Reply reply = session.value_of(module.invoke(input.dump(), 0, session.cancel()));
    return Session::parse(session.value_of(reply.document(true)).text());
}

// The first member that has something to read: of a mail without a subject, its body.
std::string first_text(const Json &input) {
    for (const auto &member : input.items()) {
        if (!member.value().is_string()) continue;
        const std::string text = member.value().get<std::string>();
        if (text.find_first_not_of(" \t\r\n") != std::string::npos) return text;
    }
    return "(empty)";
}

std::vector<std::string> row(const Json &sample, const Json &result) {
    const std::string answer = result["abstained"].get<bool>()
                                   ? "abstained"
                                   : result["output"]["label"].get<std::string>();
    const std::string truth = sample["label"].get<std::string>();
    const Json &confidence = result["confidence"];
    return {shorten(first_text(sample["input"]), input_columns),
            truth,
            answer,
            confidence.is_null() ? "–" : fmt::format("{:.3f}", confidence.get<double>()),
            fmt::format("{:.1f} ms", result["stats"]["total_ms"].get<double>()),
            answer == truth         ? "✓"
            : answer == "abstained" ? "–"
                                    : "✗"};
}

void demo(Session &session, const fs::path &directory) {
    const std::vector<std::string> packages = files_in(directory, ".skill");
    const std::vector<std::string> samples = files_in(directory / "samples", ".json");
    if (packages.empty() || samples.empty()) {
        throw Failure{SKL_E_NOT_FOUND,
                      "holds no .skill file with samples",
                      directory.string(),
                      "name the folder with --dir, such as skills/spam-filter",
                      {}};
    }
    const ThrowAwayRoot root;
    session.options.root = root.path();
    const Json installed = session.work_document(skl_package_install, session.runtime().get(),
                                                 packages.back().c_str());
    const std::string id = installed["id"].get<std::string>();
    const skl::Module module = session.open_module(id);

    Json answers = Json::array();
    Table table({"INPUT", "TRUTH", "ANSWER", "CONFIDENCE", "TIME", ""});
    for (const std::string &path : samples) {
        const Json sample = Json::parse(read_input(path, sample_bytes_max));
        const Json result = ask(session, module, sample["input"]);
        table.add(row(sample, result));
        answers.push_back(
            {{"sample", sample["id"]}, {"label", sample["label"]}, {"result", result}});
    }
    const Json document = {
        {"schema", "skillet.demo/1"}, {"installed", installed}, {"answers", std::move(answers)}};
    if (session.print_json(document)) return;
    fmt::print("{} {}, {}, verified and installed into a throw-away root:\n\n", id,
               installed["version"].get<std::string>(), short_bytes(installed["bytes"]));
    table.print(stdout);
}

}  // namespace

void add_demo(CLI::App &app, Session &session) {
    auto directory = std::make_shared<std::string>();
    CLI::App *command =
        app.add_subcommand("demo", "Install a shipped skill and run it on real texts");
    command
        ->add_option("--dir", *directory,
                     "Folder with a .skill file and samples/*.json (default: the installed one)")
        ->type_name(value::directory);
    command->footer("skillet demo\nskillet demo --dir skills/language-id");
    command->callback([&session, directory] {
        demo(session, directory->empty() ? default_directory() : fs::path(*directory));
    });
}

}  // namespace cli
