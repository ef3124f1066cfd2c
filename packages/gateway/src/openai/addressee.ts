import { invalid } from "./errors.ts";
import type { Read } from "./question/types.ts";

/** Who is asked (http.md §11 *Better*): a model as it is, or an agent with its prompt, tools and memory. */
export type Addressee =
  | { readonly kind: "model"; readonly model: string }
  | { readonly kind: "route"; readonly route: string }
  | {
      readonly kind: "agent";
      /** Absent: the default one. */
      readonly agentId?: string;
      /** Instead of its own. */
      readonly model?: string;
      /** Whether the request says more than `carapace`. */
      readonly isNamed: boolean;
    };

/** Pure. The agent's header comes before the model's name. */
export function addresseeOf(model: string, headers: Headers): Read<Addressee> {
  const header = (headers.get("x-carapace-agent-id") ?? headers.get("x-carapace-agent"))?.trim();
  const named = namedIn(model);
  if (!header) return named;
  if (header.length > 255) return { ok: false, error: invalid("an agent's id has at most 255 characters") };
  if (!named.ok) return named;
  const own = named.value.kind === "model" ? { model: named.value.model } : {};
  return { ok: true, value: { kind: "agent", agentId: header, ...own, isNamed: true } };
}

function namedIn(model: string): Read<Addressee> {
  const name = model.trim();
  if (name.toLowerCase() === "carapace") return { ok: true, value: { kind: "agent", isNamed: false } };
  const [, prefix = "", id = ""] = /^(carapace|agent|route):(.*)$/is.exec(name) ?? [];
  if (prefix === "") return { ok: true, value: { kind: "model", model: name } };
  if (id.trim() === "") return { ok: false, error: invalid(`"${prefix}:" needs an id behind it`, "model") };
  return prefix.toLowerCase() === "route"
    ? { ok: true, value: { kind: "route", route: id.trim() } }
    : { ok: true, value: { kind: "agent", agentId: id.trim(), isNamed: true } };
}
