// SPDX-License-Identifier: Apache-2.0
#include "author/inspect_gguf.h"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "compat/key.h"
#include "gguf/adapter.h"
#include "gguf/facts.h"
#include "gguf/file.h"
#include "gguf/tensor_values.h"

namespace skillet {
namespace {

// A larger file is hashed only if somebody asks: inspecting shall not take longer than a blink.
constexpr uint64_t hashed_bytes_max = 64u << 20;

const char *type_name(const gguf::Tensor &tensor) { return gguf::tensor_type(tensor.type)->name; }

json::Value tensors_json(const gguf::File &file) {
    json::Array tensors;
    for (const gguf::Tensor &tensor : file.tensors) {
        json::Array shape;
        for (const uint64_t extent : tensor.shape) shape.emplace_back(extent);
        tensors.push_back(json::Object{{"name", tensor.name},
                                       {"type", type_name(tensor)},
                                       {"shape", std::move(shape)},
                                       {"bytes", tensor.bytes}});
    }
    return tensors;
}

// How many tensors of each type there are, and what they hold together.
json::Value types_json(const gguf::File &file) {
    struct Row {
        uint64_t tensors = 0;
        uint64_t parameters = 0;
        uint64_t bytes = 0;
    };
    std::map<std::string_view, Row> rows;
    for (const gguf::Tensor &tensor : file.tensors) {
        Row &row = rows[type_name(tensor)];
        ++row.tensors;
        row.parameters += tensor.elements();
        row.bytes += tensor.bytes;
    }
    json::Array types;
    for (const auto &[name, row] : rows) {
        types.push_back(json::Object{{"type", name},
                                     {"tensors", row.tensors},
                                     {"parameters", row.parameters},
                                     {"bytes", row.bytes}});
    }
    return types;
}

json::Value obstacle_json(const Result<void> &outcome) {
    if (outcome) return {};
    return json::Object{{"message", outcome.error().message},
                        {"subject", outcome.error().subject},
                        {"hint", outcome.error().hint}};
}

json::Value values_json(const gguf::ValueScan &scan) {
    json::Array faults;
    for (const gguf::TensorFault &fault : scan.faults) {
        faults.push_back(json::Object{
            {"tensor", fault.tensor}, {"nan", fault.nan}, {"infinite", fault.infinite}});
    }
    return json::Object{{"tensors", scan.tensors},
                        {"values", scan.values},
                        {"nan", scan.nan},
                        {"infinite", scan.infinite},
                        {"faulty_tensors", scan.faulty_tensors},
                        {"faults", std::move(faults)}};
}

json::Value optional_json(const std::optional<Digest> &digest) {
    return digest ? json::Value(digest->to_string()) : json::Value();
}

class Inspection {
public:
    Inspection(const ByteSource &source, const InspectOptions &options, const Work &work)
        : source_(source), options_(options), work_(work) {}

    Result<json::Value> run();

private:
    Result<void> go_deep();
    Result<void> hash();
    [[nodiscard]] Result<void> check_values() const;
    [[nodiscard]] Result<void> check_vetted() const;
    [[nodiscard]] Result<void> runnable() const;
    [[nodiscard]] json::Value adapter_json() const;
    [[nodiscard]] json::Value key_json() const;

