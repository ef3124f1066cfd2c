import {
  type ConfigSnapshot,
  type ConfigStore,
  configJsonSchema,
  errorsOf,
  type Issue,
  loadConfig,
  type ReloadReport,
  shownFile,
  shownKey,
  warningsOf,
} from "@carapace/config";
import { patchConfig, replaceConfig, validateConfig, type WriteContext } from "@carapace/config/write";
import { isJson, isRecord, type Json, ok, type Result, refuse } from "@carapace/protocol";
import { actorOf } from "../audit/actor.ts";
import { changedKeys } from "../audit/config-changes.ts";
import type { ConnectionView, MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled =
  | "config.get"
  | "config.set"
  | "config.apply"
  | "config.patch"
  | "config.validate"
  | "config.schema"
  | "config.reload";

/** Reading and writing the configuration, always redacted (websocket.md §12.5, config.md §10). */
export function configHandlers({ config, world, log, state }: Services): Pick<MethodHandlers, Handled> {
  const { env } = world;
  const path = () => config.current().path;
  const context = (method: string): WriteContext => ({
    env,
    path: path(),
    method,
    through: "WebSocket config methods",
  });

  async function reload() {
    const report = await config.reload();
    if (report.ok) return ok({ ok: true as const, ...reported(report.value) });
    log.target("config").warn("the configuration was not reloaded", { why: report.say });
    return refuse("unavailable", `config reload failed: ${report.say}`);
  }

  /** Before anybody is told that it is stored, the audit log has it. */
  async function told(
    stored: Result<ConfigSnapshot>,
    { method, connection }: { method: string; connection: ConnectionView },
  ) {
    if (!stored.ok) return stored;
    const actor = actorOf(connection);
    const keyPath = changedKeys(config.current().resolved, stored.value.resolved);
    const data = { key_path: keyPath === "" ? "(none)" : keyPath, actor, method };
    await state.audit.append({ actor, event: "config_changed", data });
    return stored;
  }

  return {
    async "config.get"({ params }) {
      const read = await loadConfig({ env, path: path() });
      return params.key === undefined ? whole(read, config) : oneKey(params.key, read);
    },
    async "config.set"({ params, connection }) {
      const method = "config.set";
      const stored = await replaceConfig(params.raw, params.baseHash, context(method));
      return written(await told(stored, { method, connection }));
    },
    async "config.apply"({ params, connection }) {
      const method = "config.apply";
      const replaced = await replaceConfig(params.raw, params.baseHash, context(method));
      const stored = written(await told(replaced, { method, connection }));
      if (!stored.ok) return stored;
      const reloaded = await reload();
      const outcome = reloaded.ok ? reloaded.value : { ok: false as const, message: reloaded.say };
      return ok({ ...stored.value, reload: outcome });
    },
    async "config.patch"({ params, connection }) {
      const method = "config.patch";
      const stored = await patchConfig(params.raw, params.baseHash, context(method));
      return written(await told(stored, { method, connection }));
    },
    async "config.validate"({ params }) {
      const candidate = candidateFrom(params.raw, params.config);
      if (!candidate.ok) return candidate;
      const checked = await validateConfig(candidate.value, { env, path: path() });
      if (!checked.ok) return checked;
      return ok({ ok: true, valid: true, issues: [], warnings: shown(checked.value.warnings) });
    },
    "config.schema": async () => ok(fileSchema(await configJsonSchema())),
    "config.reload": reload,
  };
}

function whole(read: Result<ConfigSnapshot>, config: ConfigStore) {
  const raw = null;
  if (!read.ok) {
    // The file does not load; what is in force is what loaded last.
    const inForce = config.current();
    const issues = [{ path: "", message: read.say }];
    const { config: values } = shownFile(inForce);
    const { path } = inForce;
    return ok({
      path,
      exists: true,
      raw,
      config: values,
      parsed: {},
      hash: null,
      valid: false,
      issues,
      warnings: [],
    });
  }
  const { path, exists, hash, issues } = read.value;
  const errors = errorsOf(issues);
  return ok({
    path,
    exists,
    raw,
    ...shownFile(read.value),
    valid: errors.length === 0,
    hash,
    issues: shown(errors),
    warnings: shown(warningsOf(issues)),
  });
}

function oneKey(key: string, read: Result<ConfigSnapshot>) {
  return read.ok ? ok({ key, value: shownKey(read.value, key) }) : read;
}

function fileSchema({ $schema, properties, ...rest }: Record<string, unknown>) {
  const known = isRecord(properties) ? properties : {};
  return {
    ...rest,
    $schema: String($schema),
    type: "object" as const,
    additionalProperties: false,
    properties: known,
    knownKeys: Object.keys(known),
  };
}

function candidateFrom(raw: string | undefined, config: unknown): Result<{ raw: string } | { config: Json }> {
  if (raw !== undefined) return ok({ raw });
  if (config === undefined) return refuse("invalid_request", "raw or config is required");
  return isJson(config)
    ? ok({ config })
    : refuse("invalid_request", "config.validate value must be an object");
}

function written(stored: Result<ConfigSnapshot>) {
  if (!stored.ok) return stored;
  return ok({ ok: true as const, path: stored.value.path, config: shownFile(stored.value).config });
}

function reported({ mode, warnings, applied, needsRestart }: ReloadReport) {
  return { mode, warnings: [...warnings], applied: [...applied], needsRestart: [...needsRestart] };
}

function shown(issues: readonly Issue[]) {
  return issues.map(({ path, message }) => ({ path, message }));
}
