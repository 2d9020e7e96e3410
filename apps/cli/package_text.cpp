// SPDX-License-Identifier: Apache-2.0
#include "package_text.h"

#include <fmt/format.h>

#include "style.h"

namespace cli {
namespace {

std::string model_text(const Json &artifact) {
    return fmt::format("{} {}, {}, {} parameters", text_of(artifact, "family"),
                       text_of(artifact["quantization"], "label"), short_bytes(artifact["bytes"]),
                       artifact["parameters"].get<uint64_t>());
}

std::string limits_text(const Json &limits) {
    return fmt::format(
        "at most {} bytes, {} tokens; deadline {} ms", limits["input_bytes"].get<uint64_t>(),
        limits["input_tokens"].get<uint64_t>(), limits["deadline_ms"].get<uint64_t>());
}

std::string memory_text(const Json &estimate) {
    uint64_t bytes = 0;
    for (const char *part : {"weights_bytes", "vocabulary_bytes", "context_bytes"}) {
        bytes += estimate[part].get<uint64_t>();
    }
    return fmt::format("about {} (estimated)", short_bytes(bytes));
}

std::string confidence_text(const Json &calibration, const Json &rule) {
    if (calibration.is_null()) return "none: the package has no calibration for this model";
    return fmt::format("ECE {:.4f} over {} cases (reported), abstains below {}",
                       calibration["quality"]["ece"].get<double>(),
                       calibration["quality"]["cases"].get<uint64_t>(),
                       rule["abstain_below"].get<double>());
}

std::string state_text(const Json &row) {
    return fmt::format("{}{}, since {}", text_of(row, "state"),
                       row["current"].get<bool>() ? ", serves its id" : "",
                       text_of(row, "installed_at"));
}

// One line per package, or why there is none.
void print_dependencies(const Json &dependencies) {
    const char *label = "depends on";
    for (const Json &need : dependencies["needs"]) {
        print_fact(label, fmt::format("{} {}", text_of(need, "id"), text_of(need, "version")));
        label = "";
    }
    if (!dependencies["satisfied"].get<bool>()) {
        print_fact("unmet", text_of(dependencies["obstacle"], "message"));
        print_fact("", text_of(dependencies["obstacle"], "subject"));
    }
    if (!dependencies["replaced"].is_null()) {
        print_fact("replaces", fmt::format("{} {}", text_of(dependencies["replaced"], "id"),
                                           text_of(dependencies["replaced"], "version")));
    }
    if (!dependencies["dependants"].empty()) {
        print_fact("needed by", joined(dependencies["dependants"]));
    }
}

}  // namespace

std::string text_of(const Json &object, const char *member) {
    return printable(object[member].get<std::string>());
}

std::string joined(const Json &texts) {
    std::string out;
    for (const Json &text : texts) out += (out.empty() ? "" : ", ") + text.get<std::string>();
    return out.empty() ? "-" : printable(out);
}

void print_package(const Json &document) {
    const Json &skill = document["skill"];
    const Json &contract = skill["contract"];
    fmt::print("{} {}: {}\n{}\n\n", text_of(skill, "id"), text_of(skill, "version"),
               text_of(skill, "title"),
               wrapped(text_of(skill, "description"), 0, 0, columns_of(stdout)));
    print_fact("package", text_of(document, "digest"));
    if (document.contains("installed")) print_fact("state", state_text(document["installed"]));
    if (document.contains("dependencies")) print_dependencies(document["dependencies"]);
    if (skill.contains("owner")) print_fact("owner", text_of(skill, "owner"));
    print_fact("license", text_of(skill, "license"));
    print_fact("source", fmt::format("{} ({})", text_of(skill["source"], "url"),
                                     text_of(skill["source"], "revision")));
    print_fact("model", model_text(skill["artifact"]));
    print_fact("", text_of(skill["artifact"], "digest"));
    print_fact("tokenizer", text_of(skill["tokenizer"], "id"));
    print_fact("", text_of(skill["tokenizer"], "digest"));
    print_fact("task", text_of(contract, "task") + " into " + joined(contract["labels"]));
    print_fact("input", limits_text(contract["limits"]));
    print_fact("for", text_of(contract["domain"], "supported"));
    print_fact("not for", text_of(contract["domain"], "unsupported"));
    print_fact("instead", text_of(contract["domain"], "fallback"));
    print_fact("memory", memory_text(skill["resources"]["estimate"]));
    print_fact("confidence",
               confidence_text(document["calibration_document"], contract["confidence"]));
    print_fact("evidence", text_of(document, "evidence_status") + "; unsigned");
}

}  // namespace cli
