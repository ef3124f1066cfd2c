import { z } from "zod";

/** What is wrong with a request first, with its place: `policy.maxTurns: Too big`. Pure. */
export function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "it does not fit";
  const path = z.core.toDotPath(issue.path);
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
