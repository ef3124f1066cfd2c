export type PathMatch =
  | { readonly kind: "match"; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "none" }
  /** Its percent-encoding is no UTF-8, or stands for a control character. */
  | { readonly kind: "undecodable" };

/**
 * Reads the parameters of a path that the server matched with a pattern; the tail of `/*` is called `*`. The server
 * matches the path as it was sent, `pathname` is what it means once `..` is taken out: where the two differ it is no
 * match, so that nobody can be let in under one path and served under another.
 */
export function matchPath(pattern: string, pathname: string): PathMatch {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  const hasTail = wanted.at(-1) === "*";
  if (hasTail ? given.length < wanted.length : given.length !== wanted.length) return { kind: "none" };
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const isTail = hasTail && at === wanted.length - 1;
    const raw = isTail ? given.slice(at).join("/") : (given[at] ?? "");
    const text = decoded(raw);
    if (text === undefined) return { kind: "undecodable" };
    if (isTail) params["*"] = text;
    else if (part.startsWith(":")) params[part.slice(1)] = text;
    else if (raw !== part) return { kind: "none" };
  }
  return { kind: "match", params };
}

function decoded(raw: string): string | undefined {
  try {
    const text = decodeURIComponent(raw);
    return /[\u0000-\u001f\u007f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
