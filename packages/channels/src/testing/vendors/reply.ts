/** How a vendor's server answers one call. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** Never, until the server is closed. */
  | { readonly kind: "silence" }
  /** It hangs up after it has read the call. */
  | { readonly kind: "break" };

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Extract<Reply, { kind: "answer" }> {
  const all = { "content-type": "application/json", ...headers };
  return { kind: "answer", status, headers: all, body: JSON.stringify(body) };
}

/** A page of something on the way, not of the vendor's API. */
export function page(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  const body = `<html><body><h1>${status}</h1> <a href="https://example.org/bot1:secret">x</a></body></html>`;
  return { kind: "answer", status, headers: { "content-type": "text/html", ...headers }, body };
}

/** What no API answers: success, and then a kilobyte of nothing readable. */
export const garbage: Reply = {
  kind: "answer",
  status: 200,
  headers: { "content-type": "application/json" },
  body: `{"ok":tru\u0000${"\ufffd".repeat(300)}`,
};

/** More than anybody should read of an answer. */
export const huge: Reply = {
  kind: "answer",
  status: 200,
  headers: { "content-type": "application/json" },
  body: `{"ok":true,"result":"${"x".repeat(1024 * 1024)}"}`,
};

export const silence: Reply = { kind: "silence" };
export const breaks: Reply = { kind: "break" };
