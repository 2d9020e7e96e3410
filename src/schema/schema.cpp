// SPDX-License-Identifier: Apache-2.0
#include "schema/schema.h"

#include "schema/compiler.h"
#include "schema/evaluation.h"
#include "schema/inclusion.h"

namespace skillet {

struct Schema::Compiled {
    schema::Nodes nodes;
};

Schema::Schema(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Schema::Schema(Schema &&) noexcept = default;
Schema &Schema::operator=(Schema &&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(const json::Value &document, std::string_view pointer) {
    SKL_TRY_ASSIGN(nodes, schema::compile(document, pointer));
    return Schema(std::make_unique<const Compiled>(Compiled{std::move(nodes)}));
}

Result<void> Schema::validate(const json::Value &instance, Code code) const {
    auto violation = schema::evaluate(compiled_->nodes, instance);
    if (!violation) return {};
    return make_error(code, std::move(violation->message), std::move(violation->pointer),
                      "change the value so that it satisfies the schema");
}

bool Schema::provably_includes(const Schema &narrower) const {
    return schema::provably_includes(compiled_->nodes, narrower.compiled_->nodes);
}

}  // namespace skillet
