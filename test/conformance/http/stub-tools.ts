import type { Tool } from "@carapace/agent";

/** The tools the traces ask for and this version does not have (http.md §18.2). */
export const stubTools: readonly Tool[] = [
  stub("web_search", async () => ({ results: [] })),
  stub("filesystem", async ({ path }) => {
    if (String(path).startsWith("/nonexistent")) throw new Error("no such file");
    return { content: "" };
  }),
  stub("memory", async () => ({ entries: [] })),
];

type Answer = (input: Readonly<Record<string, unknown>>) => Promise<object>;

function stub(name: string, answer: Answer): Tool {
  return {
    name,
    description: `Stands in for ${name}.`,
    inputSchema: { type: "object" },
    effect: "read",
    parse: (input) => ({
      ok: true,
      run: async () => ({
        value: JSON.parse(JSON.stringify(await answer(Object(input)))),
        origin: { kind: "tool", ref: name },
      }),
    }),
  };
}
