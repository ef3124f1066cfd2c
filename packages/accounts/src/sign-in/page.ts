/** What a browser is told at the end of a sign-in. */
export interface ResultPage {
  readonly status: 200 | 400 | 404;
  readonly title: string;
  /** A sentence; may hold what others said, as it is escaped. */
  readonly text: string;
}

/** Nothing may be loaded, run, framed, kept or told to the next page. */
const headers = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** The small page a browser ends at (http.md §12.4, cli.md §3.10). */
export function resultPage({ status, title, text }: ResultPage): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body><h1>${escaped(title)}</h1><p>${escaped(text)}</p></body></html>
`;
  return new Response(html, { status, headers });
}

/** How a sign-in ended, for its browser. */
export function endPage(
  outcome: { readonly ok: true } | { readonly ok: false; readonly say: string },
): Response {
  if (outcome.ok) return resultPage({ status: 200, title: "Signed in", text: "You can close this page." });
  return resultPage({ status: 400, title: "Not signed in", text: `${outcome.say}.` });
}

/** For a browser that came back from another sign-in, or with nothing. */
export function foreignPage(): Response {
  return resultPage({
    status: 400,
    title: "Not signed in",
    text: "This address belongs to no sign-in that waits here. Start again where you began.",
  });
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
