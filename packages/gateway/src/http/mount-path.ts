/**
 * A configured path as it is served: trimmed, with a slash before it and none behind; the fallback if nothing is left
 * (http.md §1). All outer slashes go: `//x` would lead to another host. Pure.
 */
export function mountPath(configured: string, fallback: string): string {
  const name = configured.trim().replace(/^\/+|\/+$/g, "");
  return name === "" ? fallback : `/${name}`;
}
