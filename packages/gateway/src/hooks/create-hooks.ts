import type { Route } from "../http/route.ts";
import { createDeliveryLog } from "./delivery-log.ts";
import { agentDoc, mappedDoc, wakeDoc } from "./docs.ts";
import type { Hooks } from "./hooks.ts";
import { hooksBase } from "./hooks-base.ts";
import { forPath, type HookSettings, mappingsOf, plainPath } from "./mappings/resolve.ts";
import { createOnce } from "./once.ts";
import { createSenderKey } from "./sender.ts";
import { isSigned } from "./signatures/verify.ts";
import type { TransformRunner } from "./transforms/types.ts";
import type { HookDeps, HookDesk } from "./types.ts";

/** What `openHooks` loads. */
export function createHooks(deps: HookDeps): Hooks {
  const log = deps.log.target("hooks");
  const { state, world, config } = deps;
  let runner: Promise<TransformRunner> | undefined;
  const desk: HookDesk = {
    ...deps,
    log,
    carryOut: createOnce({ answers: state.answers, nowMs: world.nowMs }),
    deliveries: createDeliveryLog({
      ...{ deliveries: state.hookDeliveries, world, counted: deps.counted },
      warn: (say, fields) => log.warn(say, fields),
    }),
    senderKey: createSenderKey({ config, settings: state.settings, world }),
    transforms: () => {
      // Most gateways have none.
      runner ??= import("./transforms/runner.ts").then(({ createTransforms }) =>
        createTransforms({ config }),
      );
      return runner;
    },
  };
  return {
    routes: ({ gateway: { hooks } }) => (hooks.enabled ? routesOf(hooks, desk) : []),
    dryRun: async (ask) => (await import("./dry-run.ts")).dryRun(ask, { ...desk, nowMs: world.nowMs }),
  };
}

/** What answers is loaded with the first call: most gateways have no hooks. */
function routesOf(hooks: HookSettings, desk: HookDesk): readonly Route[] {
  const base = hooksBase(hooks.path);
  const common = { method: "POST", maxBodyBytes: hooks.maxBodyBytes, family: "hooks" } as const;
  const mappings = mappingsOf(hooks);
  const isSignedPath = (path: string) => forPath(mappings, path).some(isSigned);
  return [
    {
      ...{ ...common, path: `${base}/wake`, doc: wakeDoc },
      handle: async (visit) => (await import("./wake.ts")).handleWake(visit, desk),
    },
    {
      ...{ ...common, path: `${base}/agent`, doc: agentDoc },
      handle: async (visit) => (await import("./agent.ts")).handleAgent(visit, desk),
    },
    {
      ...{ ...common, path: `${base}/*`, doc: mappedDoc },
      // Whoever signs what he sends needs no token: the mapping itself looks at who calls.
      familyFor: (url) => (isSignedPath(pathBehind(base, url)) ? "webhook" : "hooks"),
      handle: async (visit) => (await import("./mapped.ts")).handleMapped(visit, { desk, mappings }),
    },
  ];
}

/** The path behind the hooks' base, decoded, without outer slashes; empty for one that cannot be decoded. */
function pathBehind(base: string, url: URL): string {
  try {
    return plainPath(decodeURIComponent(url.pathname.slice(base.length)));
  } catch {
    return "";
  }
}
