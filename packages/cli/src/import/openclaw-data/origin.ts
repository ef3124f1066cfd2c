import { mixOrigins, type Origin } from "@carapace/protocol";

/** Nobody vouches for what another program wrote, its user's words among it (docs/decisions/0014). */
export const imported: Origin = { kind: "imported" };

/** What a model of that program wrote. */
export const importedModel: Origin = mixOrigins("model", [imported]);

/** What a tool of that program gave back. */
export function importedTool(name: string): Origin {
  return mixOrigins("tool", [imported], name.slice(0, 255));
}
