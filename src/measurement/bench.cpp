// SPDX-License-Identifier: Apache-2.0
#include "measurement/bench.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "json/write.h"
#include "measurement/figures.h"

namespace skillet {
namespace {

constexpr const char *example_text =
    "Please send the minutes of the meeting on Thursday to everybody who could not be there.";

double ms_since(SteadyClock::time_point begin) {
    return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
}

Result<void> ask_all(std::vector<BenchSamples> &list, const Ask &ask, Phase &phase, bool counted) {
    for (BenchSamples &one : list) {
        SKL_TRY(phase.check());
        const auto begin = SteadyClock::now();
        auto answer = ask(one.input.text);
        const double took = ms_since(begin);
        if (!answer) {
            Error error = std::move(answer).error();
            error.message =
                error.subject.empty() ? error.message : error.subject + ": " + error.message;
            error.subject = one.input.name;
            return error;
        }
        if (counted) {
            one.total_ms.push_back(took);
            one.parts.push_back(answer->stats);
        }
        SKL_TRY(phase.advance(one.input.text.size()));
    }
    return {};
}

double median_of(const std::vector<RequestStats> &parts, double RequestStats::*member) {
    std::vector<double> values;
    for (const RequestStats &one : parts) values.push_back(one.*member);
    std::sort(values.begin(), values.end());
    return sample_quantile(values, 0.5);
}

json::Value row_json(const BenchSamples &one) {
    const RequestStats &last = one.parts.back();
    json::Object row{{"input", one.input.name},
                     {"bytes", uint64_t{one.input.text.size()}},
                     {"tokens", uint64_t{last.tokens}},
                     {"windows", uint64_t{last.windows}}};
    row.append("times", times_json(one.total_ms));
    row.append("median_parts_ms",
               json::Object{{"input", median_of(one.parts, &RequestStats::input_ms)},
                            {"tokenize", median_of(one.parts, &RequestStats::tokenize_ms)},
                            {"wait", median_of(one.parts, &RequestStats::wait_ms)},
                            {"compute", median_of(one.parts, &RequestStats::compute_ms)}});
    row.append("samples_ms", json::Array(one.total_ms.begin(), one.total_ms.end()));
    return row;
}

}  // namespace

Result<std::vector<BenchSamples>> run_bench(const std::vector<BenchInput> &inputs,
                                            const BenchRules &rules, const Ask &ask,
                                            const Work &work) {
    if (rules.samples == 0 || rules.samples > bench_rounds_max || rules.warmup > bench_rounds_max) {
        return make_error(
            SKL_E_INVALID_ARGUMENT,
            fmt::format("{} samples after {} rounds of warm-up; 1 to {} and 0 to {} "
                        "are possible",
                        rules.samples, rules.warmup, bench_rounds_max, bench_rounds_max));
    }
    if (inputs.empty() || inputs.size() > bench_inputs_max) {
        return make_error(SKL_E_INVALID_ARGUMENT, fmt::format("{} inputs; 1 to {} are possible",
                                                              inputs.size(), bench_inputs_max));
    }
    std::vector<BenchSamples> list;
    uint64_t bytes = 0;
    for (const BenchInput &input : inputs) {
        bytes += input.text.size();
        list.push_back({input, {}, {}});
    }
    const uint64_t rounds = uint64_t{rules.warmup} + rules.samples;
    Phase phase(work, "measure", bytes * rounds);
    for (uint64_t round = 0; round < rounds; ++round) {
        SKL_TRY(ask_all(list, ask, phase, round >= rules.warmup));
    }
    return list;
}

Result<BenchInput> example_input(const Package &package) {
    const json::Value &contract = package.skill.contract.json();
    const json::Value *properties = json::resolve(contract, "/input/properties");
    json::Object input;
    if (properties != nullptr && properties->object() != nullptr) {
        for (const auto &[name, schema] : *properties->object()) {
            const json::Value *type = json::resolve(schema, "/type");
            if (type == nullptr || *type != json::Value("string")) continue;
            input.append(name, example_text);
        }
    }
    const std::string text = json::compact(json::Value(std::move(input)));
    const auto accepted = package.skill.contract.accept_input(text);
    if (accepted) return BenchInput{"example", text};
    return make_error(
        SKL_E_INVALID_ARGUMENT,
        "there is no input, and none that follows from the contract: " + accepted.error().message,
        accepted.error().subject, "name a file with an input");
}

json::Value bench_document(const Package &package, const std::vector<BenchSamples> &samples,
                           const BenchRules &rules, double load_ms,
                           const Environment &environment) {
    const Skill &skill = package.skill;
    json::Array rows;
    for (const BenchSamples &one : samples) rows.push_back(row_json(one));
    return json::Object{
        {"schema", "skillet.bench/1"},
        {"skill", json::Object{{"id", skill.id}, {"version", skill.version.text()}}},
        {"package", package.descriptor.digest.to_string()},
        {"subject", subject_json(package)},
        {"method",
         json::Object{{"warmup", rules.warmup},
                      {"samples", rules.samples},
                      {"order", "one request at a time; each round asks every input once"},
                      {"clock", "monotonic, around the whole request"},
                      {"quantile", "nearest rank"}}},
        {"load_ms", load_ms},
        {"inputs", std::move(rows)},
        {"memory", json::Object{{"peak_resident_bytes", peak_resident_bytes()}}},
        {"environment", environment_json(environment)}};
}

}  // namespace skillet
