import {
  eventContracts,
  failures,
  laterMethods,
  methodContracts,
  protocolRange,
  wireLimits,
} from "@carapace/protocol";
import { z } from "zod";
import { code, heading, table } from "./page.ts";

/** The WebSocket methods, events, error codes and limits of this version. */
export function protocolPage(): string {
  const methods = Object.entries(methodContracts).map(([name, contract]) => [
    code(name),
    contract.access,
    shape(contract.params, "input"),
    contract.summary,
  ]);
  const events = Object.entries(eventContracts).map(([name, contract]) => [
    code(name),
    `${contract.audience}${"scope" in contract && contract.scope !== undefined ? `, ${String(contract.scope)}` : ""}`,
    shape(contract.payload, "output"),
    contract.summary,
  ]);
  return [
    ...heading(
      "Protocol",
      `WebSocket at \`/ws\`, protocol ${protocolRange.min} to ${protocolRange.max}; one JSON object per text frame. An operator needs the scope \`operator.<access>\`; \`operator.admin\` has them all, \`write\` includes \`read\`.`,
    ),
    "## Methods",
    "",
    ...table(["Method", "Access", "Params", "What it does"], methods),
    `Known to the contract and refused with \`not_in_this_version\` for now: ${laterMethods.map(code).join(", ")}.`,
    "",
    "## Events",
    "",
    ...table(["Event", "Goes to", "Payload", "When"], events),
    "## Errors",
    "",
    "`error` of a response is `{code, message, retryable, details?}`.",
    "",
    ...table(
      ["Failure", "Code on the wire", "HTTP status", "Worth a retry"],
      Object.entries(failures).map(([name, facts]) => [
        code(name),
        code(facts.wire),
        String(facts.http),
        facts.retry ? "yes" : "no",
      ]),
    ),
    "## Limits",
    "",
    ...table(
      ["Limit", "Value"],
      Object.entries(wireLimits).map(([name, value]) => [code(name), String(value)]),
    ),
  ].join("\n");
}

/** The keys of an object schema, optional ones marked with `?`. */
function shape(schema: z.ZodType, io: "input" | "output"): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  if (json.properties === undefined) return json.type === "array" ? "list" : "";
  const required = new Set(json.required ?? []);
  return Object.keys(json.properties)
    .map((key) => code(required.has(key) ? key : `${key}?`))
    .join(" ");
}
