// Creates the file named, with its own pid as content, and says whether it was the one: `creator.ts FILE`.
import { readPrivate } from "../reading/read.ts";
import { createPrivate } from "../writing/create.ts";

const path = process.argv[2] ?? "";
const made = createPrivate(path, Buffer.from(`${process.pid}`.repeat(1000)));
const read = readPrivate(path, { maxBytes: 100_000, mode: "refuse" });
const content = read.ok ? Buffer.from(read.value ?? []).toString() : read.say;
process.stdout.write(JSON.stringify({ made: made.ok ? "made" : made.problem, content }));
