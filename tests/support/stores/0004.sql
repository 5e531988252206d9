-- A store as a Headway of the revision 0004 left it: three characters and a story.
CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) );
CREATE VIRTUAL TABLE job_search USING fts5(text, tokenize='trigram');
CREATE TABLE attempts ( job_id TEXT NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL, worker TEXT, host TEXT, started_at TEXT, ended_at TEXT, peak_memory_bytes BIGINT, error_type TEXT, error_message TEXT, error_traceback TEXT, pid INTEGER, birth TEXT, PRIMARY KEY (job_id, number) );
CREATE TABLE log_lines ( job_id TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (job_id, number) );
CREATE TABLE characters ( id TEXT NOT NULL, job_id TEXT NOT NULL, name TEXT NOT NULL, age INTEGER NOT NULL, gender TEXT NOT NULL, personality_profile TEXT NOT NULL, art_style TEXT NOT NULL, user_id TEXT, created_at TEXT NOT NULL, PRIMARY KEY (id) );
CREATE INDEX characters_by_age ON characters (created_at, id);
CREATE TABLE stories ( id TEXT NOT NULL, job_id TEXT NOT NULL, character_id TEXT NOT NULL, character_name TEXT NOT NULL, theme TEXT NOT NULL, length TEXT NOT NULL, title TEXT NOT NULL, chapters TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (id) );
CREATE INDEX stories_by_age ON stories (created_at, id);
CREATE TABLE workers ( name TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, place TEXT NOT NULL, birth TEXT, queue TEXT NOT NULL, memory_bytes BIGINT, started_at TEXT NOT NULL, heartbeat_at TEXT NOT NULL, ended_at TEXT, PRIMARY KEY (name) );
CREATE TABLE counter ( id INTEGER NOT NULL, seq BIGINT NOT NULL, epoch TEXT NOT NULL, PRIMARY KEY (id) );
CREATE TABLE moments ( job_id TEXT NOT NULL, seq BIGINT NOT NULL, at TEXT NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL, stalled BOOLEAN NOT NULL, step INTEGER, steps INTEGER, step_name TEXT, PRIMARY KEY (job_id, seq) );
CREATE TABLE uploads ( name TEXT NOT NULL, job_id TEXT NOT NULL, PRIMARY KEY (name) );
CREATE INDEX uploads_by_job ON uploads (job_id);
CREATE TABLE artifacts ( job_id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, bytes BIGINT NOT NULL, PRIMARY KEY (job_id, number) );
CREATE UNIQUE INDEX artifacts_by_name ON artifacts (job_id, name);
CREATE TABLE jobs ( id TEXT NOT NULL, origin TEXT DEFAULT 'headway' NOT NULL, kind TEXT NOT NULL, queue TEXT NOT NULL, owner TEXT, title TEXT NOT NULL, status TEXT NOT NULL, seq BIGINT NOT NULL, attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, progress FLOAT, message TEXT NOT NULL, step INTEGER, steps INTEGER, step_name TEXT, eta_seconds FLOAT, error_type TEXT, error_message TEXT, worker TEXT, stalled BOOLEAN NOT NULL, log_lines INTEGER NOT NULL, artifact_count INTEGER NOT NULL, result_bytes INTEGER, since TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, run_at TEXT, stop_by TEXT, idempotency_key TEXT, search_id BIGINT, deleted BOOLEAN NOT NULL, fingerprint TEXT, params TEXT NOT NULL, arguments TEXT, error_traceback TEXT, result TEXT, PRIMARY KEY (id) );
CREATE INDEX jobs_by_seq ON jobs (seq);
CREATE UNIQUE INDEX jobs_by_key ON jobs (idempotency_key);
CREATE INDEX jobs_by_search ON jobs (search_id);
CREATE INDEX jobs_by_end ON jobs (deleted, ended_at);
CREATE INDEX jobs_by_age ON jobs (deleted, created_at, id);
CREATE INDEX jobs_by_status ON jobs (deleted, status, since, id);
CREATE INDEX jobs_by_kind ON jobs (deleted, kind, created_at, id);
CREATE INDEX jobs_by_queue ON jobs (deleted, queue, created_at, id);
CREATE INDEX jobs_by_worker ON jobs (worker) WHERE status = 'started';
INSERT INTO alembic_version (version_num) VALUES ('0004');
INSERT INTO job_search (rowid, text) VALUES (1, 'Portrait of Ada
character_generation
{"name":"Ada","age":36}
');
INSERT INTO job_search (rowid, text) VALUES (9, 'Portrait of Cy
character_generation
{"name":"Cy"}
');
INSERT INTO job_search (rowid, text) VALUES (10, 'A short story of hope
story_generation
{"theme":"hope"}
');
INSERT INTO attempts (job_id, number, status, worker, host, started_at, ended_at, peak_memory_bytes, error_type, error_message, error_traceback, pid, birth) VALUES ('01970000-0000-7000-8000-000000000001', 1, 'finished', 'a-worker', 'a-host', '2026-11-27T10:45:06.704023Z', '2026-11-27T10:45:06.714521Z', NULL, NULL, NULL, NULL, 1651, NULL);
INSERT INTO attempts (job_id, number, status, worker, host, started_at, ended_at, peak_memory_bytes, error_type, error_message, error_traceback, pid, birth) VALUES ('01970000-0000-7000-8000-000000000004', 1, 'finished', 'a-worker', 'a-host', '2026-11-27T10:45:06.739257Z', '2026-11-27T10:45:06.740047Z', NULL, NULL, NULL, NULL, 1651, NULL);
INSERT INTO characters (id, job_id, name, age, gender, personality_profile, art_style, user_id, created_at) VALUES ('ada', '01970000-0000-7000-8000-000000000001', 'Ada', 36, 'female', 'Curious', 'oil', NULL, '2026-01-01T00:00:01.000000Z');
INSERT INTO characters (id, job_id, name, age, gender, personality_profile, art_style, user_id, created_at) VALUES ('bo', '01970000-0000-7000-8000-000000000002', 'Bo', 70, '', '', 'pencil', 'me', '2026-01-01T00:00:02.000000Z');
INSERT INTO characters (id, job_id, name, age, gender, personality_profile, art_style, user_id, created_at) VALUES ('cy', '01970000-0000-7000-8000-000000000003', 'Cy', 1, '', '', 'cartoon', NULL, '2026-01-01T00:00:03.000000Z');
INSERT INTO stories (id, job_id, character_id, character_name, theme, length, title, chapters, created_at) VALUES ('tale', '01970000-0000-7000-8000-000000000004', 'ada', 'Ada', 'hope', 'short', 'Ada and the Sea', '[{"number":1,"title":"The Harbour","text":"Once.\n\nTwice."}]', '2026-01-01T00:00:04.000000Z');
INSERT INTO counter (id, seq, epoch) VALUES (1, 12, '4a491280');
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000001', 1, '2026-11-27T10:45:06.692604Z', 1, 'queued', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000001', 2, '2026-11-27T10:45:06.704125Z', 1, 'started', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000001', 4, '2026-11-27T10:45:06.714521Z', 1, 'finished', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000003', 9, '2026-11-27T10:45:06.731405Z', 1, 'queued', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000004', 10, '2026-11-27T10:45:06.735393Z', 1, 'queued', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000004', 11, '2026-11-27T10:45:06.739350Z', 1, 'started', 0, NULL, NULL, NULL);
INSERT INTO moments (job_id, seq, at, attempt, status, stalled, step, steps, step_name) VALUES ('01970000-0000-7000-8000-000000000004', 12, '2026-11-27T10:45:06.740047Z', 1, 'finished', 0, NULL, NULL, NULL);
INSERT INTO artifacts (job_id, number, name, type, bytes) VALUES ('01970000-0000-7000-8000-000000000001', 1, 'portrait.png', 'image/png', 3);
INSERT INTO artifacts (job_id, number, name, type, bytes) VALUES ('01970000-0000-7000-8000-000000000001', 2, 'thumbnail.png', 'image/png', 3);
INSERT INTO jobs (id, origin, kind, queue, owner, title, status, seq, attempt, max_attempts, progress, message, step, steps, step_name, eta_seconds, error_type, error_message, worker, stalled, log_lines, artifact_count, result_bytes, since, created_at, updated_at, started_at, ended_at, run_at, stop_by, idempotency_key, search_id, deleted, fingerprint, params, arguments, error_traceback, result) VALUES ('01970000-0000-7000-8000-000000000001', 'headway', 'character_generation', 'character_generation', NULL, 'Portrait of Ada', 'finished', 4, 1, 2, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, 'a-worker', 0, 0, 2, 32, '2026-11-27T10:45:06.714521Z', '2026-11-27T10:45:06.692574Z', '2026-11-27T10:45:06.714615Z', '2026-11-27T10:45:06.704023Z', '2026-11-27T10:45:06.714521Z', NULL, NULL, NULL, 1, 0, NULL, '{"name":"Ada","age":36}', NULL, NULL, '{"caption":"Red hair, a smile."}');
INSERT INTO jobs (id, origin, kind, queue, owner, title, status, seq, attempt, max_attempts, progress, message, step, steps, step_name, eta_seconds, error_type, error_message, worker, stalled, log_lines, artifact_count, result_bytes, since, created_at, updated_at, started_at, ended_at, run_at, stop_by, idempotency_key, search_id, deleted, fingerprint, params, arguments, error_traceback, result) VALUES ('01970000-0000-7000-8000-000000000002', 'headway', 'character_generation', 'character_generation', NULL, 'Portrait of Bo', 'finished', 8, 1, 2, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, 'a-worker', 0, 0, 0, NULL, '2026-11-27T10:45:06.723739Z', '2026-11-27T10:45:06.719393Z', '2026-11-27T10:45:06.727416Z', '2026-11-27T10:45:06.723399Z', '2026-11-27T10:45:06.723739Z', NULL, NULL, NULL, 5, 1, NULL, '{}', NULL, NULL, NULL);
INSERT INTO jobs (id, origin, kind, queue, owner, title, status, seq, attempt, max_attempts, progress, message, step, steps, step_name, eta_seconds, error_type, error_message, worker, stalled, log_lines, artifact_count, result_bytes, since, created_at, updated_at, started_at, ended_at, run_at, stop_by, idempotency_key, search_id, deleted, fingerprint, params, arguments, error_traceback, result) VALUES ('01970000-0000-7000-8000-000000000003', 'headway', 'character_generation', 'character_generation', NULL, 'Portrait of Cy', 'queued', 9, 1, 2, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, '2026-11-27T10:45:06.731394Z', '2026-11-27T10:45:06.731394Z', '2026-11-27T10:45:06.731405Z', NULL, NULL, NULL, NULL, NULL, 9, 0, NULL, '{"name":"Cy"}', NULL, NULL, NULL);
INSERT INTO jobs (id, origin, kind, queue, owner, title, status, seq, attempt, max_attempts, progress, message, step, steps, step_name, eta_seconds, error_type, error_message, worker, stalled, log_lines, artifact_count, result_bytes, since, created_at, updated_at, started_at, ended_at, run_at, stop_by, idempotency_key, search_id, deleted, fingerprint, params, arguments, error_traceback, result) VALUES ('01970000-0000-7000-8000-000000000004', 'headway', 'story_generation', 'story_generation', NULL, 'A short story of hope', 'finished', 12, 1, 2, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, 'a-worker', 0, 0, 0, 27, '2026-11-27T10:45:06.740047Z', '2026-11-27T10:45:06.735381Z', '2026-11-27T10:45:06.740105Z', '2026-11-27T10:45:06.739257Z', '2026-11-27T10:45:06.740047Z', NULL, NULL, NULL, 10, 0, NULL, '{"theme":"hope"}', NULL, NULL, '{"title":"Ada and the Sea"}');
