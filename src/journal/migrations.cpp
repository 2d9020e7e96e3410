// SPDX-License-Identifier: Apache-2.0
#include "journal/migrations.h"

#include <array>

namespace skillet {
namespace {

// The insert trigger of the ledger is what stops INSERT OR REPLACE, which fires no delete trigger.
constexpr const char *version_1 = R"sql(
CREATE TABLE binding (
    digest  TEXT NOT NULL PRIMARY KEY,
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (id, version)
) STRICT;

CREATE TRIGGER binding_is_never_changed BEFORE UPDATE ON binding
BEGIN SELECT RAISE(ABORT, 'a binding is for ever'); END;
CREATE TRIGGER binding_is_never_deleted BEFORE DELETE ON binding
BEGIN SELECT RAISE(ABORT, 'a binding is for ever'); END;

CREATE TABLE package (
    digest       TEXT NOT NULL PRIMARY KEY REFERENCES binding (digest),
    state        TEXT NOT NULL CHECK (state IN
                     ('installed', 'verified', 'suspended', 'retired', 'quarantined')),
    state_reason TEXT NOT NULL,
    bytes        INTEGER NOT NULL CHECK (bytes >= 0),
    installed_at TEXT NOT NULL
) STRICT;

CREATE TABLE package_blob (
    package TEXT NOT NULL REFERENCES package (digest) ON DELETE CASCADE,
    blob    TEXT NOT NULL,
    bytes   INTEGER NOT NULL CHECK (bytes >= 0),
    artifact_type TEXT NOT NULL,
    PRIMARY KEY (package, blob)
) STRICT, WITHOUT ROWID;
CREATE INDEX package_blob_by_blob ON package_blob (blob);

CREATE TABLE serving (
    id      TEXT NOT NULL PRIMARY KEY,
    package TEXT NOT NULL UNIQUE REFERENCES package (digest)
) STRICT;

CREATE TABLE ledger (
    sequence   INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    "trigger"  TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    id         TEXT NOT NULL,
    version    TEXT NOT NULL,
    hash       TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_by_id ON ledger (id, sequence);

CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_never_deleted BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_grows_by_one BEFORE INSERT ON ledger
WHEN NEW.sequence IS NOT (SELECT ifnull(max(sequence), 0) + 1 FROM ledger)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
)sql";

// Packages of a version 1 have no relations: its readers refused a skill.json that had some.
constexpr const char *version_2 = R"sql(
CREATE TABLE relation (
    package  TEXT NOT NULL REFERENCES package (digest) ON DELETE CASCADE,
    kind     TEXT NOT NULL CHECK (kind IN ('depends', 'conflicts', 'replaces')),
    position INTEGER NOT NULL,
    id       TEXT NOT NULL,
    versions TEXT NOT NULL,
    digest   TEXT NOT NULL,
    PRIMARY KEY (package, kind, position)
) STRICT, WITHOUT ROWID;
)sql";

// Nothing was rolled back before, and no cause was kept.
constexpr const char *version_3 = R"sql(
ALTER TABLE package ADD COLUMN state_code INTEGER NOT NULL DEFAULT 0;
ALTER TABLE package ADD COLUMN held_back INTEGER NOT NULL DEFAULT 0 CHECK (held_back IN (0, 1));

CREATE TABLE known_good (
    name     TEXT NOT NULL PRIMARY KEY,
    saved_at TEXT NOT NULL,
    reason   TEXT NOT NULL
) STRICT;

CREATE TABLE known_good_member (
    name    TEXT NOT NULL REFERENCES known_good (name) ON DELETE CASCADE,
    package TEXT NOT NULL REFERENCES package (digest),
    PRIMARY KEY (name, package)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_good_by_package ON known_good_member (package);
)sql";

constexpr auto steps = std::to_array<const char *>({version_1, version_2, version_3});

}  // namespace

std::span<const char *const> migrations() { return steps; }

}  // namespace skillet
