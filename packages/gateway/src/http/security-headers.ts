/** Headers of every answer that is not a page (http.md §3.4): nothing in it may be run, framed, sniffed or kept. */
export const apiHeaders = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "X-XSS-Protection": "1; mode=block",
  "Permissions-Policy":
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

/** Puts the security headers on an answer, over whatever its route set. */
export function secured(response: Response): Response {
  for (const [name, value] of Object.entries(apiHeaders)) response.headers.set(name, value);
  return response;
}
