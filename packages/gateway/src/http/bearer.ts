/** The text after `Bearer `, trimmed; undefined for none or another scheme. */
export function bearerOf(headers: Headers): string | undefined {
  const header = headers.get("authorization") ?? "";
  return isBearer(header) ? header.slice("Bearer".length).trim() || undefined : undefined;
}

/** The hooks token. A bearer, even a wrong or blank one, is not rescued by the other header (http.md §4.5). */
export function hooksTokenOf(headers: Headers): string | undefined {
  if (isBearer(headers.get("authorization") ?? "")) return bearerOf(headers);
  return headers.get("x-carapace-token")?.trim() || undefined;
}

/** The scheme as it is written, with something behind it or not: the blank at its end does not arrive. */
function isBearer(header: string): boolean {
  return header === "Bearer" || header.startsWith("Bearer ");
}