    const ByteSource &source_;
    const InspectOptions &options_;
    const Work &work_;
    gguf::File file_;
    gguf::Facts facts_;
    std::optional<Result<gguf::AdapterFacts>> adapter_;  // if the file says that it is one
    std::optional<gguf::ValueScan> values_;
    std::optional<Digest> digest_;
};

Result<void> Inspection::go_deep() {
    Phase phase(work_, "scan", gguf::bytes_to_scan(file_));
    SKL_TRY_ASSIGN(values, gguf::scan_values(source_, file_, phase));
    values_ = std::move(values);
    return {};
}

Result<void> Inspection::hash() {
    Phase phase(work_, "hash", source_.size());
    SKL_TRY_ASSIGN(digest, sha256(source_, phase));
    digest_ = digest;
    return {};
}

Result<void> Inspection::check_values() const {
    if (!values_ || values_->finite()) return {};
    return make_error(SKL_E_MALFORMED_ARTIFACT,
                      fmt::format("{} values are NaN and {} infinite, in {} tensors", values_->nan,
                                  values_->infinite, values_->faulty_tensors),
                      values_->faults.front().tensor, "convert the model anew from sound weights");
}

// An adapter is read by other code of the engine, whose demands are those of its facts.
Result<void> Inspection::check_vetted() const {
    if (!adapter_) return gguf::check_vetted(source_, file_, facts_);
    return *adapter_ ? Result<void>() : adapter_->error();
}

json::Value Inspection::adapter_json() const {
    if (!adapter_ || !*adapter_) return {};
    const gguf::AdapterFacts &facts = **adapter_;
    return json::Object{
        {"rank", facts.rank},
        {"alpha", facts.alpha},
        {"target_modules", json::Array(facts.target_modules.begin(), facts.target_modules.end())},
        {"tensors_digest", facts.tensors_digest.to_string()},
        {"precision", facts.precision}};
}

// An adapter's key depends on its base, which the file does not name.
json::Value Inspection::key_json() const {
    return adapter_ ? json::Value() : json::Value(key_of(facts_).digest.to_string());
}

Result<void> Inspection::runnable() const {
    if (adapter_) {
        SKL_TRY(check_vetted());
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "an adapter is nothing without its base",
                          "general.type",
                          "pack it for its base: `skillet init ADAPTER --base BASE`");
    }
    SKL_TRY(gguf::check_runnable(source_, file_, facts_));
    return check_values();
}

Result<json::Value> Inspection::run() {
    SKL_TRY_ASSIGN(file, gguf::read(source_));
    file_ = std::move(file);
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(source_, file_));
    facts_ = std::move(facts);
    if (gguf::is_adapter(file_)) adapter_ = gguf::derive_adapter_facts(file_);
    const Result<void> vetted = check_vetted();
    if (!vetted && !options_.any_architecture) return vetted.error();
    if (options_.deep) SKL_TRY(go_deep());
    if (options_.deep || source_.size() <= hashed_bytes_max) SKL_TRY(hash());
    const auto runs = runnable();
    return json::Value(json::Object{
        {"schema", "skillet.gguf/1"},
        {"digest", optional_json(digest_)},
        {"bytes", source_.size()},
        {"format_version", facts_.format_version},
        {"alignment", file_.alignment},
        {"keys", file_.entries.size()},
        {"name", facts_.name},
        {"license", facts_.license},
        {"architecture", facts_.architecture},
        {"quantization", facts_.quantization_label},
        {"parameters", facts_.parameters},
        {"tensor_types_digest", facts_.tensor_types_digest.to_string()},
        {"types", types_json(file_)},
        {"tokenizer",
         json::Object{{"id", facts_.tokenizer_id},
                      {"digest", facts_.tokenizer_digest.to_string()},
                      {"tokens", facts_.vocabulary_size},
                      {"chat_template_digest", optional_json(facts_.chat_template_digest)}}},
        {"context_length", facts_.context_length},
        {"labels", json::Array(facts_.labels.begin(), facts_.labels.end())},
        {"adapter", adapter_json()},
        {"compatibility_key", key_json()},
        {"has_weights", !file_.tensors.empty()},
        {"vetted", vetted.has_value()},
        {"doubt", obstacle_json(vetted)},
        {"runnable", runs.has_value()},
        {"obstacle", obstacle_json(runs)},
        {"values", values_ ? values_json(*values_) : json::Value()},
        {"tensors", tensors_json(file_)}});
}

}  // namespace

Result<json::Value> inspect_gguf(const ByteSource &file, const InspectOptions &options,
                                 const Work &work) {
    return Inspection(file, options, work).run();
}

}  // namespace skillet
