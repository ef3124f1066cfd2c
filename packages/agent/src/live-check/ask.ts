import type { Secret } from "@carapace/config";
import { troubleOf } from "../providers/failures.ts";
import { getJson, type JsonRequest } from "../providers/transport.ts";
import type { Vendor } from "../providers/vendor.ts";
import { readError } from "../providers/vendor-error.ts";
import type { ProviderFailureCode } from "../types.ts";
import type { LiveCheckDeps, LiveCheckResult } from "./types.ts";

/** A list of a vendor's models may be long; no list is longer than this. */
const maxListBytes = 4 * 1024 * 1024;

/** What a check needs to know of whom it asks, for its words. */
export interface Asked {
  readonly id: Vendor["id"];
  readonly label: string;
  readonly secrets: readonly Secret[];
  /** Default: the key of that name. */
  readonly keyName?: string;
  readonly isLocal?: boolean;
  readonly ownServer?: Vendor["ownServer"];
}

/** What was asked for, or the check's end. */
export type Answer<T = unknown> = { readonly ok: true; readonly body: T } | Failed;

interface Failed {
  readonly ok: false;
  readonly code: ProviderFailureCode | "cancelled";
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
    return failedWith(error, asked, deps);
  }
}

const cancelled = {
  ok: false,
  code: "cancelled",
  tags: "",
  result: { status: "skip", detail: "The check was stopped." },
} as const;

/** The end of a check which an error decided. */
export function failedWith(error: unknown, asked: Asked, deps: LiveCheckDeps): Failed {
  const vendor: Vendor = {
    ...{ id: asked.id, label: asked.label, secrets: asked.secrets },
    ...{
      keyName: asked.keyName ?? `the ${asked.label} key`,
      urlName: "its address",
      isLocal: asked.isLocal === true,
    },
    ...(asked.ownServer === undefined ? {} : { ownServer: asked.ownServer }),
  };
  const { failure } = troubleOf(error, { vendor, model: "", nowMs: deps.nowMs() });
  const [detail, ...rest] = failure.say.split(/: (?=[a-z])/);
  const remediation = rest.join(": ");
  const read = readError(error);
  return {
    ok: false,
    code: failure.code,
    ...("status" in read && read.status !== undefined ? { status: read.status } : {}),
    tags: "tags" in read ? read.tags : "",
    result: {
      status: "fail",
      detail: sentence(detail ?? failure.say),
      ...(remediation === "" ? {} : { remediation: capital(remediation) }),
    },
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
