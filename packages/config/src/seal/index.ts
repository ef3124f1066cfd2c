export { lockConfig } from "../write/locked.ts";
export type { ResealedText } from "./rekey.ts";
export { rekeyConfig, resealedText } from "./rekey.ts";
export type { SealReport } from "./seal-file.ts";
export { sealConfig } from "./seal-file.ts";
