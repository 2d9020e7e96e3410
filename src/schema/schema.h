// SPDX-License-Identifier: Apache-2.0
// JSON Schema 2020-12, enforced or refused: a keyword that would not be checked is an error when
// the schema is compiled, never something that is skipped when an instance is validated.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace skillet {

// A compiled schema. Immutable; validate() may be called from several threads at once.
class Schema {
public:
    // SKL_E_SCHEMA_REFUSED with the keyword's JSON pointer (below `pointer`) for a keyword or value
    // outside the supported list (docs/formats/schema-keywords.md), also for `$ref`s that leave the
    // document. Annotations (title, description, examples, default, x-skillet-class …) are
    // accepted.
    static Result<Schema> compile(const json::Value &document, std::string_view pointer);

    Schema(Schema &&) noexcept;
    Schema &operator=(Schema &&) noexcept;
    ~Schema();

    // Fails with `code` for the first violation; the subject is the JSON pointer into the instance.
    // Work is bounded: an instance that needs more steps than the limit is not valid. Messages and
    // subjects show at most 200 bytes of the instance.
    [[nodiscard]] Result<void> validate(const json::Value &instance, Code code) const;

    // True only if it is proven that this schema accepts all that `narrower` accepts; false says
    // that there is no proof.
    [[nodiscard]] bool provably_includes(const Schema &narrower) const;

private:
    struct Compiled;
    explicit Schema(std::unique_ptr<const Compiled> compiled);
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace skillet
