/** `gateway.hooks.path` as it is served: a slash before it, none behind; `/hooks` if nothing is left (http.md §1). */
export function hooksBase(path: string): string {
  const plain = path.trim().replace(/\/$/, "");
  if (plain === "") return "/hooks";
  return plain.startsWith("/") ? plain : `/${plain}`;
}
