// SPDX-License-Identifier: Apache-2.0
#include "gguf_text.h"

#include <fmt/format.h>

#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

std::string text_or_dash(const Json &facts, const char *member) {
    const std::string found = text_of(facts, member);
    return found.empty() ? "-" : found;
}

uint64_t count_of(const Json &facts, const char *member) { return facts[member].get<uint64_t>(); }

void print_tokenizer(const Json &tokenizer) {
    print_fact("tokenizer", fmt::format("{} with {} tokens", text_or_dash(tokenizer, "id"),
                                        count_of(tokenizer, "tokens")));
    print_fact("", text_of(tokenizer, "digest"));
    if (!tokenizer["chat_template_digest"].is_null())
        print_fact("template", text_of(tokenizer, "chat_template_digest"));
}

void print_adapter(const Json &adapter) {
    print_fact("adapter",
               fmt::format("LoRA of {}, rank {}, alpha {}, {}", joined(adapter["target_modules"]),
                           count_of(adapter, "rank"), adapter["alpha"].get<double>(),
                           text_of(adapter, "precision")));
}

void print_weights(const Json &facts) {
    if (!facts["has_weights"].get<bool>()) {
        print_fact("weights", "none: the file is a vocabulary only");
        return;
    }
    print_fact("weights", fmt::format("{} tensors at multiples of {} bytes",
                                      facts["tensors"].size(), count_of(facts, "alignment")));
    print_fact("", text_of(facts, "tensor_types_digest"));
    for (const Json &row : facts["types"]) {
        print_fact("", fmt::format("{} {}, {} parameters, {}", count_of(row, "tensors"),
                                   text_of(row, "type"), count_of(row, "parameters"),
                                   short_bytes(count_of(row, "bytes"))));
    }
}

void print_values(const Json &values) {
    if (values.is_null()) return;
    const uint64_t faulty = count_of(values, "faulty_tensors");
    if (faulty == 0) {
        print_fact("values", fmt::format("all {} are finite", count_of(values, "values")));
        return;
    }
    print_fact("values",
               fmt::format("{} NaN and {} infinite in {} tensors", count_of(values, "nan"),
                           count_of(values, "infinite"), faulty));
    for (const Json &fault : values["faults"]) {
        print_fact("", fmt::format("{}: {} NaN, {} infinite", text_of(fault, "tensor"),
                                   count_of(fault, "nan"), count_of(fault, "infinite")));
    }
    if (faulty > values["faults"].size()) print_fact("", "…");
}

void print_judgement(const char *name, const Json &obstacle) {
    if (obstacle.is_null()) return print_fact(name, "yes");
    const std::string subject = text_of(obstacle, "subject");
    print_fact(name, fmt::format("no: {}{}{}", subject, subject.empty() ? "" : ": ",
                                 text_of(obstacle, "message")));
    if (!text_of(obstacle, "hint").empty()) print_fact("", text_of(obstacle, "hint"));
}

}  // namespace

void print_gguf(const Json &facts) {
    fmt::print("GGUF version {}, {}, {} keys\n\n", count_of(facts, "format_version"),
               short_bytes(count_of(facts, "bytes")), count_of(facts, "keys"));
    print_fact("digest", facts["digest"].is_null() ? "not computed without --deep"
                                                   : text_of(facts, "digest"));
    print_fact("name", text_or_dash(facts, "name"));
    print_fact("license", text_or_dash(facts, "license"));
    print_fact("model",
               fmt::format("{} {}, {} parameters", text_or_dash(facts, "architecture"),
                           text_or_dash(facts, "quantization"), count_of(facts, "parameters")));
    if (facts["adapter"].is_null()) {
        print_tokenizer(facts["tokenizer"]);
    } else {
        print_adapter(facts["adapter"]);
    }
    print_fact("key", facts["compatibility_key"].is_null() ? "none: the file names no base"
                                                           : text_of(facts, "compatibility_key"));
    print_fact("context", fmt::format("{} tokens", count_of(facts, "context_length")));
    print_fact("labels", joined(facts["labels"]));
    print_weights(facts);
    print_values(facts["values"]);
    print_judgement("vetted", facts["doubt"]);
    if (!facts["doubt"].is_null())
        print_fact("", "nothing vouches for an engine that opens this file");
    print_judgement("runnable", facts["obstacle"]);
}

}  // namespace cli
