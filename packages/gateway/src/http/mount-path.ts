/**
 * A configured path as it is served: trimmed, with a slash before it and none behind; the fallback if nothing is left
 * (http.md §1). All outer slashes go: `//x` would lead to another host. It is encoded as clients send it; what the server
 * would read as a pattern is encoded, too. Pure.
 */
export function mountPath(configured: string, fallback: string): string {
  const { pathname } = new URL(`http://localhost/${configured.trim().replace(/^[/\\]+/, "")}`);
  const name = pathname.replace(/^\/+|\/+$/g, "").replace(/[:*]/g, encodePattern);
  return name === "" ? fallback : `/${name}`;
}

function encodePattern(character: string): string {
  return character === ":" ? "%3A" : "%2A";
}
