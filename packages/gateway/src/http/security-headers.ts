/** Headers of every answer (http.md §3.4). */
const common = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "X-XSS-Protection": "1; mode=block",
  "Permissions-Policy":
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** Of every answer that is not a page: nothing in it may be run, framed, sniffed or kept. */
export const apiHeaders = {
  ...common,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
} as const;

export interface Secured {
  readonly isPage: boolean;
  /** The connection is encrypted by us; a proxy in front speaks for itself. */
  readonly isTls: boolean;
  /** The `Host` the page was called by. */
  readonly host: string | null;
}

/** Puts the security headers on an answer, over whatever its route set. */
export function secure(response: Response, { isPage, isTls, host }: Secured): Response {
  const { headers } = response;
  // An answer may say less of where it is, never more.
  const isSilent = headers.get("Referrer-Policy") === "no-referrer";
  if (isPage) {
    for (const [name, value] of Object.entries(common)) headers.set(name, value);
    headers.set("Content-Security-Policy", pagePolicy(host, isTls));
  } else {
    // Readers of events know `no-cache` (http.md §11.1); what is streamed is kept nowhere anyway.
    const caching = headers.get("Content-Type")?.startsWith("text/event-stream") ? "no-cache" : "no-store";
    for (const [name, value] of Object.entries(apiHeaders)) headers.set(name, value);
    headers.set("Cache-Control", caching);
  }
  if (isSilent) headers.set("Referrer-Policy", "no-referrer");
  if (isTls) headers.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  return response;
}

/** The socket is named beside `'self'`: older browsers do not count ws: as the same place. */
function pagePolicy(host: string | null, isTls: boolean): string {
  const socket =
    host !== null && /^[a-z0-9.:[\]-]+$/i.test(host) ? ` ${isTls ? "" : `ws://${host} `}wss://${host}` : "";
  return (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    `connect-src 'self'${socket}; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'`
  );
}
