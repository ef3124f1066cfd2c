import { isRecord, JobPayload, type Json, payloadFault } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { shortLine, storable } from "../text.ts";

/** What a job does, and what of it is not taken over. */
export interface ReadPayload {
  /** Its fields as they are stored: those that are not set are not there. */
  readonly payload: StoredPayload;
  readonly notes: readonly string[];
}

type StoredPayload =
  | { readonly kind: "systemEvent"; readonly text: string }
  | ({ readonly kind: "agentTurn"; readonly message: string } & Readonly<Record<string, Json>>);
type Fields = Readonly<Record<string, unknown>>;

/** Channels that this program sends through. */
const channels: ReadonlySet<string> = new Set(["telegram", "discord"]);
const maxMessageBytes = 65_536;

/** Pure. Reads what a job does. @returns a refusal with a predicate for what is not done here */
export function readPayload(job: Fields): Result<ReadPayload> {
  const payload = isRecord(job["payload"]) ? job["payload"] : {};
  switch (payload["kind"]) {
    case "systemEvent":
      return checked({ payload: { kind: "systemEvent", text: textOf(payload["text"]) }, notes: [] });
    case "agentTurn":
      return checked(turnOf(payload, job["delivery"]));
    case "command":
      return refuse("invalid_request", "runs a command of the system, which schedules do not do here");
    case "heartbeat":
      return refuse("invalid_request", "is that program's own heartbeat");
    default:
      return refuse("invalid_request", "does something that there is none of here");
  }
}

function checked(read: ReadPayload): Result<ReadPayload> {
  const fault = payloadFault(JobPayload.parse(read.payload));
  const { payload } = read;
  const isLong = payload.kind === "agentTurn" && Buffer.byteLength(payload.message) > maxMessageBytes;
  if (fault === undefined && !isLong) return ok(read);
  return refuse("invalid_request", isLong ? "has too long a text" : `cannot be kept: ${fault}`);
}

function turnOf(payload: Fields, delivery: unknown): ReadPayload {
  const { thinking, timeoutSeconds, model } = payload;
  const target = deliveryOf(payload, isRecord(delivery) ? delivery : {});
  return {
    payload: {
      kind: "agentTurn",
      message: textOf(payload["message"]),
      ...(isName(thinking) ? { thinking } : {}),
      ...(typeof timeoutSeconds === "number" && timeoutSeconds > 0 ? { timeoutSeconds } : {}),
      ...target.fields,
    },
    notes: [
      ...(isName(model) ? [`its model ${shortLine(model, 80)} is not taken over`] : []),
      ...(target.note === undefined ? [] : [target.note]),
    ],
  };
}

interface Target {
  readonly fields: { readonly deliver?: true; readonly channel?: string; readonly to?: string };
  readonly note?: string;
}

/** Where replies go: beside the payload in newer versions, in it in older ones. */
function deliveryOf(payload: Fields, delivery: Fields): Target {
  const { mode } = delivery;
  const isWebhook = mode === "webhook";
  if (mode !== "announce" && !isWebhook && payload["deliver"] !== true) return { fields: {} };
  const from = mode === undefined ? payload : delivery;
  const [channel, to] = [from["channel"], from["to"]];
  if (isWebhook) return { fields: {}, note: "its replies went to a web address, which is not taken over" };
  if (isName(channel) && channels.has(channel) && isName(to))
    return { fields: { deliver: true, channel, to } };
  const where = isName(channel) && channel !== "last" ? `over ${shortLine(channel, 40)}` : "to the last chat";
  return { fields: {}, note: `its replies went ${where}, which is not taken over` };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= 255 && storable(value) === value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? storable(value) : "";
}
