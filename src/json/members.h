// SPDX-License-Identifier: Apache-2.0
// Reading an object whose members are all known: each read is typed and remembered, and done()
// refuses what nobody read. One reader makes every document of ours strict in the same way.
//
//     MemberReader reader(value, "/contract", SKL_E_MANIFEST_INVALID);
//     auto task = reader.string("task");      // Result<std::string>
//     SKL_TRY(reader.done());                 // refuses unknown members by JSON pointer
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace skillet::json {

class MemberReader {
public:
    // `value` must outlive the reader. Errors carry `code` and the member's JSON pointer.
    MemberReader(const Value &value, std::string pointer, Code code);

    // Required members: absent or of another type is an error.
    [[nodiscard]] Result<std::string> string(std::string_view name);
    // Refuses values outside [min, max].
    [[nodiscard]] Result<int64_t> integer(std::string_view name, int64_t min, int64_t max);
    [[nodiscard]] Result<double> number(std::string_view name, double min, double max);
    [[nodiscard]] Result<bool> boolean(std::string_view name);
    [[nodiscard]] Result<std::vector<std::string>> strings(std::string_view name);
    [[nodiscard]] Result<const Value *> any(std::string_view name);
    // The pointer stays valid as long as the value read from.
    [[nodiscard]] Result<const Object *> object(std::string_view name);
    [[nodiscard]] Result<const Array *> array(std::string_view name);

    // Optional member: null pointer if absent.
    [[nodiscard]] const Value *optional(std::string_view name);
    // Optional string: `otherwise` if absent; an error if present and not a string.
    [[nodiscard]] Result<std::string> string_or(std::string_view name, std::string_view otherwise);

    // Fails if the value was no object, or names the first member nobody asked for.
    [[nodiscard]] Result<void> done() const;

    // The JSON pointer of a member.
    [[nodiscard]] std::string pointer(std::string_view name) const;
    // An error about a member, with this reader's code.
    [[nodiscard]] Error refuse(std::string_view name, std::string_view message) const;

private:
    const Object *object_;
    std::string pointer_;
    Code code_;
    std::set<std::string, std::less<>> read_;
};

}  // namespace skillet::json
