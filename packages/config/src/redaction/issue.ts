import type { Issue } from "../types.ts";

/** An issue without secrets: it may quote a value, and name a key or a file that is one. */
export function redactIssue(issue: Issue, clean: (text: string) => string): Issue {
  const { at } = issue;
  return {
    ...issue,
    path: clean(issue.path),
    message: clean(issue.message),
    ...(at && { at: { ...at, file: clean(at.file) } }),
  };
}
