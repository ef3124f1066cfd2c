import { type ConfigSnapshot, errorsOf, loadConfig, shownConfig } from "@carapace/config";
import { configFileHash } from "@carapace/config/write";
import { controlBodies } from "@carapace/protocol";
import { definedOnly } from "../../defined-only.ts";
import { json } from "../../http/json.ts";
import type { Route } from "../../http/route.ts";
import type { ConfigRouteDeps } from "./deps.ts";

/** GET `/control/config` (http.md §12.3): the file as it is now, over every default, redacted. */
export function configReadRoute(deps: ConfigRouteDeps): Route {
  return {
    ...{ method: "GET", path: "/control/config", family: "control" },
    doc: {
      summary: "Read the configuration, redacted, and the hash that a change needs",
      tag: "control",
      get answers() {
        return { 200: { say: "The configuration.", schema: controlBodies.config } };
      },
    },
    handle: () => readConfig(deps),
  };
}

async function readConfig({ config, world }: ConfigRouteDeps): Promise<Response> {
  const inForce = config.current();
  const read = await loadConfig({ env: world.env, path: inForce.path });
  if (read.ok) return shown(read.value, { hash: read.value.hash ?? undefined, issues: issuesOf(read.value) });
  // The file does not load; what is in force is what loaded last.
  const issues = [{ path: "", message: read.say }];
  return shown(inForce, { hash: configFileHash(inForce.path), issues });
}

function issuesOf({ issues }: ConfigSnapshot) {
  const errors = errorsOf(issues).map(({ path, message }) => ({ path, message }));
  return errors.length > 0 ? errors : undefined;
}

interface About {
  readonly hash: string | undefined;
  readonly issues: readonly { readonly path: string; readonly message: string }[] | undefined;
}

function shown(snapshot: ConfigSnapshot, about: About): Response {
  return json({ ok: true, config: shownConfig(snapshot, "api"), ...definedOnly(about) });
}
