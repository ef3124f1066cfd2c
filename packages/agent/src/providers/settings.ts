import { type ConfigSnapshot, type Secret, secretOf } from "@carapace/config";
import { checkUrl, isThisMachine } from "@carapace/fetch/check-url";
import { isRecord, ok, type Result, refuse } from "@carapace/protocol";

/** Where provider settings come from. */
export type ProviderSource = Pick<ConfigSnapshot, "lookup" | "resolved">;

/** A setting as it was found, and what to call it when it is wrong. */
export interface Found {
  readonly text: string;
  /** `OPENAI_API_KEY`, or `openai.apiKey`. */
  readonly name: string;
}

/** Reads one setting: environment first, then config (agent.md §3, config.md §12). Blank is absent, blanks around go. */
export function find(source: ProviderSource, variables: readonly string[], path: string): Found | undefined {
  for (const name of variables) {
    const text = source.lookup(name)?.trim();
    if (text) return { text, name };
  }
  const value = valueAt(source, path);
  return typeof value === "string" && value.trim() !== "" ? { text: value.trim(), name: path } : undefined;
}

/** The config's value at a dotted path, without defaults. */
export function valueAt(source: ProviderSource, path: string): unknown {
  let value: unknown = source.resolved;
  for (const name of path.split(".")) value = isRecord(value) ? value[name] : undefined;
  return value;
}

/** A key that can stand in a header; refused if it cannot, as a pasted line break or curly quote would never work. */
export function keyFrom(found: Found | undefined): Result<Secret | undefined> {
  if (found === undefined) return ok(undefined);
  if (/^[\x21-\x7e]{1,4096}$/.test(found.text)) return ok(secretOf(found.text));
  return refuse(
    "invalid_request",
    `${found.name} holds characters that no key has: copy the key once more, in one piece`,
  );
}

/** A value that can stand in a header. */
export function headerFrom(found: Found | undefined): Result<string | undefined> {
  if (found === undefined) return ok(undefined);
  if (/^[\x20-\x7e]{1,1024}$/.test(found.text)) return ok(found.text);
  return refuse(
    "invalid_request",
    `${found.name} cannot be sent as a header: use plain ASCII text of one line`,
  );
}

/**
 * A base URL, checked (agent.md §3): https; http on this machine only, unless `allowHttp`.
 * @returns it without trailing slashes and without a last `/v1`, which each provider puts behind it anyway.
 */
export function baseUrlFrom(found: Found, allowHttp: boolean): Result<string> {
  const bad = (why: string) => refuse("invalid_request", `${found.name} ${why}`);
  if (!URL.canParse(found.text))
    return bad("is not an address: write it as https://host or https://host/path");
  const url = new URL(found.text);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (!isWeb || (url.protocol === "http:" && !allowHttp && !isThisMachine(url))) {
    return bad(
      `must start with https:// (http:// is allowed ${allowHttp ? "too" : "for this machine only"})`,
    );
  }
  if (url.username !== "" || url.password !== "")
    return bad("must not hold a user name or a password: use the key setting");
  if (isNobodysModel(url)) {
    return bad(
      "leads to an address where no model answers (of the local link, of a cloud's metadata, or reserved): write the " +
        "host of the vendor or of your own server",
    );
  }
  if (url.search !== "" || url.hash !== "") return bad("must end with its path: nothing after ? or #");
  return ok(`${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/v1$/, ""));
}

/** Private networks are the owner's to name; the places where clouds hand out credentials are not (http.md §14). */
function isNobodysModel(url: URL): boolean {
  const checked = checkUrl(url.href, { schemes: ["http", "https"], allowPrivate: true });
  return !checked.ok && checked.reason === "blocked_address";
}
