// SPDX-License-Identifier: Apache-2.0
#include "comparison/tensor_diff.h"

#include <algorithm>
#include <map>
#include <span>

#include <fmt/format.h>

namespace skillet {
namespace {

std::string describe(const gguf::Tensor &tensor) {
    return fmt::format("{} {}", gguf::tensor_type(tensor.type)->name,
                       fmt::join(tensor.shape, " x "));
}

class TensorComparison {
public:
    TensorComparison(const Side &from, const Side &to, const Work &work, Diff &diff)
        : from_(from), to_(to), phase_(work, "compare", from.bytes.size()), diff_(diff) {}

    Result<void> run() {
        std::map<std::string_view, const gguf::Tensor *> added;
        for (const gguf::Tensor &tensor : to_.file().tensors) added.emplace(tensor.name, &tensor);
        for (const gguf::Tensor &tensor : from_.file().tensors) {
            const auto found = added.find(tensor.name);
            if (found == added.end()) {
                add(Rule::tensor_removed, tensor.name, describe(tensor), "");
                continue;
            }
            SKL_TRY(compare(tensor, *found->second));
            added.erase(found);
        }
        for (const auto &[name, tensor] : added) {
            add(Rule::tensor_added, tensor->name, "", describe(*tensor));
        }
        return {};
    }

private:
    void add(Rule rule, const std::string &name, std::string from, std::string to) {
        if (listed_ == tensors_listed_max) {
            ++diff_.tensors_left_out;
            return;
        }
        ++listed_;
        diff_.changes.push_back({rule, name, std::move(from), std::move(to)});
    }

    Result<void> compare(const gguf::Tensor &from, const gguf::Tensor &to) {
        if (from.shape != to.shape || from.type != to.type) {
            add(from.shape != to.shape ? Rule::tensor_shape : Rule::tensor_type, from.name,
                describe(from), describe(to));
            return {};
        }
        SKL_TRY_ASSIGN(same, same_bytes(from, to));
        if (!same) add(Rule::tensor_values, from.name, describe(from), describe(to));
        return {};
    }

    Result<bool> same_bytes(const gguf::Tensor &from, const gguf::Tensor &to) {
        constexpr uint64_t piece = 256u << 10;
        from_bytes_.resize(piece);
        to_bytes_.resize(piece);
        for (uint64_t at = 0; at < from.bytes; at += piece) {
            const size_t size = std::min(piece, from.bytes - at);
            const auto one = std::span(from_bytes_).first(size);
            const auto other = std::span(to_bytes_).first(size);
            SKL_TRY(from_.bytes.read_at(from_.file().data_offset + from.offset + at, one));
            SKL_TRY(to_.bytes.read_at(to_.file().data_offset + to.offset + at, other));
            SKL_TRY(phase_.advance(size));
            if (!std::equal(one.begin(), one.end(), other.begin())) return false;
        }
        return true;
    }

    const Side &from_;
    const Side &to_;
    Phase phase_;
    Diff &diff_;
    size_t listed_ = 0;
    std::vector<std::byte> from_bytes_;
    std::vector<std::byte> to_bytes_;
};

}  // namespace

Result<void> compare_tensors(const Side &from, const Side &to, const Work &work, Diff &diff) {
    return TensorComparison(from, to, work, diff).run();
}

}  // namespace skillet
