import { setupProvider } from "@carapace/config/setup";
import { isThisMachine } from "@carapace/fetch/check-url";
import { troubleOf } from "../providers/failures.ts";
import { getJson, type JsonRequest } from "../providers/transport.ts";
import type { Vendor } from "../providers/vendor.ts";
import { readError } from "../providers/vendor-error.ts";
import { failed } from "./base.ts";
import type { LiveCheckDeps, LiveCheckResult } from "./types.ts";

/** A list of a vendor's models may be long; no list is longer than this. */
const maxListBytes = 4 * 1024 * 1024;

/** What a check needs to know of whom it asks, for its words; the key is called after its label unless told. */
export interface Asked
  extends Pick<Vendor, "id" | "secrets" | "ownServer">,
    Partial<Pick<Vendor, "keyName" | "isLocal">> {}

/** What was asked for, or the check's end. */
export type Answer<T = unknown> = { readonly ok: true; readonly body: T } | Failed;

interface Failed {
  readonly ok: false;
  readonly status?: number;
  /** The vendor's words for machines, lower case. */
  readonly tags: string;
  readonly result: LiveCheckResult;
}

/** Asks for a list; what goes wrong is told in the words of a model call, with nothing of the vendor's own. */
export async function askJson(
  url: string,
  request: Pick<JsonRequest, "headers" | "timeoutMs">,
  { asked, deps }: { readonly asked: Asked; readonly deps: LiveCheckDeps },
): Promise<Answer> {
  try {
    const { signal } = deps;
    const body = await getJson(url, {
      ...request,
      maxBytes: maxListBytes,
      ...(signal === undefined ? {} : { signal }),
    });
    return { ok: true, body };
  } catch (error) {
    if (deps.signal?.aborted === true) return cancelled;
    return failedWith(error, { ...asked, isLocal: isThisMachine(new URL(url)) }, deps);
  }
}

const cancelled = {
  ok: false,
  tags: "",
  result: { status: "skip", detail: "The check was stopped." },
} as const;

/** The end of a check which an error decided. */
export function failedWith(error: unknown, asked: Asked, deps: LiveCheckDeps): Failed {
  const { label } = setupProvider(asked.id);
  const vendor = { label, keyName: `the ${label} key`, urlName: "its address", isLocal: false, ...asked };
  const { failure } = troubleOf(error, { vendor, model: "", nowMs: deps.nowMs() });
  const read = readError(error);
  return {
    ok: false,
    ...("status" in read && read.status !== undefined ? { status: read.status } : {}),
    tags: "tags" in read ? read.tags : "",
    result: failedBy(failure.say),
  };
}

/** The end of a check in the words of a failure: behind a colon they say what to do. */
export function failedBy(say: string): LiveCheckResult {
  const [detail = say, ...rest] = say.split(/: (?=[a-z])/);
  return failed(sentence(detail), rest.length === 0 ? undefined : capital(rest.join(": ")));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
