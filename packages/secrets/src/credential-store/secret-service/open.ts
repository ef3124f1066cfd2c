import { existsSync } from "node:fs";
import type { StoreCalls } from "../../types.ts";
import { busSockets } from "./address.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const openingMs = 2000;
const readyMs = 5000;
// One start asks for a few accounts in a row: the answer to the first holds for all of them.
const freshMs = 100;

/**
 * The Secret Service of the session's bus. Where there is no bus, nothing is loaded to find that out.
 * @returns why it cannot be used, where there is none or its library is missing
 */
export async function openSecretService(env: Environment): Promise<{ calls: StoreCalls } | { why: string }> {
  const isSomewhere = busSockets(env).some((socket) => socket.startsWith("\0") || existsSync(socket));
  if (!isSomewhere) return { why: "no session bus runs here" };
  const { probeSecretService, requireReady } = await import("./probe.ts");
  const state = await probeSecretService(env, openingMs);
  if (state.kind === "absent") return { why: state.why };
  const { loadSecretLibrary } = await import("./library.ts");
  const library = await loadSecretLibrary();
  if (library === undefined) return { why: "libsecret (libsecret-1.so.0) is not installed" };
  const [{ bunSecretsCalls }, { Rest }] = await Promise.all([
    import("../bun-secrets.ts"),
    import("../rest.ts"),
  ]);
  const who = "the Secret Service";
  const rest = new Rest(who);
  if (state.kind === "silent") rest.start();
  let readyAtMs = state.kind === "ready" ? performance.now() : Number.NEGATIVE_INFINITY;
  const ready = async (): Promise<void> => {
    if (performance.now() - readyAtMs < freshMs) return;
    requireReady(await probeSecretService(env, readyMs), rest);
    readyAtMs = performance.now();
  };
  const failed = (): void => {
    readyAtMs = Number.NEGATIVE_INFINITY;
    library.forgetService();
  };
  return { calls: bunSecretsCalls({ who, rest, ready, failed }) };
}
