// SPDX-License-Identifier: Apache-2.0
#include "registry/ledger.h"

#include <array>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr std::string_view chain_name = "skillet.ledger/1";

// The columns in the order that read_row() and link() rely on.
constexpr std::string_view select_rows =
    "SELECT sequence, at, actor, \"trigger\", from_state, to_state, reason, digest, id, version, "
    "hash FROM ledger ";

void update_framed(Sha256 &hash, std::string_view text) {
    std::array<std::byte, 8> size;
    for (size_t i = 0; i < size.size(); ++i) {
        size[i] = static_cast<std::byte>((static_cast<uint64_t>(text.size()) >> (8 * i)) & 0xff);
    }
    hash.update(size);
    hash.update(text);
}

// The hash of a row: lengths in front of the fields, so that no text can move from one to another.
Digest link(const Digest &previous, const LedgerRow &row) {
    Sha256 hash;
    update_framed(hash, chain_name);
    update_framed(hash, previous.to_string());
    update_framed(hash, std::to_string(row.sequence));
    update_framed(hash, row.at);
    update_framed(hash, row.actor);
    update_framed(hash, row.trigger);
    update_framed(hash, row.from);
    update_framed(hash, row.to);
    update_framed(hash, row.reason);
    update_framed(hash, row.digest.to_string());
    update_framed(hash, row.id);
    update_framed(hash, row.version);
    return hash.finish();
}

Error broken(int64_t sequence, std::string_view why) {
    return make_error(SKL_E_STORE_CORRUPT, fmt::format("ledger entry {}: {}", sequence, why),
                      fmt::format("ledger/{}", sequence),
                      "someone or something changed the database; compare it with a backup");
}

// A row and the hash stored with it.
struct Link {
    LedgerRow row;
    Digest hash;
};

Result<Link> read_link(const Statement &statement) {
    const int64_t sequence = statement.integer(0);
    const Result<Digest> digest = Digest::parse(statement.text(7));
    const Result<Digest> hash = Digest::parse(statement.text(10));
    if (!digest || !hash) return broken(sequence, "holds something that is not a digest");
    return Link{
        {sequence, statement.text(1), statement.text(2), statement.text(3), statement.text(4),
         statement.text(5), statement.text(6), *digest, statement.text(8), statement.text(9)},
        *hash};
}

// Sequence number and hash of the last row; zeros before the first.
struct Head {
    int64_t sequence = 0;
    Digest hash;
};

Result<Head> read_head(const Database &database) {
    SKL_TRY_ASSIGN(
        last, database.prepare("SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1"));
    SKL_TRY_ASSIGN(found, last.step());
    if (!found) return Head{};
    const Result<Digest> hash = Digest::parse(last.text(1));
    if (!hash) return broken(last.integer(0), "holds something that is not a digest");
    return Head{last.integer(0), *hash};
}

}  // namespace

Result<void> Ledger::append(LedgerRow row) const {
    SKL_TRY_ASSIGN(head, read_head(database_));
    row.sequence = head.sequence + 1;
    SKL_TRY_ASSIGN(
        insert, database_.prepare("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return insert.bind(0, row.sequence)
        .bind(1, row.at)
        .bind(2, row.actor)
        .bind(3, row.trigger)
        .bind(4, row.from)
        .bind(5, row.to)
        .bind(6, row.reason)
        .bind(7, row.digest.to_string())
        .bind(8, row.id)
        .bind(9, row.version)
        .bind(10, link(head.hash, row).to_string())
        .run();
}

Result<std::vector<LedgerRow>> Ledger::history(std::string_view id) const {
    SKL_TRY_ASSIGN(statement,
                   database_.prepare(std::string(select_rows) + "WHERE id = ? ORDER BY sequence"));
    statement.bind(0, id);
    std::vector<LedgerRow> rows;
    for (;;) {
        SKL_TRY_ASSIGN(found, statement.step());
        if (!found) return rows;
        SKL_TRY_ASSIGN(entry, read_link(statement));
        rows.push_back(std::move(entry.row));
    }
}

Result<Statement> Ledger::query_length() const {
    return database_.prepare("SELECT ifnull(max(sequence), 0) FROM ledger");
}

Result<std::map<Digest, std::string>> Ledger::verify() const {
    SKL_TRY_ASSIGN(statement, database_.prepare(std::string(select_rows) + "ORDER BY sequence"));
    std::map<Digest, std::string> states;
    Head head;
    for (;;) {
        SKL_TRY_ASSIGN(found, statement.step());
        if (!found) break;
        SKL_TRY_ASSIGN(entry, read_link(statement));
        const LedgerRow &row = entry.row;
        if (row.sequence != head.sequence + 1) {
            return broken(row.sequence, fmt::format("follows entry {}", head.sequence));
        }
        if (link(head.hash, row) != entry.hash) {
            return broken(row.sequence, "its hash does not fit its content and the entry before");
        }
        std::string &state = states[row.digest];
        if (row.from != state) {
            return broken(row.sequence, fmt::format("starts from '{}', but the package was '{}'",
                                                    row.from, state));
        }
        state = row.to;
        head = {row.sequence, entry.hash};
    }
    std::erase_if(states, [](const auto &entry) { return entry.second.empty(); });
    return states;
}

}  // namespace skillet
