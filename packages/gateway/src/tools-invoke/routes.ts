import { once } from "@carapace/protocol";
import { z } from "zod";
import type { Route, RouteDoc, RouteSource, Visit } from "../http/route.ts";
import type { ToolsInvokeDeps } from "./deps.ts";

/** The routes by which programs use tools (http.md §10); what answers is loaded with the first call. */
export function createToolsInvoke(deps: ToolsInvokeDeps): { readonly routes: RouteSource } {
  const invoke: Route = {
    ...{ method: "POST", path: "/tools/invoke", family: "tools", maxBodyBytes: 262_144 },
    // A tool has a minute of its own.
    timeoutSeconds: 90,
    doc: {
      ...doc("Use a tool of the assistant"),
      get body() {
        return toolCall();
      },
    },
    handle: async (visit: Visit) => (await import("./invoke.ts")).invoke(visit, deps),
  };
  const list: Route = {
    ...{ method: "GET", path: "/tools", family: "tools" },
    doc: doc("List the tools that may be used"),
    handle: async (visit: Visit) => (await import("./list.ts")).listTools(visit, deps),
  };
  return { routes: (settings) => [{ ...invoke, maxBodyBytes: settings.gateway.hooks.maxBodyBytes }, list] };
}

const toolCall = once(() =>
  z.object({
    tool: z.string().describe("Its name, in any case."),
    action: z.string().optional().describe("Written into the arguments."),
    args: z.record(z.string(), z.unknown()).optional(),
    sessionKey: z.string().default("main").describe("The conversation whose agent's policy holds."),
    dryRun: z.boolean().default(false).describe("Check everything, do nothing."),
  }),
);

function doc(summary: string): RouteDoc {
  return {
    summary,
    tag: "Tools",
    answers: {
      200: { say: "The result" },
      400: { say: "The request is wrong, or the tool failed" },
      401: { say: "No credential" },
      404: { say: "There is no such tool, or its agent may not use it" },
    },
  };
}
