/** What the page is told of where it runs (http.md §13). */
export interface PageFacts {
  readonly basePath: string;
  readonly assistantName: string;
  /** A path, a URL or a data URI; empty: none. */
  readonly assistantAvatar: string;
  /** Empty where no token is asked for. */
  readonly csrfCookie: string;
  readonly csrfHeader: string;
}

/** Puts the facts into the page's meta tags, escaped for attributes; relative paths lead to the base from anywhere. */
export function fillPage(html: string, facts: PageFacts): string {
  const values: Readonly<Record<string, string>> = {
    __CARAPACE_CONTROL_UI_BASE_PATH__: facts.basePath,
    __CARAPACE_ASSISTANT_NAME__: facts.assistantName,
    __CARAPACE_ASSISTANT_AVATAR__: facts.assistantAvatar,
    __CARAPACE_CSRF_COOKIE__: facts.csrfCookie,
    __CARAPACE_CSRF_HEADER__: facts.csrfHeader,
  };
  // One pass: what stands in for a placeholder may look like another.
  const filled = html.replace(/__CARAPACE_[A-Z_]+?__/g, (name) => escapeAttribute(values[name] ?? name));
  const hasBase = /<base\s/i.test(filled);
  return hasBase
    ? filled
    : filled.replace(/<head[^>]*>/i, (head) => `${head}<base href="${escapeAttribute(facts.basePath)}/">`);
}

function escapeAttribute(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    '"': "&quot;",
    "'": "&#39;",
    "<": "&lt;",
    ">": "&gt;",
  };
  return text.replace(/[&"'<>]/g, (character) => entities[character] ?? character);
}
