import {
  type ErrorShape,
  type FailureCode,
  failures,
  isRecord,
  type Refusal,
  refuse,
} from "@carapace/protocol";

/** What the gateway answered to a call, as our code for it; unknown codes count as worth a retry or not, as they say. */
export function refusalOf(error: ErrorShape): Refusal {
  const said = error.code.toLowerCase();
  const fallback = error.retryable === true ? "unavailable" : "invalid_request";
  return refuse(isFailureCode(said) ? said : fallback, error.message, error.details);
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failures, code);
}

/** A refused `connect` in words that say what to do (cli.md §2.4). */
export function connectRefusal(refusal: Refusal): Refusal {
  if (refusal.code === "not_paired") return pairingRefusal(refusal);
  if (refusal.say.startsWith("unauthorized"))
    return refuse(
      "unauthorized",
      `The gateway did not accept the credentials (${refusal.say.replace(/[.\s]+$/, "")}). Set CARAPACE_GATEWAY_TOKEN or CARAPACE_GATEWAY_PASSWORD to what the gateway uses.`,
      refusal.details,
    );
  const why = refusal.say.replace(/[.\s]+$/, "");
  return refuse(refusal.code, `The gateway refused the connection: ${why}.`, refusal.details);
}

function pairingRefusal(refusal: Refusal): Refusal {
  if (refusal.say.startsWith("device identity required"))
    return refuse(
      "not_paired",
      "The gateway wants a device identity. Show one, or set gateway.auth.token and connect from its own machine.",
    );
  const requestId = requestIdIn(refusal.details);
  const approve = `cara devices approve${requestId === undefined ? "" : ` ${requestId}`}`;
  return refuse(
    "not_paired",
    `This device is not paired with the gateway yet (pairing required). On the gateway's own machine run: ${approve}. Then try again here, within the hour.`,
    requestId === undefined ? undefined : { requestId },
  );
}

/** The pairing request's id, from either of the two places gateways put it. */
function requestIdIn(details: unknown): string | undefined {
  if (!isRecord(details)) return undefined;
  const inner = isRecord(details["details"]) ? details["details"]["requestId"] : undefined;
  const id = details["requestId"] ?? inner;
  // Shown in a terminal, as a word of a command: only what an id can be, and no option such as --yes.
  return typeof id === "string" && /^\w[\w.:-]{0,127}$/.test(id) ? id : undefined;
}

/** The connection ended while something was still expected of it. */
export function lostConnection(close: { readonly code: number; readonly reason: string }): Refusal {
  const why = close.reason === "" ? `code ${close.code}` : `${close.code} ${close.reason}`;
  return refuse("unavailable", `The connection to the gateway has ended (${why}).`);
}

/**
 * The socket never opened.
 * @param failure The runtime's word for it, which tells encryption and a refused upgrade from silence; may be empty.
 */
export function unreachable(host: string, failure: string): Refusal {
  const status = /status code: (\d{3})/.exec(failure)?.[1];
  if (status === "503")
    return refuse("unavailable", `The gateway at ${host} takes no more connections now. Try again later.`);
  if (status !== undefined)
    return refuse(
      "unavailable",
      `What answers at ${host} is no gateway (HTTP ${status}). Check host and port.`,
    );
  if (failure.includes("TLS handshake failed"))
    return refuse(
      "unavailable",
      `No encrypted connection to ${host}: its certificate is not trusted (--trust accepts it unchecked), or it does not speak TLS.`,
    );
  if (failure !== "" && !failure.includes("Failed to connect"))
    return refuse(
      "unavailable",
      `What holds the port at ${host} is no gateway, or one that stands still. End it, or choose another port.`,
    );
  return refuse(
    "unavailable",
    `No gateway answers at ${host}. Start it with \`cara start\`, or check host and port.`,
  );
}

export function timedOut(what: string, timeoutMs: number): Refusal {
  return refuse("unavailable", `The gateway did not answer ${what} within ${timeoutMs / 1000} s.`);
}

export function cancelled(what: string): Refusal {
  return refuse("unavailable", `Waiting for ${what} was cancelled.`);
}
