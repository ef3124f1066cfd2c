import { createHash } from "node:crypto";

/**
 * SHA-256 of the files that Clawdbot 2026.1.24-3 and OpenClaw 2026.2.26, 2026.5.28, 2026.7.1 and 2026.9.6 put into a
 * new workspace, without what is left out of a text before it is compared.
 */
const made: ReadonlySet<string> = new Set([
  // IDENTITY.md
  "2b4efe1ad62d1ebd730969659cca74e0673596accac369a412d617f597d0fa90",
  "2ccaf369c813a70df90a7e2f83800b482d6f7e5022320d137151b5fd43342523",
  "485cc2cb0d56f851b445b2ce3f8def33b535868550db082228f88544a0e6b893",
  "9deba0209afb623fd8b38039e5943bba5c1b545e30ed6011470c50deed4c7aaa",
  "bc65d686d4421daaddf39a734858b27d75a6d38573513a5fb83028ab06a43ddb",
  // SOUL.md
  "36ea5d9157979ce51cac0730f4fc4402bbe6944ea8f8e30cfca2ea316e7b7e40",
  "48d7e911d1addb62dee28ff995698d8f214f15d457998bb27cd38156c4f8c498",
  "6994bd562a845bb6a5e21c2b7b5815813d198e7cf8c8baa54bc4b680852d78a8",
  "80325233c54b919fa31038dc70b384cdebfc7e88088790954d49f5857be02194",
  "f4595c15b918e4dda6f8817c66f7f24010a2eb8800f97cdc2c3b965b62d3b1a0",
  // TOOLS.md
  "00a5761f5069cd9b343f64771a72811bf07eb178b401a1ae93e6d3d7ebb7dd17",
  "0977783d1a0fc3a7eedc6fc3b8f973f36edc3ae3eecb88a45142f3b6f22d0d63",
  "3806f5b28c059bfd1a89f9574f13b49771fee01b8faf4afd02c698aaeb4ee163",
  "78b9555b5ebfeeb68c839579eecd8d6059849c4368ac37cb3440e16a9b8d14fe",
  "9750b5d7aa170e3a723c81eb059ca8375d4578209178e712d4bb02e289e779fd",
  // USER.md
  "513bfac983f736616cf0b7216d4cebe797acf9403dd9c8125fee95087ef5d62a",
  "7393024d0a995f40892c9562a92c45383383fb844169c1b94d90a1ec3baeb968",
  "8f6c048d35d48a1461240d96ae1036cfdba03772161f8e38a9f25302be4dacef",
  "f0d3a7f599d4d917a78b25e7eee91e469feae0cb8c573f012fcc13e2035e4df1",
]);

/**
 * Pure. Whether a file of a workspace is still as the program made it: nothing in it is its owner's.
 * @param known Digests of such files, lower-case hex
 */
export function isAsMade(text: string, known: ReadonlySet<string> = made): boolean {
  const body = text.replace(/^---\n[\s\S]*?\n---[^\n]*\n/, "").trim();
  return known.has(createHash("sha256").update(body).digest("hex"));
}
