// SPDX-License-Identifier: Apache-2.0
// The append-only record of every persistent change, chained by hashes (docs/formats/database.md).
//
// A view on a Database, which must outlive it; threads are its owner's business.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"

namespace skillet {

struct LedgerRow {
    int64_t sequence = 0;
    std::string at;     // UTC, ISO 8601
    std::string actor;  // who
    std::string trigger;
    std::string from;  // empty: did not exist
    std::string to;    // empty: removed
    std::string reason;
    Digest digest;
    std::string id;
    std::string version;
};

class Ledger {
public:
    explicit Ledger(const Database &database) : database_(database) {}

    // Gives the row the next sequence number and the next hash.
    // REQUIRES: inside a transaction, the one that makes the change.
    [[nodiscard]] Result<void> append(LedgerRow row) const;

    [[nodiscard]] Result<std::vector<LedgerRow>> history(std::string_view id) const;
    // A query for the sequence number of the last row; 0 if there is none.
    [[nodiscard]] Result<Statement> query_length() const;

    // Recomputes every hash and follows every package from state to state. Gives the name of the
    // state that each package should be in now, or SKL_E_STORE_CORRUPT naming the first row that
    // does not fit.
    [[nodiscard]] Result<std::map<Digest, std::string>> verify() const;

private:
    const Database &database_;
};

}  // namespace skillet
