import { type ConfigSnapshot, shownConfig } from "@carapace/config";
import {
  isProtectedKey,
  type KeyPatchProblem,
  type KeyPatchRefusal,
  patchConfigKey,
} from "@carapace/config/write";
import { controlBodies, type Json } from "@carapace/protocol";
import { json } from "../../http/json.ts";
import { readJsonAs } from "../../http/read-json-as.ts";
import type { Route, Visit } from "../../http/route.ts";
import { refused } from "../answers.ts";
import type { ConfigRouteDeps } from "./deps.ts";
import { writableKeys } from "./writable.ts";

/** What a refused write answers (http.md §12.3). */
const statuses: Readonly<Record<KeyPatchProblem, number>> = {
  unhashed: 400,
  stale: 409,
  unparsable: 422,
  invalid: 422,
  forbidden: 403,
  changed: 409,
  busy: 503,
  failed: 500,
};

/** PATCH `/control/config` (http.md §12.3). */
export function configPatchRoute(deps: ConfigRouteDeps): Route {
  return {
    ...{ method: "PATCH", path: "/control/config", family: "control", maxBodyBytes: 262_144 },
    doc: {
      summary: "Set one key of the configuration file, if the file still is the one that was read",
      tag: "control",
      get body() {
        return controlBodies.configPatch;
      },
      get answers() {
        const { refusal, configRefusal, configPatched } = controlBodies;
        return {
          200: { say: "Written.", schema: configPatched },
          400: { say: "No JSON, no path, or no hash.", schema: refusal },
          403: { say: "The key is protected, or may not be written over HTTP.", schema: refusal },
          409: { say: "The file changed since it was read.", schema: refusal },
          422: { say: "The file cannot be parsed, or would not be valid.", schema: configRefusal },
          500: { say: "The file cannot be read or written.", schema: refusal },
          503: { say: "Another program holds the file's lock.", schema: refusal },
        };
      },
    },
    handle: (visit) => patch(visit, deps),
  };
}

async function patch(visit: Visit, deps: ConfigRouteDeps): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const asked = readJsonAs(body.text(), controlBodies.configPatch);
  if (!asked.ok) return refused(400, asked.say);
  const { value } = asked.value;
  const key = asked.value.path.trim();
  const baseHash = asked.value.baseHash ?? undefined;
  if (await isProtectedKey(key)) return refused(403, `${shownName(key)} is protected: edit the file instead`);
  const judge = writableKeys.get(key);
  if (judge === undefined)
    return refused(403, `${shownName(key)} may not be written over HTTP: ${elsewhere}`);
  const { config: settings, path } = deps.config.current();
  const message = judge(value, settings.gateway.hooks.path);
  const problems = message === undefined ? [] : [{ path: `.${key}`, message }];
  const outcome = await patchConfigKey(
    { key, value, baseHash, problems },
    { env: deps.world.env, path, method: "PATCH /control/config", through: "the control API" },
  );
  if (!outcome.ok) return answerRefusal(outcome);
  return await written({ visit, key, value, snapshot: outcome.snapshot }, deps);
}

const elsewhere = "use cara config set, or config.patch over WebSocket";

interface Written {
  readonly visit: Visit;
  readonly key: string;
  readonly value: Json;
  readonly snapshot: ConfigSnapshot;
}

/** Before anybody is told that it is stored, the audit log has it. */
async function written(
  { visit, key, value, snapshot }: Written,
  { state }: ConfigRouteDeps,
): Promise<Response> {
  const actor = visit.peer.ip === "" ? "unknown" : visit.peer.ip;
  const data = { key_path: key, actor, method: "control_api" };
  await state.audit.append({ actor, event: "config_changed", data });
  const applied = { path: key, value, config: shownConfig(snapshot, "api") };
  return json({ ok: true, applied, hash: snapshot.hash });
}

function answerRefusal({ problem, say, issues }: KeyPatchRefusal): Response {
  const status = statuses[problem];
  return refused(status, say, status === 422 ? { issues } : {});
}

/** A key in a sentence; what a caller made up is cut, and its control characters are shown as such. */
function shownName(key: string): string {
  return JSON.stringify(key.slice(0, 128));
}
