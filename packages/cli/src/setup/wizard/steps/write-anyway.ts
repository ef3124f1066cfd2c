import type { Asker } from "../../../prompt/asker.ts";
import type { Stepped } from "../flow.ts";

/** After a check that failed: back to change it, on all the same, or the end (cli.md §3.10, step 4). */
export async function askWriteAnyway<T>(
  asker: Asker,
  advice: string | undefined,
  value: T,
): Promise<Stepped<T>> {
  const asked = await asker.choose({
    message: ["That did not work. Write it anyway?", ...(advice === undefined ? [] : [advice])].join("\n"),
    options: [
      { value: "change", label: "No: go back and change it" },
      { value: "write", label: "Yes: go on, I know why" },
      { value: "stop", label: "Stop here, nothing is written" },
    ],
  });
  if (asked.kind !== "answer") return asked;
  if (asked.value === "change") return { kind: "back" };
  return asked.value === "stop" ? { kind: "abort" } : { kind: "answer", value };
}
