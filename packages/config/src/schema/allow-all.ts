/** Whether a `toolPolicy` is the one short form that works: `allowall`, case and `_` ignored (agent.md §5). */
export function isAllowAll(toolPolicy: string): boolean {
  return toolPolicy.toLowerCase().replaceAll("_", "") === "allowall";
}
