// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/measure.h>

#include <chrono>

#include "capi/boundary.h"
#include "measurement/bench.h"
#include "measurement/calibrate.h"
#include "measurement/evaluate.h"
#include "registry/registry.h"

using namespace skillet;

namespace {

constexpr size_t day_bytes = 10;  // of "2026-11-23T…"

Result<void> check_has_labels(const Package &package) {
    if (package.skill.contract.labels().size() > 1) return {};
    return make_error(SKL_E_FORMAT_UNSUPPORTED,
                      "its answers are no labels, and only those can be compared with cases",
                      package.skill.id, "`skillet bench` times any skill");
}

Ask ask_of(const std::shared_ptr<SkillHandle> &skill, const Work &work) {
    return
        [skill, stop = work.stop](const std::string &input) { return skill->invoke(input, stop); };
}

Result<Environment> environment_of(SkillHandle &skill) {
    SKL_TRY_ASSIGN(engine, skill.runtime().engine());
    return environment_here(engine->build(), std::string("skillet ") + skl_version());
}

struct MeasuredCases {
    CaseFile file;
    Measured measured;
};

Result<MeasuredCases> measure_cases(const std::shared_ptr<SkillHandle> &skill,
                                    const char *cases_path, const Work &work) {
    SKL_TRY_ASSIGN(path, text_argument(cases_path, "cases_path"));
    SKL_TRY(check_has_labels(skill->package()));
    SKL_TRY_ASSIGN(file, read_cases(path, skill->package().skill.contract.labels()));
    SKL_TRY(skill->load({work.stop, {}}));
    SKL_TRY_ASSIGN(measured, measure(file, path, ask_of(skill, work), work));
    return MeasuredCases{std::move(file), std::move(measured)};
}

// Without an answer of its own for 0 and for what is no number.
Result<CalibrateRules> rules_of(const skl_calibrate_options &options) {
    CalibrateRules rules;
    if (options.target_error != 0) rules.target_error = options.target_error;
    if (!(rules.target_error > 0 && rules.target_error < 1)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "target_error must be above 0 and below 1",
                          "target_error", "0.01 is one wrong answer in a hundred");
    }
    rules.split.seed = options.seed;
    SKL_TRY_ASSIGN(fit_on, optional_text(options.fit_on, "fit_on"));
    rules.split.fit_on = std::move(fit_on);
    return rules;
}

Result<std::vector<BenchInput>> inputs_of(const skl_bench_options &options,
                                          const Package &package) {
    std::vector<BenchInput> inputs;
    if (options.input_count == 0) {
        SKL_TRY_ASSIGN(example, example_input(package));
        inputs.push_back(std::move(example));
        return inputs;
    }
    SKL_TRY(require(options.inputs, "inputs"));
    for (size_t i = 0; i < std::min(options.input_count, bench_inputs_max + 1); ++i) {
        const skl_bench_input &input = options.inputs[i];
        SKL_TRY_ASSIGN(name, text_argument(input.name, "inputs.name"));
        SKL_TRY(require(input.text, "inputs.text"));
        inputs.push_back({std::move(name), std::string(input.text, input.size)});
    }
    return inputs;
}

// A document that is given to the caller only if everything else succeeds.
class NewDocument {
public:
    explicit NewDocument(const json::Value &value) : handle_(make_document(value)) {}
    NewDocument(const NewDocument &) = delete;
    NewDocument &operator=(const NewDocument &) = delete;
    ~NewDocument() { skl_document_free(handle_); }

    [[nodiscard]] skl_document release() { return std::exchange(handle_, {}); }

private:
    skl_document handle_;
};

Result<double> timed_load(SkillHandle &skill, const Work &work) {
    const auto begin = SteadyClock::now();
    SKL_TRY(skill.load({work.stop, {}}));
    return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
}

}  // namespace

skl_status skl_measure_calibrate(skl_module module, const char *cases_path,
                                 const skl_calibrate_options *options, skl_document *out,
                                 skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(skill, find(module));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(rules, rules_of(known));
        SKL_TRY_ASSIGN(work, work_of(known.work));
        SKL_TRY_ASSIGN(cases, measure_cases(skill, cases_path, work));
        SKL_TRY_ASSIGN(document,
                       calibration_document(skill->package(), cases.file, cases.measured, rules));
        *out = make_document(document);
        return {};
    });
}

skl_status skl_measure_evaluate(skl_module module, const char *cases_path,
                                const skl_work_options *work_options, skl_document *out,
                                skl_document *evidence, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(skill, find(module));
        SKL_TRY_ASSIGN(work, work_of(work_options));
        SKL_TRY_ASSIGN(cases, measure_cases(skill, cases_path, work));
        SKL_TRY_ASSIGN(environment, environment_of(*skill));
        const json::Value document =
            evaluation_document(skill->package(), cases.file, cases.measured, environment);
        if (evidence == nullptr) {
            *out = make_document(document);
            return {};
        }
        const std::string today = utc_now().substr(0, day_bytes);
        // Both or none.
        NewDocument proof(evaluation_evidence(document, skill->runtime().actor(),
                                              utc_now().substr(0, day_bytes)));
        *out = make_document(document);
        *evidence = proof.release();
        return {};
    });
}

skl_status skl_measure_bench(skl_module module, const skl_bench_options *options, skl_document *out,
                             skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(skill, find(module));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(work, work_of(known.work));
        SKL_TRY_ASSIGN(inputs, inputs_of(known, skill->package()));
        BenchRules rules;
        rules.warmup = known.warmup;
        if (known.samples != 0) rules.samples = known.samples;
        SKL_TRY_ASSIGN(load_ms, timed_load(*skill, work));
        SKL_TRY_ASSIGN(samples, run_bench(inputs, rules, ask_of(skill, work), work));
        SKL_TRY_ASSIGN(environment, environment_of(*skill));
        *out =
            make_document(bench_document(skill->package(), samples, rules, load_ms, environment));
        return {};
    });
}
