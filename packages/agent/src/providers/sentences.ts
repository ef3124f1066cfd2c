import type { ProviderFailureCode } from "../types.ts";
import type { TransportFault } from "./transport-error.ts";
import type { Vendor } from "./vendor.ts";

/** What a sentence may speak of. Nothing here holds a key or an address. */
interface SentenceFacts {
  readonly vendor: Vendor;
  readonly model: string;
  readonly status?: number;
  readonly fault?: TransportFault;
  /** The vendor's wording: read for its kind, never repeated. */
  readonly message: string;
  readonly waitMs?: number;
}

type Sentence = (facts: SentenceFacts) => string;

const another = "choose another with: cara config set agents.defaults.model <provider:model>";

/** What the owner is told of each failure: what is wrong and what to do. */
export const sentences: Readonly<Record<ProviderFailureCode, Sentence>> = {
  auth: ({ vendor, status }) =>
    status === 403
      ? `${vendor.label} does not let this key do that (HTTP 403): check what the account behind ${vendor.keyName} may use.`
      : `${vendor.label} refused the key${http(status)}: check ${vendor.keyName}.`,
  quota: ({ vendor }) =>
    `The account behind ${vendor.keyName} has no credit or quota left at ${within(vendor)}: top it up, or use another provider.`,
  rate_limit: ({ vendor, waitMs }) =>
    `${vendor.label} takes no more requests for now${waitMs === undefined ? "; try again in a minute" : `; try again in ${duration(waitMs)}`}.`,
  overloaded: ({ vendor, status }) =>
    `${vendor.label} is overloaded or has an error of its own${http(status)}; try again in a few minutes.`,
  no_such_model: ({ vendor, model }) =>
    vendor.ownServer !== undefined
      ? `${vendor.label} does not have the model ${model}: ${vendor.ownServer.getModel(model)}`
      : `${vendor.label} has no model ${model}, or the key may not use it: ${another}`,
  context_overflow: ({ model }) =>
    `The conversation is too long for ${model}: start a new one (/new, or cara chat --new), or use a model with a larger context.`,
  content_filter: ({ vendor }) =>
    `${vendor.label} declined to answer on grounds of its content rules: put it differently, or use another model.`,
  bad_request: (facts) => badRequest(facts),
  network: (facts) => network(facts),
  timeout: ({ vendor, fault, status }) =>
    fault === "idle_timeout"
      ? `${vendor.label} stopped in the middle of its answer; try again.`
      : `${vendor.label} did not answer in time${http(status)}; try again.`,
  bad_response: (facts) => badResponse(facts),
};

function badRequest({ vendor, model, status, message }: SentenceFacts): string {
  if (/inference profile/i.test(message))
    return `${vendor.label} serves ${model} through an inference profile only: put the group of your region before its name, as in ${vendor.id}:us.${model}`;
  if (/does(?:n't| not) support tool/i.test(message))
    return `The model ${model} cannot use tools: ${another}`;
  if (status === 404)
    return `${capital(api(vendor))} is not at the address it was asked at (HTTP 404): check ${vendor.urlName}.`;
  return `${vendor.label} did not accept the request${http(status)}; its reason is in the log: cara logs`;
}

function network({ vendor, fault }: SentenceFacts): string {
  if (fault === "certificate") {
    return `The certificate of ${server(vendor)} is not valid: check ${vendor.urlName} and the clock of this machine.`;
  }
  if (fault === "reset") return `The connection to ${within(vendor)} broke off; try again.`;
  if (vendor.isLocal) {
    const start = vendor.ownServer?.start ?? `check ${vendor.urlName}`;
    return `${vendor.label} does not run on this machine where it is expected: ${start}`;
  }
  return `${vendor.label} cannot be reached: check the internet connection and ${vendor.urlName}.`;
}

function badResponse({ vendor, fault }: SentenceFacts): string {
  if (fault === "redirect") {
    return `The server sends requests for ${within(vendor)} elsewhere, where the key must not go: put the final address into ${vendor.urlName}.`;
  }
  if (fault === "not_a_stream") return `What answers is not ${api(vendor)}: check ${vendor.urlName}.`;
  return `${vendor.label} sent an answer that cannot be read; try again, and see: cara logs`;
}

/** Its name in the middle of a sentence. */
function within({ label }: Pick<Vendor, "label">): string {
  return label.replace(/^The /, "the ");
}

function server({ label }: Pick<Vendor, "label">): string {
  return label.startsWith("The ") ? within({ label }) : `the ${label} server`;
}

function api({ label }: Pick<Vendor, "label">): string {
  return `the ${label.replace(/^The | server$/g, "")} API`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function http(status: number | undefined): string {
  return status === undefined ? "" : ` (HTTP ${status})`;
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
