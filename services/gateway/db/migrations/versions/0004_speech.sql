CREATE TABLE pronunciations (
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    folded text NOT NULL,
    word text NOT NULL,
    ipa text NOT NULL,
    respelling text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, folded),
    CHECK ((ipa = '') <> (respelling = ''))
);

CREATE TABLE effect_chains (
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL,
    steps jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, name)
);
