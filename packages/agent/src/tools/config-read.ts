import { isSecretName, redact, redacted } from "@carapace/config/redaction";
import { isRecord, JsonValue } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool, failure, steered } from "./define-tool.ts";

const privateNames = new Set(["auth", "private"]);

/** One value of the effective configuration (agent.md §9.2); whatever stands under a secret name is hidden whole. */
export const configRead = defineTool({
  name: "config_read",
  description:
    "Reads one value of the gateway's configuration by its dotted key, such as agents.defaults.model. Secrets are hidden.",
  effect: "read",
  params: z.strictObject({ key: z.string().min(1).max(1024) }),
  run({ key }, context) {
    const origin = steered(context, "config_read");
    const parts = key.split(".").map((part) => part.trim());
    if (parts.some((part) => part === "")) return failure("The key must be names joined by dots.", origin);
    if (parts.some(isHidden)) return answer({ value: redacted }, origin);
    const value = JsonValue.safeParse(redact(withoutHidden(valueAt(context.config(), parts))));
    return answer({ value: value.success ? value.data : null }, origin);
  },
});

function isHidden(name: string): boolean {
  return privateNames.has(name.toLowerCase()) || isSecretName(name);
}

function valueAt(root: unknown, parts: readonly string[]): unknown {
  let value = root;
  for (const part of parts) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(part) ? value[Number(part)] : undefined;
    else value = isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value ?? null;
}

/** The whole subtree under a hidden name goes, not only the texts in it. */
function withoutHidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHidden);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isHidden(name) ? redacted : withoutHidden(inner)]),
  );
}
